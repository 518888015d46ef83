package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/time/rate"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/converge"
	"github.com/keysmith/keysmith/shared/kmskey"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/trigger"
)

// handler answers every trigger. Its error means "deliver this again", and
// nothing else; everything decided becomes a result event.
type handler struct {
	config  config
	objects *s3.Client
	keys    *kmskey.Keys
	bus     *outcome.Bus
	queue   *queue
	puts    *rate.Limiter
	log     *slog.Logger
	metrics *metrics
	jitter  func(time.Duration) time.Duration // nil throws dice
}

// Invoke answers an SQS batch with what is to come again, and everything else
// with its outcomes.
func (h *handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	v := h.invocation(ctx)
	messages, batch := trigger.Messages(payload)
	if !batch {
		return v.direct(ctx, payload)
	}
	type failure struct {
		ID string `json:"itemIdentifier"`
	}
	answer := struct {
		Failures []failure `json:"batchItemFailures"`
	}{[]failure{}}
	for i, a := range v.all(ctx, messages) {
		if a.again == nil {
			continue
		}
		m := messages[i]
		answer.Failures = append(answer.Failures, failure{m.ID})
		if err := h.queue.comeBack(ctx, m.ReceiptHandle, m.Receives); err != nil {
			v.log.WarnContext(ctx, "the message comes back when the queue likes", "message", m.ID, "err", err)
		}
	}
	return json.Marshal(answer)
}

// direct answers a trigger that came without a queue.
func (v *invocation) direct(ctx context.Context, payload []byte) ([]byte, error) {
	a := v.all(ctx, []trigger.Message{{Body: payload, Receives: 1}})[0]
	outcomes, err := json.Marshal(struct {
		Outcomes []outcome.Event `json:"outcomes"`
		Ignored  int             `json:"ignored"`
	}{append([]outcome.Event{}, a.events...), a.ignored})
	if err != nil {
		return nil, fmt.Errorf("writing the outcomes: %w", err)
	}
	if a.again != nil {
		return nil, fmt.Errorf("to be delivered again: %w; %s", a.again, outcomes)
	}
	return outcomes, nil
}

// invocation is what one call of the function knows.
type invocation struct {
	*handler
	converger *converge.Converger
	requestID string
	traceID   string
	log       *slog.Logger
}

// errPaused hands everything back.
var errPaused = errors.New("keysmith is paused (MODE=paused)")

func (h *handler) invocation(ctx context.Context) *invocation {
	v := &invocation{handler: h, log: h.log}
	settings := h.config.Settings
	own := settings.Options.Writer
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		v.requestID = lc.AwsRequestID
		v.log = h.log.With("requestId", v.requestID)
		own = cmp.Or(own, lc.InvokedFunctionArn)
	}
	settings.Partition, settings.Account = owner(own)
	v.traceID, _ = ctx.Value("x-amzn-trace-id").(string) // where aws-lambda-go keeps it
	if settings.Partition == "" {
		settings.Partition = objectkey.Partition(settings.Region)
	}
	v.converger = &converge.Converger{
		Bucket: bucket.New(h.objects, h.config.Bucket, settings.Account),
		Keys:   h.keys, Puts: h.puts, Settings: settings, Log: v.log, Jitter: h.jitter,
	}
	if h.queue.url != "" {
		v.converger.Looks = h.queue
	}
	return v
}

// owner reads the ARN of the function's role, or else its own: this is where
// the stack lives.
func owner(arn string) (partition, account string) {
	p := strings.Split(arn, ":")
	if len(p) < 6 || p[0] != "arn" || !objectkey.IsAccount(p[4]) {
		return "", ""
	}
	return p[1], p[4]
}
