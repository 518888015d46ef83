package fakesqs

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

type receiveInput struct {
	QueueUrl              string
	MaxNumberOfMessages   int
	VisibilityTimeout     *int
	WaitTimeSeconds       *int
	MessageAttributeNames []string
	// Two names for one thing; the first is the older one.
	AttributeNames, MessageSystemAttributeNames []string
}

func (s *Service) receiveMessage(ctx context.Context, call *wire.Call, in receiveInput) (any, error) {
	if in.MaxNumberOfMessages < 0 || in.MaxNumberOfMessages > maxBatch {
		return nil, refuse("InvalidParameterValue", "InvalidParameterValue",
			"Value "+strconv.Itoa(in.MaxNumberOfMessages)+" for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.")
	}
	s.mu.Lock()
	q, err := s.target(call, in.QueueUrl)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	wait := q.seconds("ReceiveMessageWaitTimeSeconds")
	s.mu.Unlock()
	if in.WaitTimeSeconds != nil {
		wait = time.Duration(*in.WaitTimeSeconds) * time.Second
	}
	out := []map[string]any{}
	for _, m := range s.poll(ctx, q, in, s.opts.Now().Add(wait)) {
		out = append(out, m.wire(s.opts.Account, in))
	}
	return map[string]any{"Messages": out}, nil
}

// poll returns what is visible, waiting for it until the deadline.
func (s *Service) poll(ctx context.Context, q *queue, in receiveInput, deadline time.Time) []Message {
	for {
		s.mu.Lock()
		got := s.take(q, in, wire.QuirksOf(ctx))
		changed, next := q.changed, q.next()
		s.mu.Unlock()
		now := s.opts.Now()
		if len(got) > 0 || !now.Before(deadline) {
			return got
		}
		until := deadline
		if !next.IsZero() && next.Before(deadline) {
			until = next
		}
		switch sleep(ctx, changed, until.Sub(now)) {
		case cancelled:
			return nil
		case elapsed:
			if until.Equal(deadline) {
				deadline = now // one last look, also under a clock that stands still
			}
		}
	}
}

type reason int

const (
	woken reason = iota
	elapsed
	cancelled
)

func sleep(ctx context.Context, changed <-chan struct{}, d time.Duration) reason {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-changed:
		return woken
	case <-timer.C:
		return elapsed
	case <-ctx.Done():
		return cancelled
	}
}

// take receives what is visible now; the caller holds the lock.
func (s *Service) take(q *queue, in receiveInput, quirks wire.Quirks) []Message {
	now := s.opts.Now()
	q.expire(now)
	hidden := q.seconds("VisibilityTimeout")
	if in.VisibilityTimeout != nil {
		hidden = time.Duration(*in.VisibilityTimeout) * time.Second
	}
	if quirks.Duplicate {
		hidden = 0
	}
	order := slices.Clone(q.messages)
	if quirks.Shuffle {
		s.opts.Source.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	var got []Message
	for _, m := range order {
		if len(got) == max(in.MaxNumberOfMessages, 1) {
			break
		}
		if m.visible.After(now) || s.bury(q, m) {
			continue
		}
		got = append(got, s.deliver(m, now, hidden))
	}
	return got
}

func (s *Service) deliver(m *message, now time.Time, hidden time.Duration) Message {
	if m.received == 0 {
		m.first = now
	}
	m.received++
	m.visible = now.Add(hidden)
	m.receipt = s.opts.Source.Base32(64)
	return Message{
		ID: m.id, Body: m.body, Receipt: m.receipt, ReceiveCount: m.received,
		Sent: m.sent, FirstReceived: m.first, attrs: m.attrs, source: m.source,
	}
}

// bury moves a message that was received too often to the dead-letter queue.
func (s *Service) bury(q *queue, m *message) bool {
	target, limit := q.redrive()
	if limit == 0 || m.received < limit {
		return false
	}
	dead, err := s.lookup(target)
	if err != nil || !dead.letsRedrive(s.arn(q.name)) {
		return false
	}
	q.messages = slices.DeleteFunc(q.messages, func(other *message) bool { return other == m })
	m.receipt, m.visible, m.source = "", s.opts.Now(), s.arn(q.name)
	dead.messages = append(dead.messages, m)
	dead.wake()
	return true
}
