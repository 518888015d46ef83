package keypolicy_test

import (
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// TestHardlyAnythingIsUndecidedOfThePoliciesThatAWSPrints counts three questions: what
// Check asks, whether the policy gives more than the default policy of a key, and who
// can decrypt. At most one answer in a hundred may be undecided.
func TestHardlyAnythingIsUndecidedOfThePoliciesThatAWSPrints(t *testing.T) {
	byDefault := mustParse(t, statements(proveRoot))
	asked, undecided := 0, 0
	count := func(file, what string, is bool) {
		asked++
		if is {
			undecided++
			t.Logf("%s: %s", file, what)
		}
	}
	for _, file := range caseFiles(t) {
		if !strings.HasPrefix(file, "testdata/aws/") {
			continue
		}
		c := readCase(t, file)
		r := c.check()
		for _, f := range r.Findings {
			count(file, f.Message, strings.Contains(f.Message, "not decided"))
		}
		proof := keypolicy.NoNewAccess(byDefault, r.Policy, c.options.Key)
		count(file, proof.Reason, proof.Verdict == keypolicy.Undecided)
		holders, err := keypolicy.WhoCan("kms:Decrypt", r.Policy, c.options.Key)
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		for _, h := range holders {
			count(file, h.Principal, h.Undecided)
		}
	}
	t.Logf("%d of %d answers are undecided", undecided, asked)
	if asked < 300 || undecided*100 > asked {
		t.Errorf("%d of %d answers are undecided", undecided, asked)
	}
}
