package keypolicy

import "github.com/keysmith/keysmith/shared/keypolicy/internal/rule"

// Rule is one entry of the catalogue.
type Rule = rule.Rule

// Class says what a finding of a rule means for the policy.
type Class = rule.Class

const (
	ClassAdvice    = rule.ClassAdvice    // refuses by its severity, unless accepted by name
	ClassSize      = rule.ClassSize      // more than KMS takes
	ClassInvalid   = rule.ClassInvalid   // not a policy, or not one that can be judged
	ClassLockout   = rule.ClassLockout   // somebody who must keep the key would lose it
	ClassGuardrail = rule.ClassGuardrail // opens the key to somebody nobody declared
	ClassNotice    = rule.ClassNotice    // never refuses
)

// Severity orders findings. The zero value is Info.
type Severity = rule.Severity

const (
	Info     = rule.Info
	Warning  = rule.Warning
	Security = rule.Security
	Error    = rule.Error
)

// ParseSeverity reads the name of a severity.
func ParseSeverity(name string) (Severity, error) { return rule.ParseSeverity(name) }

// Rules returns the catalogue, in the order in which it is documented.
func Rules() []Rule { return rule.All() }

// RuleByID finds a rule by its name.
func RuleByID(id string) (Rule, bool) { return rule.ByID(id) }
