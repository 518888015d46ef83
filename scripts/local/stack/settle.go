package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

// settlePoll is how often the queues are looked at while the function works.
const settlePoll = 10 * time.Millisecond

// Settle waits until everything that was sent has been dealt with, and returns
// the result events. It ends at the first invocation that
// fails; a message that is returned to the queue keeps it waiting, until ctx ends.
func (s *Stack) Settle(ctx context.Context) ([]Result, error) {
	for {
		n, err := s.Waiting(ctx)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return s.Results()
		}
		if err := s.Failures(); err != nil {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for the queue to empty: %w", context.Cause(ctx))
		case <-time.After(settlePoll):
		}
	}
}

// Waiting is how many messages the functions' queues hold: to be done, under
// way, or returned. Those that are delayed are left out: they are for later.
func (s *Stack) Waiting(ctx context.Context) (int, error) {
	client := s.sqsAs(watcherKey)
	n := 0
	for _, queue := range s.sources() {
		out, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
			QueueUrl: &queue.URL,
			AttributeNames: []types.QueueAttributeName{
				types.QueueAttributeNameApproximateNumberOfMessages,
				types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
			},
		})
		if err != nil {
			return 0, fmt.Errorf("counting the messages of %s: %w", queue.Name, err)
		}
		for _, text := range out.Attributes {
			count, _ := strconv.Atoi(text)
			n += count
		}
	}
	return n, nil
}

// Reveal lets the time pass for which messages are hidden that functions returned.
func (s *Stack) Reveal() {
	for _, queue := range s.sources() {
		s.Cloud.SQS.Reveal(queue.Name)
	}
}

// sources are the queues that the functions read.
func (s *Stack) sources() (list []samtemplate.Queue) {
	for _, f := range s.functions {
		for _, source := range f.Sources {
			if queue, ok := s.declared.QueueByARN(source.QueueARN); ok {
				list = append(list, queue)
			}
		}
	}
	return list
}

// A Result is a result event, and the text that the bus took.
type Result struct {
	outcome.Event
	Raw []byte
}

// Results returns the result events that have come since the last call.
func (s *Stack) Results() ([]Result, error) {
	var events []Result
	for _, body := range s.drain(resultQueue) {
		e, err := s.read(body)
		if err != nil {
			return nil, fmt.Errorf("reading a result event: %w", err)
		}
		events = append(events, Result{e, body})
	}
	return events, nil
}

// drain takes all messages off a queue of this stack's own.
func (s *Stack) drain(queue string) (bodies [][]byte) {
	for {
		messages := s.Cloud.SQS.Receive(queue, 10)
		if len(messages) == 0 {
			return bodies
		}
		for _, m := range messages {
			bodies = append(bodies, []byte(m.Body))
			s.Cloud.SQS.Delete(queue, m.Receipt)
		}
	}
}

func (s *Stack) read(body []byte) (outcome.Event, error) {
	var e outcome.Event
	if err := json.Unmarshal(body, &e); err != nil {
		return e, err
	}
	if s.inspect == nil {
		return e, nil
	}
	var raw struct{ Detail json.RawMessage }
	if err := json.Unmarshal(body, &raw); err != nil {
		return e, err
	}
	return e, s.inspect(e.Type, raw.Detail)
}
