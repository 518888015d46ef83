package keypolicy

import "github.com/keysmith/keysmith/shared/keypolicy/internal/finding"

// A Finding is one thing wrong with a policy. It is a result, not an error:
// Check succeeded, and this is what it saw.
type Finding = finding.Finding

// Report is what Check saw.
type Report struct {
	Policy   *Policy // nil where the text holds no policy at all
	Findings []Finding
}

// Reason says why a policy is not acceptable; empty where it is.
type Reason = finding.Reason

const (
	Accepted      = finding.Accepted
	TooLarge      = finding.TooLarge
	InvalidPolicy = finding.InvalidPolicy
	Lockout       = finding.Lockout
	Guardrail     = finding.Guardrail
)

// Reason returns the gravest reason to refuse the policy, empty where there is
// none.
func (r Report) Reason(at Severity, accept []string) Reason {
	return finding.Worst(r.Findings, r.Policy == nil, at, accept)
}
