package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/keysmith/keysmith/shared/converge"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/trigger"
)

// group runs the protocol once for triggers of one object, and reports.
func (v *invocation) group(ctx context.Context, group []task) ([]outcome.Event, error) {
	start := time.Now()
	res := v.converge(ctx, group)
	v.metrics.puts(res.Puts)
	if res.Passed != "" {
		v.log.InfoContext(ctx, "passed over", "object", group[0].trigger.Object, "why", res.Passed)
	}
	var sent []outcome.Event
	again := res.Again
	for _, d := range res.Drafts {
		for _, t := range addressees(group) {
			e := v.address(d, t)
			if err := v.bus.Send(ctx, e); err != nil {
				again = errors.Join(again, err)
				continue
			}
			sent = append(sent, e)
			v.record(ctx, e, time.Since(start))
		}
	}
	if again == nil && res.Look != "" {
		again = v.converger.Remind(ctx, res.Look)
	}
	if again != nil {
		v.log.WarnContext(ctx, "handing back", "object", group[0].trigger.Object, "correlationId", group[0].trigger.ID, "why", again.Error())
	}
	return sent, again
}

func (v *invocation) converge(ctx context.Context, group []task) converge.Result {
	lead := leading(group)
	switch {
	case lead.Problem != "":
		return v.converger.Refuse(lead, outcome.InvalidPolicy, errors.New(lead.Problem))
	case lead.Inline != nil && !v.config.InlineRequests:
		return v.converger.Refuse(lead, outcome.Guardrail,
			errors.New("this deployment takes no policies in requests (INLINE_REQUESTS=false): store the policy in the bucket and name the object"))
	case lead.Inline != nil:
		job, end := v.converger.Accept(ctx, lead)
		if end != nil {
			return *end
		}
		job.Redelivered = group[0].attempt > 1
		return v.converger.Converge(ctx, job)
	}
	name, err := objectkey.Parse(lead.Object)
	if err != nil {
		return v.converger.Refuse(lead, outcome.BadObjectKey, err)
	}
	job := converge.Job{Name: name, Kind: lead.Kind, DryRun: lead.DryRun}
	for _, t := range group {
		job.Hints = append(job.Hints, t.trigger)
		job.Redelivered = job.Redelivered || t.attempt > 1
	}
	return v.converger.Converge(ctx, job)
}

// leading is the trigger that decides how the group is handled: an upload or a
// request always puts, however many looks came along.
func leading(group []task) trigger.Trigger {
	rank := map[trigger.Kind]int{trigger.Sweep: 1, trigger.LatePut: 2, trigger.Request: 3, trigger.Upload: 3}
	lead := group[0].trigger
	for _, t := range group[1:] {
		if rank[t.trigger.Kind] > rank[lead.Kind] {
			lead = t.trigger
		}
	}
	return lead
}

// addressees are the tasks that get an event of their own: each request, since
// somebody waits for its answer, and one for all other triggers.
func addressees(group []task) []task {
	var to []task
	seen := map[string]bool{}
	for _, t := range group {
		who := ""
		if t.trigger.Kind == trigger.Request {
			who = "request " + t.trigger.ID
		}
		if !seen[who] {
			seen[who] = true
			to = append(to, t)
		}
	}
	return to
}

// record logs and counts an event that the bus took.
func (v *invocation) record(ctx context.Context, e outcome.Event, took time.Duration) {
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
	v.log.LogAttrs(ctx, level, "reported", attrs...)
	v.metrics.outcome(e)
}

func ruleIDs(findings []keypolicy.Finding) []string {
	ids := make([]string, 0, len(findings))
	for _, f := range findings {
		ids = append(ids, f.Rule)
	}
	return ids
}
