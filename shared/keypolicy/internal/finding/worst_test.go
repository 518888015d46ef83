package finding_test

import (
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/finding"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// TestTheGravestReasonIsToldWhateverTheOrder has one finding of each kind: a text that
// is too large, an invalid one, a lockout, a guardrail, matters of security, and what
// refuses a policy only because REJECT_AT says so.
func TestTheGravestReasonIsToldWhateverTheOrder(t *testing.T) {
	large, invalid, lockout, public := &rule.TooLarge, &rule.AccountFormat, &rule.RootLockout, &rule.Public
	security, warning, info := &rule.Hollow, &rule.ConditionNever, &rule.ConditionRedundant
	for name, c := range map[string]struct {
		rules  []*rule.Rule
		at     rule.Severity
		accept []string
		want   finding.Reason
	}{
		"nothing":                              {nil, rule.Security, nil, finding.Accepted},
		"information":                          {[]*rule.Rule{info}, rule.Security, nil, finding.Accepted},
		"a warning":                            {[]*rule.Rule{warning}, rule.Security, nil, finding.Accepted},
		"a warning that refuses":               {[]*rule.Rule{warning}, rule.Warning, nil, finding.InvalidPolicy},
		"information beside it":                {[]*rule.Rule{warning, info}, rule.Warning, nil, finding.InvalidPolicy},
		"a warning that is accepted":           {[]*rule.Rule{warning}, rule.Warning, []string{warning.ID}, finding.Accepted},
		"security":                             {[]*rule.Rule{security}, rule.Security, nil, finding.Guardrail},
		"security that is accepted":            {[]*rule.Rule{security}, rule.Security, []string{security.ID}, finding.Accepted},
		"security beside a warning":            {[]*rule.Rule{security, warning}, rule.Warning, nil, finding.Guardrail},
		"a guardrail beside a warning":         {[]*rule.Rule{public, warning}, rule.Warning, nil, finding.Guardrail},
		"a lockout beside a warning":           {[]*rule.Rule{lockout, warning}, rule.Warning, nil, finding.Lockout},
		"an error beside a warning":            {[]*rule.Rule{invalid, warning}, rule.Warning, nil, finding.InvalidPolicy},
		"too large beside a warning":           {[]*rule.Rule{large, warning}, rule.Warning, nil, finding.TooLarge},
		"an error":                             {[]*rule.Rule{invalid, security}, rule.Security, nil, finding.InvalidPolicy},
		"an error below what refuses":          {[]*rule.Rule{invalid}, rule.Error + 1, nil, finding.InvalidPolicy},
		"a lockout":                            {[]*rule.Rule{lockout, security, warning}, rule.Warning, nil, finding.Lockout},
		"a lockout that nobody can accept":     {[]*rule.Rule{lockout}, rule.Security, []string{lockout.ID}, finding.Lockout},
		"an error beside a lockout":            {[]*rule.Rule{invalid, lockout}, rule.Security, nil, finding.InvalidPolicy},
		"too large":                            {[]*rule.Rule{large, invalid, lockout}, rule.Security, nil, finding.TooLarge},
		"a guardrail that somebody leaves out": {[]*rule.Rule{public}, rule.Security, []string{public.ID}, worstOf(public)},
	} {
		for range 2 {
			var all []finding.Finding
			for _, r := range c.rules {
				all = append([]finding.Finding{{Rule: r.ID, Severity: r.Severity}}, all...)
			}
			refuses := false
			for _, f := range all {
				refuses = refuses || f.Refuses(c.at, c.accept)
			}
			if refuses != (c.want != finding.Accepted) {
				t.Errorf("%s: one of the findings refuses it: %v", name, refuses)
			}
			if got := finding.Worst(all, false, c.at, c.accept); got != c.want {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
			for i := range len(c.rules) / 2 {
				j := len(c.rules) - 1 - i
				c.rules[i], c.rules[j] = c.rules[j], c.rules[i]
			}
		}
	}
	if got := finding.Worst(nil, true, rule.Security, nil); got != finding.InvalidPolicy {
		t.Errorf("no policy: %q", got)
	}
}

// worstOf is what a rule refuses a policy for where it is named as accepted.
func worstOf(r *rule.Rule) finding.Reason {
	if r.Class == rule.ClassGuardrail {
		return finding.Guardrail
	}
	return finding.Accepted
}
