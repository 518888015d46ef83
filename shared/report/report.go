// Package report sends the outcomes of a run: it makes of each draft the event
// that answers a trigger, puts it on the bus, and then logs and counts it. What
// is logged as reported was accepted by the bus.
package report

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/keysmith/keysmith/shared/batch"
	"github.com/keysmith/keysmith/shared/converge"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
)

// bus takes events. It returns an error for each; nil means that it has accepted
// the event.
type bus interface {
	SendAll(context.Context, []outcome.Event) []error
}

// counter counts the events that were accepted.
type counter interface {
	Outcome(outcome.Event)
}

// A Reporter reports the outcomes of one invocation.
type Reporter struct {
	Bus       bus
	Metrics   counter
	Memory    *Memory // of this instance
	Log       *slog.Logger
	Partition string // of the stack, for the ARNs of objects
	Version   string // of keysmith
	TraceID   string // X-Ray's, empty if there is none
}

// Send sends d as the events that answer tasks, except what an earlier attempt
// has told, and returns those that the bus accepted. The run began at start. The error means that the bus did not accept
// all of them in the time that ctx leaves.
func (r *Reporter) Send(ctx context.Context, d converge.Draft, tasks []batch.Task, start time.Time) (accepted []outcome.Event, err error) {
	var events []outcome.Event
	var to []batch.Task
	for _, t := range tasks {
		if e := r.address(d, t); !r.Memory.silent(d, e, t) {
			events, to = append(events, e), append(to, t)
		}
	}
	for i, failed := range r.Bus.SendAll(ctx, events) {
		if failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		accepted = append(accepted, events[i])
		r.Memory.keep(events[i], to[i])
		r.record(ctx, events[i], time.Since(start))
	}
	return accepted, err
}

// record logs and counts an event that the bus accepted.
func (r *Reporter) record(ctx context.Context, e outcome.Event, took time.Duration) {
	data := e.Detail.Data
	attrs := []slog.Attr{
		slog.String("outcome", string(e.Type)), slog.String("correlationId", e.Detail.Metadata.CorrelationID),
		slog.String("event", e.Detail.Metadata.ID), slog.Bool("changed", data.Changed),
		slog.Int64("durationMs", took.Milliseconds()),
	}
	if data.Key != nil {
		attrs = append(attrs, slog.String("key", data.Key.ARN))
	}
	if data.Object != nil {
		attrs = append(attrs, slog.String("object", data.Object.Key), slog.String("version", data.Object.VersionID))
	}
	level := slog.LevelInfo
	if data.Error != nil {
		level = slog.LevelWarn
		attrs = append(attrs, slog.String("code", string(data.Error.Code)))
	}
	attrs = append(attrs, slog.Any("rules", ruleIDs(data.Findings)))
	r.Log.LogAttrs(ctx, level, "reported", attrs...)
	r.Metrics.Outcome(e)
}

func ruleIDs(findings []keypolicy.Finding) []string {
	ids := make([]string, 0, len(findings))
	for _, f := range findings {
		ids = append(ids, f.Rule)
	}
	return ids
}
