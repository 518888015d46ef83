package keypolicy_test

import (
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// TestNothingIsSaidOfAccessWhereOnePolicyCannotBeJudged has such a policy on either
// side, and none.
func TestNothingIsSaidOfAccessWhereOnePolicyCannotBeJudged(t *testing.T) {
	opaque, _ := keypolicy.Parse([]byte(`{"Version": "2012-10-17", "Statement": [], "Statemnt": []}`))
	plain := mustParse(t, statements(proveRoot))
	if !opaque.Opaque() || plain.Opaque() {
		t.Fatal("the policies are not what the test is about")
	}
	for _, c := range []struct {
		old, new *keypolicy.Policy
		some     bool
	}{{opaque, plain, false}, {plain, opaque, false}, {opaque, nil, false}, {nil, opaque, false}, {nil, plain, true}, {plain, nil, true}, {plain, plain, false}, {nil, nil, false}} {
		if got := keypolicy.CompareAccess(c.old, c.new, provenKey); (len(got) > 0) != c.some {
			t.Errorf("%v to %v: %v", c.old, c.new, got)
		}
	}
}
