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
