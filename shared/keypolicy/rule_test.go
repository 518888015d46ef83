package keypolicy_test

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

func TestEachRuleFindsItsBadCasesAndLeavesTheGoodOnesAlone(t *testing.T) {
	for _, rule := range keypolicy.Rules() {
		t.Run(rule.ID, func(t *testing.T) {
			seen := map[string]bool{}
			for _, file := range caseFiles(t) {
				if path.Dir(file) != "testdata/rules/"+rule.ID {
					continue
				}
				c := readCase(t, file)
				kind, _, _ := strings.Cut(strings.TrimSuffix(path.Base(file), ".txtar"), "-")
				seen[kind] = true
				found := slices.ContainsFunc(c.check().Findings, func(f keypolicy.Finding) bool { return f.Rule == rule.ID })
				if want := kind == "bad"; found != want {
					t.Errorf("%s: found is %v, want %v", file, found, want)
				}
			}
			if !seen["bad"] || !seen["good"] || len(seen) != 2 {
				t.Errorf("the rule has cases %v, want bad and good", seen)
			}
		})
	}
}

func TestGoodCasesAreAcceptedOrWrongInAnotherWayThatTheirSentenceTells(t *testing.T) {
	for _, file := range caseFiles(t) {
		if !strings.HasPrefix(path.Base(file), "good") {
			continue
		}
		c := readCase(t, file)
		if reason := c.check().Reason(keypolicy.Security, []string{"action-unknown"}); reason != keypolicy.Accepted {
			t.Errorf("%s: %s", file, c.report())
		}
	}
}

func TestTheExampleOfARuleIsThatOfItsPage(t *testing.T) {
	for _, r := range keypolicy.Rules() {
		example := keypolicy.RuleExample(r.ID)
		for line := range strings.Lines(example) {
			if !strings.HasPrefix(line, "- ") && !strings.HasPrefix(line, "+ ") {
				t.Errorf("the example of %s has the line %q", r.ID, line)
			}
		}
		if r.ID == "action-missing" && !strings.Contains(example, "Action") {
			t.Errorf("the example of %s is %q", r.ID, example)
		}
	}
	if got := keypolicy.RuleExample("no-such-rule"); got != "" {
		t.Errorf("a rule that does not exist has the example %q", got)
	}
	if r, found := keypolicy.RuleByID("no-such-rule"); found {
		t.Errorf("a rule that does not exist is %v", r)
	}
}

func TestSeveritiesAreReadAsTheyAreWritten(t *testing.T) {
	for _, s := range []keypolicy.Severity{keypolicy.Info, keypolicy.Warning, keypolicy.Security, keypolicy.Error} {
		text, err := s.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var got keypolicy.Severity
		if err := got.UnmarshalText(text); err != nil || got != s || string(text) != s.String() {
			t.Errorf("%s becomes %q and %s: %v", s, text, got, err)
		}
	}
	if s, err := keypolicy.ParseSeverity("fatal"); err == nil {
		t.Errorf("fatal is %s", s)
	}
	if got := (keypolicy.Error + 1).String(); got != "unknown" {
		t.Errorf("what is no severity is called %q", got)
	}
}

func TestTheCatalogueIsWellFormed(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range keypolicy.Rules() {
		if seen[r.ID] {
			t.Errorf("rule %s stands twice", r.ID)
		}
		seen[r.ID] = true
		if strings.ToLower(r.ID) != r.ID || strings.ContainsAny(r.ID, " _.") {
			t.Errorf("rule %s is not kebab-case", r.ID)
		}
		if r.Title == "" || r.Why == "" || r.Remedy == "" {
			t.Errorf("rule %s lacks a title, a why or a remedy", r.ID)
		}
		if (r.Class == keypolicy.ClassLockout || r.Class == keypolicy.ClassGuardrail) && r.Acceptable() {
			t.Errorf("rule %s could be accepted by name", r.ID)
		}
		if found, ok := keypolicy.RuleByID(r.ID); !ok || found != r {
			t.Errorf("looking %s up gives %v", r.ID, found)
		}
	}
}
