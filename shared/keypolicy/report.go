package keypolicy

import "slices"

// A Finding is one thing wrong with a policy. It is a result, not an error:
// Check succeeded, and this is what it saw.
type Finding struct {
	Rule     string   `json:"rule"` // stable identifier, such as "action-missing"
	Severity Severity `json:"severity"`
	Message  string   `json:"message"`        // what, why it matters, what to write instead
	Line     int      `json:"line"`           // from 1
	Column   int      `json:"column"`         // from 1, in characters
	Path     string   `json:"path"`           // such as Statement[2].Action
	Link     string   `json:"link,omitempty"` // AWS's page about it
}

// Report is what Check saw.
type Report struct {
	Policy   *Policy // nil where the text holds no policy at all
	Findings []Finding
}

// Reason says why a policy is not acceptable; empty where it is.
type Reason string

const (
	Accepted      Reason = ""
	TooLarge      Reason = "TOO_LARGE"
	InvalidPolicy Reason = "INVALID_POLICY"
	Lockout       Reason = "LOCKOUT"
	Guardrail     Reason = "GUARDRAIL"
)

// Reason returns the gravest reason to refuse the policy. Findings of severity
// at or worse refuse it, except those of rules named in accept; neither makes a
// difference to a rule of another class than Advice.
func (r Report) Reason(at Severity, accept []string) Reason {
	var seen [ClassGuardrail + 1]bool
	invalid, advised := false, false
	for _, f := range r.Findings {
		class := ClassInvalid
		if rule, known := RuleByID(f.Rule); known {
			class = rule.Class
		}
		if seen[class] = true; class != ClassAdvice || slices.Contains(accept, f.Rule) {
			continue
		}
		invalid = invalid || f.Severity == Error
		advised = advised || f.Severity >= at
	}
	switch {
	case seen[ClassSize]:
		return TooLarge
	case seen[ClassInvalid] || invalid || r.Policy == nil:
		return InvalidPolicy
	case seen[ClassLockout]:
		return Lockout
	case seen[ClassGuardrail] || advised:
		return Guardrail
	}
	return Accepted
}
