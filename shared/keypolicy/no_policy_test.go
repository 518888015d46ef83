package keypolicy_test

import (
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// TestWhatHoldsNoPolicyIsRefusedAndNoPolicyIsMadeOfIt has JSON of each kind but an
// object with members, and text that is no JSON.
func TestWhatHoldsNoPolicyIsRefusedAndNoPolicyIsMadeOfIt(t *testing.T) {
	for _, text := range []string{"", " \n", "5", "true", "null", `"a"`, "[]", "[{}]", `[{"Version": "2012-10-17"}]`, "{}", "Version: 2012-10-17"} {
		r := keypolicy.Check([]byte(text), benchOptions)
		if r.Policy != nil || len(r.Findings) == 0 || r.Reason(keypolicy.Security, nil) != keypolicy.InvalidPolicy {
			t.Errorf("%q: policy %v, %s, %v", text, r.Policy != nil, r.Reason(keypolicy.Security, nil), r.Findings)
		}
		if p, findings := keypolicy.Parse([]byte(text)); p != nil || len(findings) == 0 {
			t.Errorf("%q is parsed into a policy: %v", text, findings)
		}
	}
}
