package eventsource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

type message = types.Message

// SQS gives and deletes ten messages a call, and lets a receive wait 20 s.
const (
	messagesPerCall = 10
	longPoll        = 20 * time.Second
)

// windowPause is how long an open window waits before it asks again. It asks
// without waiting at the queue: a receive that is cut short could take messages
// along, which would then be seen by nobody until their visibility time-out.
const windowPause = 20 * time.Millisecond

// collect gathers a batch: the first message may take as long as it likes, the
// window opens with it. An error after the first message ends the batch early;
// what is there is to be delivered.
func (m Mapping) collect(ctx context.Context) ([]message, error) {
	batch, err := m.receive(ctx, min(m.BatchSize, messagesPerCall), longPoll)
	if err != nil || len(batch) == 0 {
		return batch, err
	}
	closes := time.Now().Add(m.Window)
	for len(batch) < m.BatchSize && time.Now().Before(closes) && ctx.Err() == nil {
		more, err := m.receive(ctx, min(m.BatchSize-len(batch), messagesPerCall), 0)
		if err != nil {
			return batch, err
		}
		if batch = append(batch, more...); len(more) == 0 {
			time.Sleep(windowPause)
		}
	}
	return batch, nil
}

func (m Mapping) receive(ctx context.Context, most int, wait time.Duration) ([]message, error) {
	out, err := m.Queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:                    &m.QueueURL,
		MaxNumberOfMessages:         int32(most),
		WaitTimeSeconds:             int32(wait / time.Second),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
		MessageAttributeNames:       []string{"All"},
	}, once)
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

// remove deletes messages, all calls at once, and returns how many are gone.
func (m Mapping) remove(ctx context.Context, done []message) (int, error) {
	var mu sync.Mutex
	var calls sync.WaitGroup
	deleted := 0
	var errs []error
	for some := range slices.Chunk(done, messagesPerCall) {
		calls.Go(func() {
			n, err := m.removeSome(ctx, some)
			mu.Lock()
			defer mu.Unlock()
			deleted += n
			errs = append(errs, err)
		})
	}
	calls.Wait()
	return deleted, errors.Join(errs...)
}

func (m Mapping) removeSome(ctx context.Context, some []message) (int, error) {
	out, err := m.Queue.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &m.QueueURL, Entries: deletions(some)})
	if err != nil {
		return 0, fmt.Errorf("deleting from %s: %w", m.QueueURL, err)
	}
	if len(out.Failed) > 0 {
		err = fmt.Errorf("deleting from %s: %d of %d refused, the first with %s", m.QueueURL, len(out.Failed), len(some), *out.Failed[0].Code)
	}
	return len(out.Successful), err
}

func deletions(some []message) []types.DeleteMessageBatchRequestEntry {
	entries := make([]types.DeleteMessageBatchRequestEntry, len(some))
	for i, one := range some {
		id := strconv.Itoa(i)
		entries[i] = types.DeleteMessageBatchRequestEntry{Id: &id, ReceiptHandle: one.ReceiptHandle}
	}
	return entries
}
