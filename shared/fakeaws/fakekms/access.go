package fakekms

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/authz"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/jsontree"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// authorized returns the key that id names, if the policy in force lets the
// caller do what the call is about.
func (s *Service) authorized(call *wire.Call, id string, aliases bool) (*key, error) {
	k, err := s.find(call, id, aliases)
	if err != nil {
		return nil, err
	}
	call.Context = callKeys(call, k)
	policy := k.at(s.opts.Now())
	if policy.tree != nil && !s.allowed(call, policy.tree, k, call.Action, false) {
		return nil, denied(call, k.arn())
	}
	return k, nil
}

// allowed reports whether policy, and IAM where the policy leaves it to IAM,
// let the caller do action.
func (s *Service) allowed(call *wire.Call, policy *jsontree.Node, k *key, action string, bypass bool) bool {
	r := authz.Request{
		Caller:   call.Caller,
		Account:  call.Account,
		Action:   "kms:" + action,
		Resource: k.arn(),
		Context:  s.conditionKeys(call, k, bypass),
	}
	verdict, iam := authz.Judge(s.living(policy), r), s.iamSays(r)
	if iam == authz.Allowed {
		return verdict >= authz.Delegated
	}
	// Inside an account the key policy is enough. From another one IAM has to agree.
	return verdict == authz.Allowed && iam != authz.Denied && call.Account == k.account
}

func (s *Service) conditionKeys(call *wire.Call, k *key, bypass bool) map[string][]string {
	keys := map[string][]string{
		"aws:principalarn":                   {authz.RoleOf(call.Caller)},
		"aws:principalaccount":               {call.Account},
		"aws:requestedregion":                {call.Region},
		"aws:securetransport":                {"true"}, // AWS takes nothing else
		"aws:currenttime":                    {s.opts.Now().UTC().Format(time.RFC3339)},
		"aws:principalisawsservice":          {"false"},
		"aws:viaawsservice":                  {"false"},
		"kms:calleraccount":                  {call.Account},
		"kms:bypasspolicylockoutsafetycheck": {strconv.FormatBool(bypass)},
		"kms:keyspec":                        {k.spec},
		"kms:keyusage":                       {k.usage},
		"kms:multiregion":                    {strconv.FormatBool(k.multiRegion)},
		"aws:resourceaccount":                {k.account},
	}
	if org := s.opts.Org(call.Account); org != "" {
		keys["aws:principalorgid"] = []string{org}
	}
	if org := s.opts.Org(k.account); org != "" {
		keys["aws:resourceorgid"] = []string{org}
	}
	maps.Copy(keys, k.conditionKeys())
	return keys
}

// callKeys are those that statements of a role's policy may ask about.
func callKeys(call *wire.Call, k *key) map[string][]string {
	keys := map[string][]string{"aws:requestedregion": {call.Region}}
	maps.Copy(keys, k.conditionKeys())
	return keys
}

// conditionKeys are those that differ from key to key; nil if there are none.
func (k *key) conditionKeys() map[string][]string {
	var keys map[string][]string
	for name, value := range k.tags {
		if keys == nil {
			keys = map[string][]string{}
		}
		keys["aws:resourcetag/"+strings.ToLower(name)] = []string{value}
	}
	return keys
}

func denied(call *wire.Call, arn string) error { return refusal(call, arn, "resource-based") }

// checkLockout refuses a policy under which the caller could not put the
// next one.
func (s *Service) checkLockout(call *wire.Call, policy stored, k *key, bypass bool) error {
	if bypass || s.allowed(call, policy.tree, k, "PutKeyPolicy", bypass) {
		return nil
	}
	return wire.Errorf(malformed, "The new key policy will not allow you to update the key policy in the future.")
}
