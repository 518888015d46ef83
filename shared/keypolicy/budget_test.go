package keypolicy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// TestGuardrailsShareTheBudgetOfTheRules puts requirements that a policy keeps to beside
// so much work that nothing is left for them.
func TestGuardrailsShareTheBudgetOfTheRules(t *testing.T) {
	const name = "nobody else decrypts"
	g := keypolicy.Guardrails{Required: []keypolicy.Requirement{{
		Name: name, File: "assertions/a.yaml", Line: 1,
		Assertion: &keypolicy.Assertion{Claim: keypolicy.Only, Who: []string{"anyone"}, Actions: []string{"kms:Decrypt"}},
	}}}
	of := func(text []byte) (found []keypolicy.Finding) {
		for _, f := range g.Check(text, benchOptions).Findings {
			if strings.Contains(f.Message, name) {
				found = append(found, f)
			}
		}
		return found
	}
	if found := of(benchPolicy(t, 2048)); len(found) != 0 {
		t.Fatalf("a policy that keeps to it: %v", found)
	}
	nothing, _ := keypolicy.Parse(statements())
	empty := keypolicy.Guardrails{Required: []keypolicy.Requirement{{Name: "empty", File: "empty.json", Baseline: nothing}}}
	report := empty.Check(hostilePolicy(t, "conditions", 31<<10), benchOptions)
	if !slices.ContainsFunc(report.Findings, func(f keypolicy.Finding) bool { return strings.Contains(f.Message, "(empty.json)") }) {
		t.Errorf("a baseline without statements: %v", report.Findings)
	}
	found := of(hostilePolicy(t, "conditions", 31<<10))
	if len(found) != 1 || !strings.Contains(found[0].Message, "limit of steps") {
		t.Errorf("a policy whose rules take all the work: %v", found)
	}
}

func TestWhoCanDoItInATextThatIsTooInvolvedIsNotKnown(t *testing.T) {
	p, _ := keypolicy.Parse(hostileTexts(128 << 10)[`members "Condition":{"ForAllValues:StringLike":{%s}}`])
	holders, err := keypolicy.WhoCan("kms:Decrypt", p, provenKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range holders {
		if h.Principal == "*" && h.Undecided {
			return
		}
	}
	t.Errorf("of everybody else it is known: %d holders", len(holders))
}
