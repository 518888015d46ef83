package fakeevents

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/pattern"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

type rule struct {
	name, text, schedule string
	pattern              *pattern.Pattern // nil for a schedule
	enabled              bool
	targets              []target
}

type ruleInput struct {
	Name, Rule, EventBusName                string
	EventPattern, ScheduleExpression, State string
	Targets                                 []target
	Ids                                     []string
}

func (s *Service) putRule(_ context.Context, call *wire.Call, in ruleInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.lookup(in.EventBusName)
	if err != nil {
		return nil, err
	}
	call.Resource = s.ruleARN(b, in.Name)
	r := &rule{name: in.Name, text: in.EventPattern, schedule: in.ScheduleExpression, enabled: in.State != "DISABLED"}
	if old := b.rules[in.Name]; old != nil {
		r.targets = old.targets
	}
	if in.EventPattern == "" && in.ScheduleExpression == "" {
		return nil, wire.Errorf("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
	}
	if in.EventPattern != "" {
		if r.pattern, err = pattern.Compile(in.EventPattern); err != nil {
			return nil, wire.Errorf("InvalidEventPatternException", "Event pattern is not valid. Reason: %s", err)
		}
	}
	b.rules[in.Name] = r
	return map[string]string{"RuleArn": call.Resource}, nil
}

func (s *Service) ruleARN(b *bus, name string) string {
	if b.name != "default" {
		name = b.name + "/" + name
	}
	return s.arn("rule", name)
}

// rule finds a rule; the caller holds the lock.
func (s *Service) rule(call *wire.Call, in ruleInput) (*bus, *rule, error) {
	b, err := s.lookup(in.EventBusName)
	if err != nil {
		return nil, nil, err
	}
	name := cmp.Or(in.Name, in.Rule)
	call.Resource = s.ruleARN(b, name)
	r, ok := b.rules[name]
	if !ok {
		return nil, nil, wire.Errorf("ResourceNotFoundException", "Rule %s does not exist on EventBus %s.", name, b.name)
	}
	return b, r, nil
}

func (s *Service) deleteRule(_ context.Context, call *wire.Call, in ruleInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, r, err := s.rule(call, in)
	switch {
	case err != nil:
		return struct{}{}, nil // deleting what is not there succeeds
	case len(r.targets) > 0:
		return nil, wire.Errorf("ValidationException", "Rule can't be deleted since it has targets.")
	}
	delete(b.rules, r.name)
	return struct{}{}, nil
}

func (s *Service) enableRule(_ context.Context, call *wire.Call, in ruleInput) (any, error) {
	return struct{}{}, s.setEnabled(call, in, true)
}

func (s *Service) disableRule(_ context.Context, call *wire.Call, in ruleInput) (any, error) {
	return struct{}{}, s.setEnabled(call, in, false)
}

func (s *Service) setEnabled(call *wire.Call, in ruleInput, enabled bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, r, err := s.rule(call, in)
	if err == nil {
		r.enabled = enabled
	}
	return err
}

func (s *Service) describeRule(_ context.Context, call *wire.Call, in ruleInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, r, err := s.rule(call, in)
	if err != nil {
		return nil, err
	}
	return s.describe(b, r), nil
}

func (s *Service) describe(b *bus, r *rule) map[string]string {
	out := map[string]string{"Name": r.name, "Arn": s.ruleARN(b, r.name), "EventBusName": b.name, "State": "ENABLED"}
	if !r.enabled {
		out["State"] = "DISABLED"
	}
	if r.text != "" {
		out["EventPattern"] = r.text
	}
	if r.schedule != "" {
		out["ScheduleExpression"] = r.schedule
	}
	return out
}

func (s *Service) listRules(_ context.Context, call *wire.Call, in prefixInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call.Resource = "*"
	b, err := s.lookup(in.EventBusName)
	if err != nil {
		return nil, err
	}
	out := []map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(b.rules)) {
		if strings.HasPrefix(name, in.NamePrefix) {
			out = append(out, s.describe(b, b.rules[name]))
		}
	}
	return map[string]any{"Rules": out}, nil
}

type testEventPatternInput struct{ EventPattern, Event string }

func (s *Service) testEventPattern(_ context.Context, call *wire.Call, in testEventPatternInput) (any, error) {
	call.Resource = "*"
	p, err := pattern.Compile(in.EventPattern)
	if err != nil {
		return nil, wire.Errorf("InvalidEventPatternException", "Event pattern is not valid. Reason: %s", err)
	}
	var event map[string]any
	if err := json.Unmarshal([]byte(in.Event), &event); err != nil {
		return nil, wire.Errorf("ValidationException", "Parameter Event is not valid. Reason: %s", err)
	}
	return map[string]bool{"Result": p.Match(event)}, nil
}
