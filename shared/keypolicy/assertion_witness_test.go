package keypolicy_test

import (
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// TestAWitnessHasEachValueOfItsAssertionOnce asks about values under keys in another
// case of letters: one that the policy tests, one that no statement tests, and one with
// several values.
func TestAWitnessHasEachValueOfItsAssertionOnce(t *testing.T) {
	p := mustParse(t, statements(proveRoot, appDecrypts(`"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}`)))
	a := keypolicy.Assertion{Claim: keypolicy.Cannot, Who: []string{"anyone"}, Actions: []string{"kms:Decrypt"}, When: map[string][]string{
		"KMS:VIASERVICE": {"s3.eu-west-1.amazonaws.com"}, "aws:principaltag/team": {"a"}, "aws:CalledVia": {"s3.amazonaws.com"},
	}}
	proof, err := keypolicy.Assert(&a, p, provenKey)
	if err != nil || proof.Verdict != keypolicy.Refuted {
		t.Fatalf("%v %v", proof, err)
	}
	for key, values := range a.When {
		found := 0
		for has, value := range proof.Witness.Context {
			if !strings.EqualFold(has, key) {
				continue
			}
			found++
			list, isList := value.([]string)
			if isList != (key == "aws:CalledVia") || isList && list[0] != values[0] || !isList && value != values[0] {
				t.Errorf("%s is %v, want %v", has, value, values)
			}
		}
		if found != 1 {
			t.Errorf("%s stands %d times in %v", key, found, proof.Witness.Context)
		}
	}
}
