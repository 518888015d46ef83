package sweep

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"golang.org/x/time/rate"

	"github.com/keysmith/keysmith/shared/target"
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
	// Each account and Region has a pace of its own: perSecond.
	perSecond int
	paces     map[target.Place]*rate.Limiter
}

// newSender returns a sender that sends perSecond messages a second for each
// account and Region.
func newSender(api queueAPI, queue string, perSecond int) *sender {
	return &sender{api: api, queue: queue, perSecond: perSecond, paces: map[target.Place]*rate.Limiter{}}
}

// pace is that of a place, counted from the first call: what a pause of up to half a
// second left unused is made up for.
func (s *sender) pace(p target.Place) *rate.Limiter {
	if s.paces[p] == nil {
		burst := max(perCall, s.perSecond/2)
		s.paces[p] = rate.NewLimiter(rate.Limit(s.perSecond), burst)
		s.paces[p].AllowN(time.Now(), burst)
	}
	return s.paces[p]
}

// A sending is the messages of one chunk under way.
type sending struct {
	*sender
	calls   sync.WaitGroup
	slots   chan struct{}
	mu      sync.Mutex
	refused map[string]string
	errs    []error
}

// send sends a reconcile of each object, beside one another where they are of
// different places. All calls have ended when it returns. With an error some may
// not be sent; objects that SQS does not take at all are returned with its reason.
func (s *sender) send(ctx context.Context, objects []placed) (refused map[string]string, err error) {
	run := &sending{sender: s, slots: make(chan struct{}, side), refused: map[string]string{}}
	var lanes sync.WaitGroup
	for place, names := range byPlace(objects) {
		pace := s.pace(place)
		lanes.Go(func() { run.lane(ctx, pace, names) })
	}
	lanes.Wait()
	run.calls.Wait()
	return run.refused, errors.Join(append(run.errs, ctx.Err())...)
}

// lane sends the messages of one place, until a call of any has failed.
func (s *sending) lane(ctx context.Context, pace *rate.Limiter, objects []string) {
	for len(objects) > 0 && !s.failed() {
		some := objects[:min(perCall, len(objects))]
		objects = objects[len(some):]
		if pace.WaitN(ctx, len(some)) != nil {
			return
		}
		s.slots <- struct{}{}
		s.calls.Go(func() {
			defer func() { <-s.slots }()
			no, err := s.batch(ctx, some)
			s.mu.Lock()
			defer s.mu.Unlock()
			maps.Copy(s.refused, no)
			if err != nil {
				s.errs = append(s.errs, err)
			}
		})
	}
}

func (s *sending) failed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.errs) > 0
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
