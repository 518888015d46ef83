package sweep

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"golang.org/x/time/rate"

	"github.com/keysmith/keysmith/shared/trigger"
)

// queueAPI is the part of *sqs.Client that this package calls.
type queueAPI interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
}

const (
	perCall     = 10 // messages, of SQS
	side        = 8  // calls under way at once
	callTimeout = 5 * time.Second
)

// A sender sends reconcile messages, so many a second and no more.
type sender struct {
	api   queueAPI
	queue string // URL
	pace  *rate.Limiter
}

// newSender returns a sender that sends perSecond messages a second, counted
// from now: what a pause of up to half a second left unused is made up for.
func newSender(api queueAPI, queue string, perSecond int) *sender {
	burst := max(perCall, perSecond/2)
	pace := rate.NewLimiter(rate.Limit(perSecond), burst)
	pace.AllowN(time.Now(), burst)
	return &sender{api, queue, pace}
}

// send sends a reconcile of each object. All calls have ended when it returns.
// With an error some may not be sent; objects that SQS does not take at all are
// returned with its reason.
func (s *sender) send(ctx context.Context, objects []string) (refused map[string]string, err error) {
	var calls sync.WaitGroup
	var mu sync.Mutex
	slots := make(chan struct{}, side)
	refused = map[string]string{}
	var errs []error
	for len(objects) > 0 && ctx.Err() == nil {
		some := objects[:min(perCall, len(objects))]
		objects = objects[len(some):]
		if err := s.pace.WaitN(ctx, len(some)); err != nil {
			break
		}
		slots <- struct{}{}
		calls.Go(func() {
			defer func() { <-slots }()
			no, err := s.batch(ctx, some)
			mu.Lock()
			defer mu.Unlock()
			for object, why := range no {
				refused[object] = why
			}
			if err != nil {
				errs = append(errs, err)
			}
		})
		mu.Lock()
		failed := len(errs) > 0
		mu.Unlock()
		if failed {
			break
		}
	}
	calls.Wait()
	return refused, errors.Join(append(errs, ctx.Err())...)
}

// batch makes one call, and again for entries that failed by no fault of their
// own.
func (s *sender) batch(ctx context.Context, objects []string) (refused map[string]string, err error) {
	refused = map[string]string{}
	for try := range attempts {
		if err := pause(ctx, try); err != nil {
			return refused, err
		}
		var failed []types.BatchResultErrorEntry
		if failed, err = s.call(ctx, objects); err != nil {
			continue
		}
		var left []string
		for _, f := range failed {
			i, parseErr := strconv.Atoi(aws.ToString(f.Id))
			switch {
			case parseErr != nil || i < 0 || i >= len(objects):
				return refused, fmt.Errorf("sending reconcile messages: SQS answers about an entry %q that was not sent", aws.ToString(f.Id))
			case f.SenderFault:
				refused[objects[i]] = aws.ToString(f.Code) + ": " + aws.ToString(f.Message)
			default:
				left = append(left, objects[i])
				err = fmt.Errorf("%s: %s", aws.ToString(f.Code), aws.ToString(f.Message))
			}
		}
		if objects = left; len(objects) == 0 {
			return refused, nil
		}
	}
	return refused, fmt.Errorf("sending %d reconcile messages: %w", len(objects), err)
}

func (s *sender) call(ctx context.Context, objects []string) ([]types.BatchResultErrorEntry, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	entries := make([]types.SendMessageBatchRequestEntry, len(objects))
	for i, object := range objects {
		entries[i].Id = aws.String(strconv.Itoa(i))
		entries[i].MessageBody = aws.String(string(trigger.Reconcile(object, trigger.Sweep)))
	}
	out, err := s.api.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &s.queue, Entries: entries})
	if err != nil {
		return nil, err
	}
	return out.Failed, nil
}
