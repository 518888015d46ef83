package fakesqs

import (
	"context"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// CreateQueue makes a queue exist and returns its ARN. Attributes are those
// of the API.
func (s *Service) CreateQueue(name string, attrs map[string]string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.create(name, attrs)
	return s.arn(name)
}

// Send puts a message on a queue. It reports false where there is no such
// queue or the queue does not take the body.
func (s *Service) Send(queue, body string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.lookup(queue)
	if err != nil {
		return false
	}
	_, err = s.send(q, sendInput{MessageBody: body})
	return err == nil
}

// SendAfter is Send for a message that turns visible after any delay. It
// makes messages that are late or out of order, and so it knows no limits.
func (s *Service) SendAfter(queue, body string, delay time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.lookup(queue)
	if err != nil {
		return false
	}
	s.enqueue(q, sendInput{MessageBody: body}, delay)
	return true
}

// Receive returns up to limit visible messages without waiting. They stay
// invisible for the queue's visibility time-out.
func (s *Service) Receive(queue string, limit int) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.lookup(queue)
	if err != nil {
		return nil
	}
	return s.take(q, receiveInput{MaxNumberOfMessages: limit}, wire.QuirksOf(context.Background()))
}

// Delete removes a message by its receipt.
func (s *Service) Delete(queue, receipt string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q, err := s.lookup(queue); err == nil {
		_ = q.remove(receiptInput{ReceiptHandle: receipt})
	}
}

// Depth returns how many messages the queue holds: visible, in flight and
// delayed.
func (s *Service) Depth(queue string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.lookup(queue)
	if err != nil {
		return 0
	}
	q.expire(s.opts.Now())
	return len(q.messages)
}

// Bodies returns the bodies of all messages that the queue holds: visible, in
// flight and delayed.
func (s *Service) Bodies(queue string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	if q, err := s.lookup(queue); err == nil {
		q.expire(s.opts.Now())
		for _, m := range q.messages {
			list = append(list, m.body)
		}
	}
	return list
}

// Reveal makes every message visible that was received and returned, as if the time
// for which it is hidden had passed. Those that are delayed stay so.
func (s *Service) Reveal(queue string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.lookup(queue)
	if err != nil {
		return
	}
	now := s.opts.Now()
	for _, m := range q.messages {
		if m.received > 0 && m.visible.After(now) {
			m.visible = now
		}
	}
	q.wake()
}
