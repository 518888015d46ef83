package fakesqs

import (
	"context"
	"strconv"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

type sendInput struct {
	QueueUrl          string
	Id                string // in a batch
	MessageBody       string
	DelaySeconds      *int
	MessageAttributes map[string]attribute
}

func (s *Service) sendMessage(_ context.Context, call *wire.Call, in sendInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.target(call, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	return s.send(q, in)
}

// send puts a message on the queue; the caller holds the lock.
func (s *Service) send(q *queue, in sendInput) (map[string]string, error) {
	delay := q.seconds("DelaySeconds")
	if in.DelaySeconds != nil {
		delay = time.Duration(*in.DelaySeconds) * time.Second
	}
	limit, _ := strconv.Atoi(q.attrs["MaximumMessageSize"])
	switch {
	case in.MessageBody == "" || len(in.MessageBody) > limit:
		return nil, refuse("InvalidParameterValue", "InvalidParameterValue",
			"One or more parameters are invalid. Reason: Message must have between 1 and "+strconv.Itoa(limit)+" bytes.")
	case delay < 0 || delay > 15*time.Minute:
		return nil, refuse("InvalidParameterValue", "InvalidParameterValue",
			"Value for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.")
	}
	m := s.enqueue(q, in, delay)
	out := map[string]string{"MessageId": m.id, "MD5OfMessageBody": md5Hex(m.body)}
	if len(m.attrs) > 0 {
		out["MD5OfMessageAttributes"] = md5OfAttributes(m.attrs)
	}
	return out, nil
}

func (s *Service) enqueue(q *queue, in sendInput, delay time.Duration) *message {
	now := s.opts.Now()
	m := &message{
		id: s.opts.Source.UUID(), body: in.MessageBody, attrs: in.MessageAttributes,
		sent: now, visible: now.Add(delay),
	}
	q.messages = append(q.messages, m)
	q.wake()
	return m
}

type sendBatchInput struct {
	QueueUrl string
	Entries  []sendInput
}

func (s *Service) sendMessageBatch(_ context.Context, call *wire.Call, in sendBatchInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.target(call, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	return batch(in.Entries, func(e sendInput) string { return e.Id }, func(e sendInput) (map[string]string, error) {
		return s.send(q, e)
	})
}
