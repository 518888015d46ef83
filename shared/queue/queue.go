// Package queue is a function's own SQS queue: where it sends messages to
// itself, where it decides when a message that it returns comes again, and what
// proves that a message came through it.
package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/keysmith/keysmith/shared/trigger"
)

// api is the part of *sqs.Client that this package calls.
type api interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
	ChangeMessageVisibility(context.Context, *sqs.ChangeMessageVisibilityInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error)
	ChangeMessageVisibilityBatch(context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error)
}

// A Queue is one SQS queue.
type Queue struct {
	api api
	url string
}

// New returns the queue with this URL. An empty URL is for a function that has
// no queue.
func New(api api, url string) *Queue { return &Queue{api, url} }

// URL is the queue's.
func (q *Queue) URL() string { return q.url }

const (
	lateReconcile = 900 // seconds, the longest delay that SQS has
	callTimeout   = 5 * time.Second
)

// Later sends a reconcile of object, which comes when a put that may still land
// must have landed.
func (q *Queue) Later(ctx context.Context, object string) error {
	return q.later(ctx, object, trigger.LatePut)
}

// Again sends a reconcile of object that only compares, which comes when CloudTrail
// must have told who changed a policy.
func (q *Queue) Again(ctx context.Context, object string) error {
	return q.later(ctx, object, trigger.Sweep)
}

func (q *Queue) later(ctx context.Context, object string, reason trigger.Kind) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := q.api.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &q.url, DelaySeconds: lateReconcile,
		MessageBody: aws.String(string(trigger.Reconcile(object, reason))),
	})
	if err != nil {
		return fmt.Errorf("queueing a reconcile of %s: %w", object, err)
	}
	return nil
}

// A Returned is a message that comes again.
type Returned struct {
	QueueARN string // the queue that it says it comes from
	Receipt  string
	Receives int // how often it was received so far
	// NotBefore is when it is of use again; zero: after the usual pause.
	NotBefore time.Time
}

// MaxReceives is how often the queue hands out a message before it becomes a dead
// letter. Backoff is how much later a returned message comes again with each
// receive. Tests compare them with the template, and with the time for which
// errors that usually resolve themselves are tried again.
const (
	MaxReceives = 10
	Backoff     = 30 * time.Second
)

const (
	step    = int(Backoff / time.Second)
	longest = 12 * 60 * 60 // seconds, of SQS
	perCall = 10           // messages, of SQS
)

// Delay lets messages that are returned come again later: each 30 seconds for
// each time that it was received. Without a queue it does nothing. Where it
// fails, the queue's own visibility timeout decides, so it ends with ctx and not
// a moment later.
func (q *Queue) Delay(ctx context.Context, messages []Returned) error {
	if q.url == "" {
		return nil
	}
	var calls sync.WaitGroup
	errs := make([]error, (len(messages)+perCall-1)/perCall)
	for i := range errs {
		some := messages[i*perCall : min((i+1)*perCall, len(messages))]
		calls.Go(func() {
			defer func() {
				if p := recover(); p != nil { // it would end the process, and return every message
					errs[i] = fmt.Errorf("a defect in keysmith: %T", p)
				}
			}()
			errs[i] = q.delay(ctx, some)
		})
	}
	calls.Wait()
	return errors.Join(errs...)
}

// LongestPause is how long a message that is of no use before a certain time stays
// away at most. The time may change meanwhile: another instance may be free.
const LongestPause = 15 * time.Minute

// pause is how many seconds the message stays away.
func (m Returned) pause() int32 {
	if m.NotBefore.IsZero() {
		return int32(min(step*m.Receives, longest)) //nolint:gosec // bounded
	}
	wait := min(max(time.Until(m.NotBefore), 0), LongestPause)
	return int32((wait + time.Second - 1) / time.Second)
}

func (q *Queue) delay(ctx context.Context, messages []Returned) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var entries []types.ChangeMessageVisibilityBatchRequestEntry
	for i, m := range messages {
		if m.Receipt == "" {
			continue
		}
		entries = append(entries, types.ChangeMessageVisibilityBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), ReceiptHandle: aws.String(m.Receipt),
			VisibilityTimeout: m.pause(),
		})
	}
	if len(entries) == 0 {
		return nil
	}
	out, err := q.api.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &q.url, Entries: entries})
	if err != nil {
		return err
	}
	for _, f := range out.Failed {
		return fmt.Errorf("%d of %d messages: %s: %s", len(out.Failed), len(entries), aws.ToString(f.Code), aws.ToString(f.Message))
	}
	return nil
}

// visibility is the queue's own visibility timeout, six times the function's
// timeout. A test compares it with the template.
const visibility = 720 // seconds

// Confirm proves that a message was received from this queue and is still being
// handled: only then does SQS let its receipt handle change the visibility. The
// message stays hidden for the full timeout from now on. Every error means that
// it is not proven.
//
// source is where the message says that it comes from. It is compared with the
// queue, and never asked itself: it may be a queue that somebody made.
func (q *Queue) Confirm(ctx context.Context, source, receipt string) error {
	switch {
	case q.url == "":
		return errors.New("the function has no queue: set APPLY_QUEUE_URL")
	case !q.is(source):
		return fmt.Errorf("the message says that it is from %q, which is not the function's own queue", source)
	case receipt == "":
		return errors.New("the message has no receipt handle")
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := q.api.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: &q.url, ReceiptHandle: &receipt, VisibilityTimeout: visibility,
	})
	if err != nil {
		return fmt.Errorf("asking SQS whether the message is from the function's own queue: %w", err)
	}
	return nil
}

// is reports whether an ARN names this queue. A URL ends in account and name.
func (q *Queue) is(arn string) bool {
	p := strings.Split(arn, ":")
	return len(p) == 6 && p[2] == "sqs" && p[4] != "" && p[5] != "" && strings.HasSuffix(q.url, "/"+p[4]+"/"+p[5])
}
