package fakesqs

import (
	"context"
	"slices"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

type receiptInput struct {
	QueueUrl          string
	Id                string // in a batch
	ReceiptHandle     string
	VisibilityTimeout int
}

type receiptBatchInput struct {
	QueueUrl string
	Entries  []receiptInput
}

func (e receiptInput) id() string { return e.Id }

func (s *Service) deleteMessage(_ context.Context, call *wire.Call, in receiptInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.target(call, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	return struct{}{}, q.remove(in)
}

func (s *Service) deleteMessageBatch(_ context.Context, call *wire.Call, in receiptBatchInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.target(call, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	return batch(in.Entries, receiptInput.id, func(e receiptInput) (map[string]string, error) { return nil, q.remove(e) })
}

// remove deletes by receipt. An old receipt deletes nothing and is no error:
// SQS promises no more.
func (q *queue) remove(in receiptInput) error {
	if in.ReceiptHandle == "" {
		return refuse("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
	}
	if m := q.byReceipt(in.ReceiptHandle); m != nil {
		q.messages = slices.DeleteFunc(q.messages, func(other *message) bool { return other == m })
	}
	return nil
}

func (s *Service) changeVisibility(_ context.Context, call *wire.Call, in receiptInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.target(call, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	return struct{}{}, s.hide(q, in)
}

func (s *Service) changeVisibilityBatch(_ context.Context, call *wire.Call, in receiptBatchInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.target(call, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	return batch(in.Entries, receiptInput.id, func(e receiptInput) (map[string]string, error) { return nil, s.hide(q, e) })
}

func (s *Service) hide(q *queue, in receiptInput) error {
	now := s.opts.Now()
	m := q.byReceipt(in.ReceiptHandle)
	switch {
	case in.VisibilityTimeout < 0 || in.VisibilityTimeout > 43200:
		return refuse("InvalidParameterValue", "InvalidParameterValue", "VisibilityTimeout must be between 0 and 43200.")
	case m == nil:
		return refuse("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
	case !m.visible.After(now):
		return refuse("MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight", "The message is not in flight.")
	}
	m.visible = now.Add(time.Duration(in.VisibilityTimeout) * time.Second)
	q.wake()
	return nil
}
