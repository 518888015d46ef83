package sam_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/samtemplate"
)

func role(t *testing.T, parameters map[string]string) []samtemplate.Statement {
	t.Helper()
	roles := load(t, parameters).Roles
	if len(roles) != 1 {
		t.Fatalf("the template declares %d roles, want 1", len(roles))
	}
	return roles[0].Statements
}

// granted returns what the role may do, with the resources.
func granted(statements []samtemplate.Statement) map[string][]string {
	actions := map[string][]string{}
	for _, s := range statements {
		if s.Effect != "Allow" {
			continue
		}
		for _, a := range s.Actions {
			actions[a] = append(actions[a], s.Resources...)
		}
	}
	return actions
}

func TestTheRoleIsGrantedNothingByWildcardAction(t *testing.T) {
	for _, s := range role(t, nil) {
		for _, a := range s.Actions {
			if strings.ContainsAny(a, "*?") {
				t.Errorf("statement %s has the action %s", s.Sid, a)
			}
		}
		if s.Effect == "Allow" && (len(s.NotActions) > 0 || len(s.NotResources) > 0 || slices.Contains(s.Resources, "*")) {
			t.Errorf("statement %s allows more than what it names", s.Sid)
		}
	}
}

func TestTheRoleMayDoNothingElseWithKeys(t *testing.T) {
	for action := range granted(role(t, nil)) {
		if strings.HasPrefix(action, "kms:") && !slices.Contains([]string{"kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy"}, action) {
			t.Errorf("the role may do %s", action)
		}
	}
}

func TestOnlyApplyModeCanWrite(t *testing.T) {
	for _, mode := range []string{"plan", "paused"} {
		may := granted(role(t, map[string]string{"Mode": mode}))
		for _, action := range []string{"kms:PutKeyPolicy", "s3:PutObject"} {
			if on, ok := may[action]; ok {
				t.Errorf("Mode=%s leaves %s on %v", mode, action, on)
			}
		}
	}
	may := granted(role(t, map[string]string{"Mode": "apply"}))
	if len(may["kms:PutKeyPolicy"]) == 0 {
		t.Error("Mode=apply cannot put a key policy")
	}
}

func TestOnlyInlineRequestsNeedToStorePolicies(t *testing.T) {
	for inline, want := range map[string]bool{"true": true, "false": false} {
		on := granted(role(t, map[string]string{"InlineRequests": inline}))["s3:PutObject"]
		if got := slices.ContainsFunc(on, func(r string) bool { return strings.HasSuffix(r, "/policies/*") }); got != want {
			t.Errorf("InlineRequests=%s: the role may write policies: %t, want %t", inline, got, want)
		}
	}
}

func TestSkippingTheLockoutCheckIsDeniedUnlessItIsAllowed(t *testing.T) {
	for allow, want := range map[string]bool{"false": true, "true": false} {
		denied := slices.ContainsFunc(role(t, map[string]string{"AllowLockoutBypass": allow}), func(s samtemplate.Statement) bool {
			return s.Effect == "Deny" && slices.Equal(s.Actions, []string{"kms:PutKeyPolicy"}) && slices.Equal(s.Resources, []string{"*"}) &&
				slices.Equal(s.Conditions["Bool"]["kms:BypassPolicyLockoutSafetyCheck"], []string{"true"})
		})
		if denied != want {
			t.Errorf("AllowLockoutBypass=%s: it is denied: %t, want %t", allow, denied, want)
		}
	}
}

func TestATagNarrowsWhatARNsName(t *testing.T) {
	for _, s := range role(t, map[string]string{"ManagedByTag": "keysmith"}) {
		if s.Effect != "Allow" || !strings.HasPrefix(s.Actions[0], "kms:") {
			continue
		}
		if got := s.Conditions["StringEquals"]["aws:ResourceTag/managed-by"]; !slices.Equal(got, []string{"keysmith"}) {
			t.Errorf("statement %s asks for the tag %v", s.Sid, got)
		}
	}
}
