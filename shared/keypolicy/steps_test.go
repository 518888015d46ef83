package keypolicy_test

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// TestEachCaseTakesAsManyStepsAsItDid compares the work for cases with what is listed
// in testdata/steps.txt: for a check, and to compare the policy with that of the line
// before. The answers do not tell whether a shortcut works; this does. A change of the
// procedure that makes it faster or slower is to be seen there: -update writes it.
func TestEachCaseTakesAsManyStepsAsItDid(t *testing.T) {
	const list = "testdata/steps.txt"
	file, err := os.Open(list)
	if err != nil {
		t.Fatalf("opening the list of steps: %v", err)
	}
	defer file.Close()
	var now strings.Builder
	var before *keypolicy.Policy
	for lines := bufio.NewScanner(file); lines.Scan(); {
		name, _, _ := strings.Cut(lines.Text(), " ")
		c := readCase(t, "testdata/"+name+".txtar")
		p, _ := keypolicy.Parse(c.policy)
		line := fmt.Sprintf("%s %d %d", name, keypolicy.StepsToCheck(c.policy, c.options), keypolicy.StepsToCompare(before, p, c.options.Key))
		if before = p; line != lines.Text() && !*update {
			t.Errorf("the steps are %s, and were %s", line, lines.Text())
		}
		fmt.Fprintln(&now, line)
	}
	if *update {
		if err := os.WriteFile(list, []byte(now.String()), 0o644); err != nil {
			t.Fatalf("writing the list of steps: %v", err)
		}
	}
	if now.Len() == 0 {
		t.Error("the list of steps is empty")
	}
}
