// Package invocation is what happens in one call of a Lambda function that
// handles triggers: it reads the payload, runs the protocol for each object, and
// answers Lambda. It connects the stations, so that two functions that handle
// triggers differ by their settings and roles only.
package invocation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/keysmith/keysmith/shared/batch"
	"github.com/keysmith/keysmith/shared/brake"
	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/converge"
	"github.com/keysmith/keysmith/shared/metrics"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/queue"
	"github.com/keysmith/keysmith/shared/report"
	"github.com/keysmith/keysmith/shared/settings"
	"github.com/keysmith/keysmith/shared/status"
	"github.com/keysmith/keysmith/shared/target"
	"github.com/keysmith/keysmith/shared/trigger"
)

// A Handler answers every trigger. Its error means "deliver this again", and
// nothing else; every decision becomes a result event.
type Handler struct {
	settings settings.Settings
	objects  *s3.Client
	reach    *target.Reach
	bus      *outcome.Bus
	queues   queues
	brake    *brake.Brake
	metrics  *metrics.Writer
	told     *report.Memory
	version  string
	jitter   func(time.Duration) time.Duration
	log      *slog.Logger
}

// Invoke answers an SQS batch with the messages that must come again, and every
// other payload with its outcomes.
func (h *Handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	v := h.begin(ctx)
	messages, queued := trigger.Messages(payload)
	if !queued {
		return v.direct(ctx, payload)
	}
	type failure struct {
		ID string `json:"itemIdentifier"`
	}
	answer := struct {
		Failures []failure `json:"batchItemFailures"`
	}{[]failure{}}
	var returned []queue.Returned
	for i, a := range v.all(ctx, messages) {
		if a.Again != nil {
			m := messages[i]
			answer.Failures = append(answer.Failures, failure{m.ID})
			back := queue.Returned{QueueARN: m.QueueARN, Receipt: m.ReceiptHandle, Receives: m.Receives}
			var later *converge.NotBeforeError
			if errors.As(a.Again, &later) {
				back.NotBefore = later.Time
			}
			returned = append(returned, back)
		}
	}
	v.delay(ctx, returned)
	return json.Marshal(answer)
}

// answerTime is the very end of an invocation, in which nothing is done but to
// answer.
const answerTime = time.Second

// delay is best effort: what it does not reach comes again when the queue's own
// visibility timeout ends.
func (v *invocation) delay(ctx context.Context, returned []queue.Returned) {
	ctx, cancel := before(ctx, answerTime)
	defer cancel()
	if err := v.queues.own.Delay(ctx, returned); err != nil {
		v.Log.WarnContext(ctx, "the delay of messages could not be set; they come again when the queue's visibility timeout ends", "messages", len(returned), "err", err)
	}
}

// direct answers a trigger that came without a queue.
func (v *invocation) direct(ctx context.Context, payload []byte) ([]byte, error) {
	a := v.all(ctx, []trigger.Message{{ID: v.RequestID, Body: payload, Sent: time.Now(), Receives: 1, Direct: true}})[0]
	outcomes, err := json.Marshal(struct {
		Outcomes []outcome.Event `json:"outcomes"`
		Ignored  int             `json:"ignored"`
	}{append([]outcome.Event{}, a.Events...), a.Ignored})
	if err != nil {
		return nil, fmt.Errorf("writing the outcomes: %w", err)
	}
	if a.Again != nil {
		return nil, fmt.Errorf("to be delivered again: %w; %s", a.Again, outcomes)
	}
	return outcomes, nil
}

// invocation is one call of the function, with the stations that it goes through.
type invocation struct {
	*Handler
	Call
	converger *converge.Converger
	report    *report.Reporter
}

func (h *Handler) begin(ctx context.Context) *invocation {
	protocol := h.settings.Protocol
	v := &invocation{Handler: h, Call: ReadCall(ctx, protocol.Options.Writer, protocol.Region, h.log)}
	protocol.Partition, protocol.Account = v.Partition, v.Account
	policies := bucket.New(h.objects, h.settings.Bucket, v.Account)
	v.converger = &converge.Converger{
		Bucket: policies, Statuses: &status.Store{Bucket: policies},
		Reach: h.reach, Brake: h.brake, Settings: protocol, Log: v.Log, Jitter: h.jitter,
	}
	if h.queues.later != nil {
		v.converger.Queue = h.queues.later
	}
	v.report = &report.Reporter{
		Bus: h.bus, Metrics: h.metrics, Memory: h.told, Log: v.Log, Partition: v.Partition, Version: h.version, TraceID: v.TraceID,
	}
	return v
}

// errPaused returns every message.
var errPaused = errors.New("keysmith is paused (MODE=paused)")

// all answers messages in their order.
func (v *invocation) all(ctx context.Context, messages []trigger.Message) []batch.Answer {
	if v.settings.Paused {
		answers := make([]batch.Answer, len(messages))
		for i := range answers {
			answers[i].Again = errPaused
		}
		return answers
	}
	runner := &batch.Runner{
		Bucket: v.settings.Bucket, PlanOnly: v.settings.Protocol.PlanOnly, Direct: v.settings.DirectRequests, Target: v.target, Objects: v.objects, Needs: v.converger.Needs(),
		Log: v.Log, Ignored: v.metrics.Ignored, Heartbeat: v.metrics.Heartbeat, Run: v.run,
	}
	return runner.Do(ctx, messages)
}
