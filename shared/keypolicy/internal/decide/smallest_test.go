package decide_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
)

// TestTheSmallestRequestIsShown asks for a request that a statement allows, and
// looks at every word of it.
func TestTheSmallestRequestIsShown(t *testing.T) {
	for name, c := range map[string]struct{ who, conditions, want string }{
		"between two patterns": {
			appRole, `"StringLike": {"vendor:k": ["a*b", "cccc"]}, "ForAnyValue:StringLike": {"vendor:k": ["*x*b", "cccc"]}`,
			`{"vendor:k":"axb"}`,
		},
		"whatever is excluded": {
			appRole, `"StringLike": {"vendor:k": ["a*b", "cccc"]}, "ForAnyValue:StringLike": {"vendor:k": ["*x*b", "cccc"]}, "StringNotEquals": {"vendor:k": "zzzzzzzz"}`,
			`{"vendor:k":"axb"}`,
		},
		"beside many values that are none": {
			appRole, `"StringLike": {"vendor:k": "a*"}, "StringNotEquals": {"vendor:k": ["a", "b", "c", "d", "e", "f", "g", "h", "i"]}, "StringNotLike": {"vendor:k": ["a?", "*b"]}`,
			`{"vendor:k":"ajj"}`,
		},
	} {
		s := decide.NewSpace(knownKey, decide.NewBudget())
		p := s.Ask(&decide.Question{Allowed: []*decide.Compiled{s.Compile(readPolicy(t, policyOf(conditioned(c.who, "kms:Decrypt", c.conditions))))}, Callers: decide.IAMAllows})
		got := fmt.Sprint(p.Verdict, " ", p.Reason)
		if p.Witness != nil {
			context, err := json.Marshal(p.Witness.Context)
			if err != nil {
				t.Fatal(err)
			}
			got = string(context)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
