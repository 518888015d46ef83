package keypolicy_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// TestEachCaseTakesAboutAsManyStepsAsItDid compares the work for cases with what is
// listed in testdata/steps.txt: for a check, and to prove and to tell what the policy
// allows that the one of the line before does not. The answers do not report whether a
// shortcut works; this does. A change of the procedure that is meant to make it much
// faster or slower is to be seen there: -update writes it.
func TestEachCaseTakesAboutAsManyStepsAsItDid(t *testing.T) {
	const list = "testdata/steps.txt"
	text, err := os.ReadFile(list)
	if err != nil || len(text) == 0 {
		t.Fatalf("reading the list of steps: %d bytes, %v", len(text), err)
	}
	var now strings.Builder
	var before *keypolicy.Policy
	for line := range strings.Lines(string(text)) {
		var name string
		var was, is [3]int
		if n, _ := fmt.Sscan(line, &name, &was[0], &was[1], &was[2]); n == 0 {
			t.Fatalf("%s has the line %q", list, line)
		}
		c := readCase(t, "testdata/"+name+".txtar")
		p, _ := keypolicy.Parse(c.policy)
		is[0] = keypolicy.StepsToCheck(c.policy, c.options)
		is[1] = keypolicy.StepsToCompare(before, p, c.options.Key)
		is[2] = keypolicy.StepsToTellAccess(before, p, c.options.Key)
		before = p
		for i := range is {
			if less, more := min(is[i], was[i]), max(is[i], was[i]); more-less > 64+more/20 && !*update {
				t.Errorf("%s: %s takes %d steps, and took %d", name, [...]string{"a check", "a proof", "what changes"}[i], is[i], was[i])
			}
		}
		fmt.Fprintln(&now, name, is[0], is[1], is[2])
	}
	if *update {
		if err := os.WriteFile(list, []byte(now.String()), 0o644); err != nil {
			t.Fatalf("writing the list of steps: %v", err)
		}
	}
}
