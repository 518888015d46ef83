package fakekms

import (
	"context"
	"net/http"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

type putKeyPolicyInput struct {
	KeyId, PolicyName, Policy      string
	BypassPolicyLockoutSafetyCheck bool
}

func (s *Service) putKeyPolicy(ctx context.Context, call *wire.Call, in putKeyPolicyInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.authorized(call, in.KeyId, false)
	if err != nil {
		return nil, err
	}
	if in.BypassPolicyLockoutSafetyCheck {
		call.Context = s.conditionKeys(call, k, true)
		if current := k.at(s.opts.Now()); current.tree != nil && !s.allowed(call, current.tree, k, call.Action, true) {
			return nil, denied(call, k.arn())
		}
	}
	if err := onlyDefault(in.PolicyName); err != nil {
		return nil, err
	}
	if err := s.checkPolicy(in.Policy, k); err != nil {
		return nil, err
	}
	policy := s.store(in.Policy, partitionOf(k.region))
	if err := s.checkLockout(call, policy, k, in.BypassPolicyLockoutSafetyCheck); err != nil {
		return nil, err
	}
	now := s.opts.Now()
	lands := now.Add(wire.QuirksOf(ctx).Late)
	k.add(lands, policy)
	s.puts = append(s.puts, Put{
		KeyID: k.id, ARN: k.arn(), Policy: in.Policy, Caller: call.Caller,
		Bypass: in.BypassPolicyLockoutSafetyCheck, Time: now, Lands: lands,
	})
	return struct{}{}, nil
}

// onlyDefault refuses every policy name but the one that exists.
func onlyDefault(name string) error {
	if name != "" && name != "default" {
		return wire.StatusError(http.StatusBadRequest, "NotFoundException", "No such policy exists")
	}
	return nil
}

type getKeyPolicyInput struct{ KeyId, PolicyName string }

func (s *Service) getKeyPolicy(ctx context.Context, call *wire.Call, in getKeyPolicyInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.authorized(call, in.KeyId, false)
	if err != nil {
		return nil, err
	}
	if err := onlyDefault(in.PolicyName); err != nil {
		return nil, err
	}
	at := s.opts.Now()
	quirks := wire.QuirksOf(ctx)
	if !quirks.Flap || s.opts.Source.Float() < 0.5 {
		at = at.Add(-quirks.Stale)
	}
	return map[string]string{"Policy": s.render(k.at(at)), "PolicyName": "default"}, nil
}

func (s *Service) listKeyPolicies(_ context.Context, call *wire.Call, in getKeyPolicyInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.authorized(call, in.KeyId, false); err != nil {
		return nil, err
	}
	return map[string]any{"PolicyNames": []string{"default"}, "Truncated": false}, nil
}
