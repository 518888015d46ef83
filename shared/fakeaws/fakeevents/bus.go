package fakeevents

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// CreateBus makes a bus exist and returns its ARN.
func (s *Service) CreateBus(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.buses[name] == nil {
		s.buses[name] = &bus{name: name, rules: map[string]*rule{}}
	}
	return s.arn("event-bus", name)
}

// SetPolicy gives a bus a policy; an empty text takes it away.
func (s *Service) SetPolicy(busName, policy string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, err := s.lookup(busName); err == nil {
		b.policy = policy
	}
}

// Policy returns the policy of a bus, empty where it has none.
func (s *Service) Policy(busName string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, err := s.lookup(busName); err == nil {
		return b.policy
	}
	return ""
}

// ARN returns the ARN of a bus that a name or an ARN stands for.
func (s *Service) ARN(busName string) string {
	return s.arn("event-bus", cmp.Or(baseName(busName), "default"))
}

type permissionInput struct{ EventBusName, Policy string }

// putPermission knows the form with a whole policy only.
func (s *Service) putPermission(_ context.Context, call *wire.Call, in permissionInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.lookup(in.EventBusName)
	if err != nil {
		return nil, err
	}
	call.Resource = s.arn("event-bus", b.name)
	if !isObject(in.Policy) {
		return nil, wire.Errorf("ValidationException", "the fake takes a Policy, and no single permission")
	}
	b.policy = in.Policy
	return struct{}{}, nil
}

type busInput struct{ Name string }

func (s *Service) createEventBus(_ context.Context, call *wire.Call, in busInput) (any, error) {
	call.Resource = s.arn("event-bus", in.Name)
	s.mu.Lock()
	_, err := s.lookup(in.Name)
	s.mu.Unlock()
	if err == nil {
		return nil, wire.Errorf("ResourceAlreadyExistsException", "Event bus %s already exists.", in.Name)
	}
	return map[string]string{"EventBusArn": s.CreateBus(in.Name)}, nil
}

func (s *Service) deleteEventBus(_ context.Context, call *wire.Call, in busInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call.Resource = s.arn("event-bus", in.Name)
	if in.Name == "default" {
		return nil, wire.Errorf("ValidationException", "Cannot delete event bus default.")
	}
	delete(s.buses, in.Name)
	return struct{}{}, nil
}

func (s *Service) describeEventBus(_ context.Context, call *wire.Call, in busInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.lookup(in.Name)
	if err != nil {
		return nil, err
	}
	call.Resource = s.arn("event-bus", b.name)
	return map[string]string{"Name": b.name, "Arn": call.Resource}, nil
}

type prefixInput struct{ NamePrefix, EventBusName string }

func (s *Service) listEventBuses(_ context.Context, call *wire.Call, in prefixInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call.Resource = "*"
	out := []map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(s.buses)) {
		if strings.HasPrefix(name, in.NamePrefix) {
			out = append(out, map[string]string{"Name": name, "Arn": s.arn("event-bus", name)})
		}
	}
	return map[string]any{"EventBuses": out}, nil
}
