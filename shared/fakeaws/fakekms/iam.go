package fakekms

import (
	"fmt"
	"maps"
	"net/http"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/authz"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/jsontree"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// What IAM lets a role or user do matters where a key policy leaves the
// decision to IAM, for calls that are about no key, and for sts:AssumeRole.

const nothing = `{"Statement": []}`

// SetIAM says whether IAM allows a caller everything (as at the start) or
// nothing. The name of a role stands for all its sessions.
func (s *Service) SetIAM(caller string, allows bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if allows {
		delete(s.iam, caller)
		return
	}
	s.iam[caller], _ = jsontree.Parse(nothing) // a constant
}

// SetIAMPolicy says by a policy what IAM allows a caller, and nothing else.
// Policy variables are not known here.
func (s *Service) SetIAMPolicy(caller, policy string) error {
	tree, err := jsontree.Parse(policy)
	if err != nil {
		return fmt.Errorf("reading the IAM policy of %s: %w", caller, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.iam[caller] = tree
	return nil
}

// Allows reports whether IAM lets the caller of call take an action on a resource,
// under the conditions that the call is made.
func (s *Service) Allows(call *wire.Call, action, resource string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.iamSays(authz.Request{
		Caller: call.Caller, Account: call.Account, Action: action, Resource: resource, Context: call.Context,
	}) == authz.Allowed
}

// iamSays judges by the policy of the caller, or of the role behind a session.
func (s *Service) iamSays(r authz.Request) authz.Verdict {
	policy, known := s.iam[r.Caller]
	if !known {
		policy, known = s.iam[authz.RoleOf(r.Caller)]
	}
	if !known {
		return authz.Allowed
	}
	return authz.JudgeIdentity(policy, r)
}

// unbound refuses a call that is about no key, unless IAM lets the caller.
func (s *Service) unbound(call *wire.Call) error {
	call.Resource = "*"
	call.Context = map[string][]string{"aws:requestedregion": {call.Region}}
	r := authz.Request{Caller: call.Caller, Account: call.Account, Action: call.IAM, Resource: "*", Context: maps.Clone(call.Context)}
	if s.iamSays(r) == authz.Allowed {
		return nil
	}
	return refusal(call, "*", "identity-based")
}

func refusal(call *wire.Call, resource, kind string) error {
	return wire.StatusError(http.StatusBadRequest, "AccessDeniedException",
		"User: %s is not authorized to perform: kms:%s on resource: %s because no %s policy allows the kms:%s action",
		call.Caller, call.Action, resource, kind, call.Action)
}
