package keypolicy_test

import (
	"fmt"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// TestTheStatementThatViolatesAGuardrailIsNamedAmongNotTooMany has the violation in the
// last of as many statements as are asked one by one, and of one more.
func TestTheStatementThatViolatesAGuardrailIsNamedAmongNotTooMany(t *testing.T) {
	const most = 40
	a := keypolicy.Assertion{Claim: keypolicy.Cannot, Who: []string{"service:sns.amazonaws.com"}, Actions: []string{"kms:Decrypt"}}
	g := keypolicy.Requirement{Name: "no sns", File: "assertions/a.yaml", Line: 1, Assertion: &a}
	for n, want := range map[int]string{2: "Statement[1]", most: "Statement[39]", most + 1: "Statement"} {
		list := []string{proveRoot}
		for i := range n - 2 {
			list = append(list, fmt.Sprintf(`{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/App%d"}, "Action": "kms:Sign", "Resource": "*"}`, i))
		}
		list = append(list, `{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "kms:Decrypt", "Resource": "*"}`)
		found := g.Violations(mustParse(t, statements(list...)), provenKey)
		if len(found) != 1 || found[0].Path != want {
			t.Errorf("%d statements: %v, want a finding at %s", n, found, want)
		}
	}
}
