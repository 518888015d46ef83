package sam_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/keysmith/keysmith/shared/samtemplate"
)

func role(t *testing.T, parameters map[string]string) []samtemplate.Statement {
	t.Helper()
	stack := load(t, parameters)
	role, ok := stack.RoleByARN(stack.Functions[0].RoleARN)
	if !ok {
		t.Fatalf("the template has no role %s", stack.Functions[0].RoleARN)
	}
	return role.Statements
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
		if s.Effect == "Allow" && (len(s.NotActions) > 0 || len(s.NotResources) > 0 || slices.Contains(s.Resources, "*")) && s.Sid != "SendTraces" {
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

// policyBucket is the bucket of the tests' deployments.
const policyBucket = "keysmith-policies"

// Only what describes an object is written in every mode.
func TestOnlyApplyModeCanWrite(t *testing.T) {
	for _, mode := range []string{"plan", "paused"} {
		may := granted(role(t, map[string]string{"Mode": mode}))
		for _, action := range []string{"kms:PutKeyPolicy", "s3:PutObject"} {
			on := slices.DeleteFunc(may[action], func(r string) bool { return strings.HasSuffix(r, ":::"+policyBucket+"/status/policies/*") })
			if len(on) > 0 {
				t.Errorf("Mode=%s leaves %s on %v", mode, action, on)
			}
		}
	}
	may := granted(role(t, map[string]string{"Mode": "apply"}))
	if len(may["kms:PutKeyPolicy"]) == 0 {
		t.Error("Mode=apply cannot put a key policy")
	}
}

// A policy in a request takes a deployment that allows it and somebody who may
// send one; the function and its role say the same.
func TestOnlyInlineRequestsNeedToStorePolicies(t *testing.T) {
	for _, c := range []struct {
		inline, requesters string
		want               bool
	}{
		{"true", "arn:aws:iam::111122223333:role/pipeline", true},
		{"false", "arn:aws:iam::111122223333:role/pipeline", false},
		{"true", "", false},
	} {
		parameters := map[string]string{"InlineRequests": c.inline, "RequestPrincipals": c.requesters}
		on := granted(role(t, parameters))["s3:PutObject"]
		if got := slices.ContainsFunc(on, func(r string) bool { return strings.HasSuffix(r, ":::"+policyBucket+"/policies/*") }); got != c.want {
			t.Errorf("%v: the role may write policies: %t, want %t", parameters, got, c.want)
		}
		if got := load(t, parameters).Functions[0].Environment["INLINE_REQUESTS"]; got != strconv.FormatBool(c.want) {
			t.Errorf("%v: INLINE_REQUESTS is %s, want %t", parameters, got, c.want)
		}
	}
}

// CloudFormation changes a resource before those that name it. The role is
// named by the function, so a permission in it would be gone while the old
// function still puts, and every upload of that time would fail.
func TestWhatDependsOnTheModeIsChangedAfterTheFunctionAndItsQueue(t *testing.T) {
	own := map[string]string{}
	for _, mode := range []string{"apply", "plan", "paused"} {
		stack := load(t, map[string]string{"Mode": mode})
		r, _ := stack.RoleByARN(stack.Functions[0].RoleARN)
		own[mode] = fmt.Sprint(r.Properties)
	}
	if own["apply"] != own["plan"] || own["apply"] != own["paused"] {
		t.Error("the role itself differs from mode to mode")
	}
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources map[string]struct {
			Type      string `yaml:"Type"`
			DependsOn string `yaml:"DependsOn"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	if got := template.Resources["ApplyKeys"]; got.Type != "AWS::IAM::Policy" || got.DependsOn != "ApplyFunctionQueue" {
		t.Errorf("ApplyKeys is %+v", got)
	}
}

// Only the function's own code may use what the role may do with keys, and
// write: nobody who only gets hold of the role.
func TestWhatTheRoleWritesNeedsTheFunctionsOwnCode(t *testing.T) {
	stack := load(t, nil)
	r, _ := stack.RoleByARN(stack.Functions[0].RoleARN)
	for _, s := range r.Statements {
		if s.Effect != "Allow" || !slices.ContainsFunc(s.Actions, func(a string) bool { return strings.HasPrefix(a, "kms:") || a == "s3:PutObject" }) {
			continue
		}
		if got := s.Conditions["ArnEquals"]["lambda:SourceFunctionArn"]; !slices.Equal(got, []string{stack.Functions[0].ARN}) {
			t.Errorf("statement %s asks for the function %v", s.Sid, got)
		}
	}
}

func TestEveryTrustPolicyNamesTheAccount(t *testing.T) {
	for _, r := range load(t, nil).Roles {
		text, err := json.Marshal(r.Properties["AssumeRolePolicyDocument"])
		if err != nil || strings.Count(string(text), `"sts:AssumeRole"`) != strings.Count(string(text), `{"aws:SourceAccount":"111122223333"}`) {
			t.Errorf("%s: %s", r.LogicalID, text)
		}
	}
}

func TestEveryRoleHasTheBoundaryThatIsNamed(t *testing.T) {
	const boundary = "arn:aws:iam::111122223333:policy/boundary"
	for _, r := range load(t, map[string]string{"PermissionsBoundaryArn": boundary}).Roles {
		if r.Properties["PermissionsBoundary"] != boundary {
			t.Errorf("%s has %v", r.LogicalID, r.Properties["PermissionsBoundary"])
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
