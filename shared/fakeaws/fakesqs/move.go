package fakesqs

import (
	"context"
	"slices"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

type moveInput struct{ SourceArn, DestinationArn string }

// startMove sends what is visible in a dead-letter queue to another queue, or
// back to where each message came from. It is done at once; SQS takes its time.
func (s *Service) startMove(_ context.Context, call *wire.Call, in moveInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from, err := s.target(call, in.SourceArn)
	if err != nil {
		return nil, err
	}
	if !s.takesLetters(from) {
		return nil, refuse("InvalidParameterValue", "InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
	}
	now := s.opts.Now()
	for _, m := range slices.Clone(from.messages) {
		to := in.DestinationArn
		if to == "" {
			to = m.source
		}
		q, err := s.lookup(to)
		if err != nil || m.visible.After(now) {
			continue
		}
		from.messages = slices.DeleteFunc(from.messages, func(other *message) bool { return other == m })
		s.enqueue(q, sendInput{MessageBody: m.body, MessageAttributes: m.attrs}, 0)
	}
	return map[string]string{"TaskHandle": s.opts.Source.Base32(64)}, nil
}

// takesLetters reports whether some queue names this one as its dead-letter
// queue.
func (s *Service) takesLetters(dead *queue) bool {
	for _, q := range s.queues {
		if target, limit := q.redrive(); limit > 0 && target == s.arn(dead.name) {
			return true
		}
	}
	return false
}
