package keypolicy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// TestAViolationIsToldAtTheStatementThatIsToBlame violates one of several statements of
// a baseline by one of several of a policy.
func TestAViolationIsToldAtTheStatementThatIsToBlame(t *testing.T) {
	deny := func(action string) string {
		return "\n" + `{"Effect": "Deny", "Principal": "*", "Action": "` + action + `", "Resource": "*"}`
	}
	app := "\n" + appDecrypts("")
	many := []string{"\n" + proveRoot}
	for i := range 40 {
		many = append(many, "\n"+strings.Replace(appDecrypts(""), "role/App", fmt.Sprint("role/App", i), 1))
	}
	for name, c := range map[string]struct {
		baseline, policy []byte
		called           string
		line             int
		says             string
	}{
		"the second of each":  {statements(deny("kms:Sign"), deny("kms:Decrypt")), statements("\n"+strings.Replace(proveRoot, "kms:*", "kms:Encrypt", 1), app), "b", 3, "the baseline b (b.json:3)"},
		"beside a Deny":       {statements(deny("kms:Decrypt")), statements(deny("kms:Sign"), app), "b", 3, "the baseline b (b.json:2)"},
		"a file of that name": {statements(deny("kms:Decrypt")), statements(app), "baseline", 2, "that the baseline (b.json:2) denies"},
		"forty":               {statements(deny("kms:Decrypt")), statements(many[1:]...), "b", 2, "App0"},
		"more than forty":     {statements(deny("kms:Decrypt")), statements(many...), "b", 1, "the baseline b (b.json:2)"},
		"not decided":         {statements("\n" + strings.Replace(deny("kms:Decrypt"), "}", `, "Condition": {"BinaryEquals": {"aws:userid": "YQ=="}}}`, 1)), statements(app), "b", 1, "It is not proven that the policy stays inside the baseline b (b.json:3): BinaryEquals on aws:userid is not decided."},
	} {
		g := keypolicy.Requirement{Name: c.called, File: "b.json", Baseline: mustParse(t, c.baseline)}
		findings := g.Violations(mustParse(t, c.policy), provenKey)
		if len(findings) != 1 || findings[0].Line != c.line || !strings.Contains(findings[0].Message, c.says) {
			t.Errorf("%s: %+v, want line %d, %q", name, findings, c.line, c.says)
		}
	}
	if got := keypolicy.WitnessLine(nil); got != "one that is not known" {
		t.Errorf("no witness is %q", got)
	}
	w := keypolicy.Witness{Principal: "p", Action: "a", Context: map[string]any{"z": "1", "b": []string{"2", "3"}}}
	if got := keypolicy.WitnessLine(&w); got != "p calls a with b = [2, 3], z = 1" {
		t.Errorf("a witness is %q", got)
	}
}
