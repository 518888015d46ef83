// Package finding collects what is seen in a policy and puts it in the order of the
// text, each with its line, its column and its path.
//
// It exists so that a rule that finds something names a rule, a node and a sentence,
// and nothing else: places, limits and order are worked out once, at the end.
package finding

import (
	"slices"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// A Finding is one thing wrong with a policy. It is a result, not an error:
// Check succeeded, and this is what it saw.
type Finding struct {
	Rule     string        `json:"rule"` // stable identifier, such as "action-missing"
	Severity rule.Severity `json:"severity"`
	Message  string        `json:"message"`        // what, why it matters, what to write instead
	Line     int           `json:"line"`           // from 1
	Column   int           `json:"column"`         // from 1, in characters
	Path     string        `json:"path"`           // such as Statement[2].Action
	Link     string        `json:"link,omitempty"` // AWS's page about it
	// Witness is a request that shows it: let in, or refused, though it must not be.
	Witness *decide.Witness `json:"witness,omitempty"`
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

// Refuses reports whether the finding alone refuses the policy. Findings of
// severity at or worse do, except those of rules named in accept; neither makes
// a difference to a rule of another class than Advice.
func (f Finding) Refuses(at rule.Severity, accept []string) bool {
	reason, _ := f.refusal(at, accept)
	return reason != Accepted
}

// refusal is the reason to refuse a policy that the finding alone is. A minor
// one refuses only because of at and is no matter of security.
func (f Finding) refusal(at rule.Severity, accept []string) (reason Reason, minor bool) {
	r, known := rule.ByID(f.Rule)
	switch {
	case !known || r.Class == rule.ClassInvalid:
		return InvalidPolicy, false
	case r.Class == rule.ClassSize:
		return TooLarge, false
	case r.Class == rule.ClassLockout:
		return Lockout, false
	case r.Class == rule.ClassGuardrail:
		return Guardrail, false
	case r.Class == rule.ClassNotice || slices.Contains(accept, f.Rule) || f.Severity < at && f.Severity != rule.Error:
		return Accepted, false
	case f.Severity == rule.Security:
		return Guardrail, false
	}
	return InvalidPolicy, f.Severity < rule.Security
}

// Worst returns the gravest reason to refuse a policy with these findings, empty
// where there is none. A text that holds no policy at all is invalid.
func Worst(findings []Finding, noPolicy bool, at rule.Severity, accept []string) Reason {
	order := [...]Reason{TooLarge, InvalidPolicy, Lockout, Guardrail, Accepted}
	gravest, minor := len(order)-1, Accepted
	for _, f := range findings {
		switch reason, isMinor := f.refusal(at, accept); {
		case isMinor:
			minor = reason
		default:
			gravest = min(gravest, slices.Index(order[:], reason))
		}
	}
	if noPolicy {
		gravest = min(gravest, slices.Index(order[:], InvalidPolicy))
	}
	if order[gravest] == Accepted {
		return minor
	}
	return order[gravest]
}
