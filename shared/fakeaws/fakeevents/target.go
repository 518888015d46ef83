package fakeevents

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

type target struct {
	Id, Arn, Input, InputPath string
	DeadLetterConfig          *deadLetter `json:",omitempty"`
}

type deadLetter struct{ Arn string }

func (s *Service) putTargets(_ context.Context, call *wire.Call, in ruleInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, r, err := s.rule(call, in)
	if err != nil {
		return nil, err
	}
	failed := []map[string]string{}
	for _, t := range in.Targets {
		if !strings.HasPrefix(t.Arn, "arn:aws:sqs:") && !isLogGroup(t.Arn) {
			failed = append(failed, map[string]string{
				"TargetId": t.Id, "ErrorCode": "ValidationException", "ErrorMessage": "the fake delivers to SQS queues and log groups only",
			})
			continue
		}
		r.setTarget(t)
	}
	return map[string]any{"FailedEntryCount": len(failed), "FailedEntries": failed}, nil
}

func (r *rule) setTarget(t target) {
	r.removeTargets(t.Id)
	r.targets = append(r.targets, t)
}

func (r *rule) removeTargets(ids ...string) {
	r.targets = slices.DeleteFunc(r.targets, func(t target) bool { return slices.Contains(ids, t.Id) })
}

func (s *Service) removeTargets(_ context.Context, call *wire.Call, in ruleInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, r, err := s.rule(call, in)
	if err != nil {
		return nil, err
	}
	r.removeTargets(in.Ids...)
	return map[string]any{"FailedEntryCount": 0, "FailedEntries": []any{}}, nil
}

func (s *Service) listTargetsByRule(_ context.Context, call *wire.Call, in ruleInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, r, err := s.rule(call, in)
	if err != nil {
		return nil, err
	}
	return map[string]any{"Targets": append([]target{}, r.targets...)}, nil
}

// A Target is where a rule sends events: an SQS queue by ARN. DeadLetter, a
// queue ARN too, gets what the queue does not take. Input or InputPath
// replace the event by a constant or by a part of it.
type Target struct {
	ARN        string
	DeadLetter string
	Input      string
	InputPath  string
}

// PutRule makes a rule on a bus that sends matching events to the targets.
func (s *Service) PutRule(name, busName, eventPattern string, targets ...Target) error {
	in := ruleInput{Name: name, EventBusName: busName, EventPattern: eventPattern}
	for i, t := range targets {
		to := target{Id: fmt.Sprint(i), Arn: t.ARN, Input: t.Input, InputPath: t.InputPath}
		if t.DeadLetter != "" {
			to.DeadLetterConfig = &deadLetter{t.DeadLetter}
		}
		in.Targets = append(in.Targets, to)
	}
	call := &wire.Call{}
	if _, err := s.putRule(context.Background(), call, in); err != nil {
		return fmt.Errorf("putting rule %s: %w", name, err)
	}
	if _, err := s.putTargets(context.Background(), call, in); err != nil {
		return fmt.Errorf("putting targets of rule %s: %w", name, err)
	}
	return nil
}
