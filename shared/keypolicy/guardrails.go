package keypolicy

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/finding"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/guardrail"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/meaning"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// Requirement is one guardrail on a key policy: a baseline, which is a policy in
// the syntax of resource control policies, or an assertion. The other one is nil.
type Requirement struct {
	Name   string
	Reason string // why it exists, as its author says; may be empty
	File   string
	Line   int // of the assertion; the lines of a baseline are its own

	Baseline  *Policy
	Assertion *Assertion
}

// AssertionFault is something in an assertion that is not understood, or a
// principal that nobody can be.
type AssertionFault = meaning.Fault

// ReadBaseline reads a policy in the syntax of resource control policies. It is
// false where the policy cannot be used; the findings say why.
func ReadBaseline(text []byte) (*Policy, []Finding, bool) {
	p := new(Policy)
	findings, ok := guardrail.ReadBaseline(text, &p.parsed)
	return p, findings, ok
}

// Exception lets a policy pass in spite of the findings of one rule, or of the
// baseline or assertion of that name.
type Exception struct {
	Rule          string
	Owner, Reason string
	Until         time.Time // the first moment at which it does not count
	At            string    // file and line
}

// Guardrails are what an installation requires of one policy beside the rules.
// The zero value requires nothing.
type Guardrails struct {
	Required   []Requirement
	Exceptions []Exception
	Now        time.Time // which exceptions count, and which end soon
}

// Check does what [Check] does, and reports each guardrail that the policy is not
// proven to keep to. Findings that an exception covers are replaced by notices.
func (g Guardrails) Check(text []byte, o Options) Report {
	b := decide.NewBudget()
	r := check(text, o, b)
	if len(g.Required)+len(g.Exceptions) == 0 {
		return r
	}
	ends := map[string]bool{}
	all := make([]Finding, 0, len(r.Findings))
	for _, f := range r.Findings {
		all = append(all, g.excuse(f, f.Rule, ends)...)
	}
	for i := range g.Required {
		for _, f := range g.Required[i].violations(r.Policy, o.Key, b) {
			all = append(all, g.excuse(f, g.Required[i].Name, ends)...)
		}
	}
	slices.SortStableFunc(all, func(a, b Finding) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column)) })
	r.Findings = all
	return r
}

// Violations says why a policy is not proven to be as the guardrail requires;
// nothing where it is proven, or where the policy is opaque or nil.
func (g *Requirement) Violations(p *Policy, k Key) []Finding {
	return g.violations(p, k, decide.NewBudget())
}

func (g *Requirement) violations(p *Policy, k Key, b *decide.Budget) []Finding {
	if p == nil {
		return nil
	}
	inner := guardrail.Requirement{Name: g.Name, Reason: g.Reason, File: g.File, Line: g.Line, Assertion: g.Assertion}
	if g.Baseline != nil {
		inner.Baseline = g.Baseline.document()
	}
	return inner.Violations(&p.parsed, k, b)
}

// warned is how long before its end an exception is warned of.
const warned = 14 * 24 * time.Hour

// excuse replaces a finding that an exception covers. The end of an exception is
// told once for each policy.
func (g Guardrails) excuse(f Finding, name string, told map[string]bool) []Finding {
	covers := func(e Exception) bool { return e.Rule == name || e.Rule == f.Rule }
	i := slices.IndexFunc(g.Exceptions, func(e Exception) bool { return covers(e) && g.Now.Before(e.Until) })
	if i < 0 {
		if j := slices.IndexFunc(g.Exceptions, covers); j >= 0 {
			f.Message += " The exception at " + g.Exceptions[j].At + " has ended, on " + g.Exceptions[j].lastDay() + "."
		}
		return []Finding{f}
	}
	e := g.Exceptions[i]
	exception := "exception from " + e.Rule + " at " + e.At + " (" + e.Owner + ": " + strings.TrimSuffix(e.Reason, ".") + ")"
	used := notice(f, &rule.ExceptionUsed, "Accepted because of an "+exception+", until "+e.lastDay()+": "+f.Message)
	used.Witness = f.Witness
	if told[e.At] || g.Now.Before(e.Until.Add(-warned)) {
		return []Finding{used}
	}
	told[e.At] = true
	return []Finding{used, notice(f, &rule.ExceptionEnds, "The "+exception+
		" ends on "+e.lastDay()+". After that, a change of the policy is refused. Change the policy, or agree on a later date with the owner.")}
}

// lastDay is the last day on which the exception counts.
func (e Exception) lastDay() string { return e.Until.Add(-time.Nanosecond).UTC().Format(time.DateOnly) }

func notice(at Finding, r *rule.Rule, message string) finding.Finding {
	return Finding{Rule: r.ID, Severity: r.Severity, Message: message, Line: at.Line, Column: at.Column, Path: at.Path, Link: r.Link}
}

// WitnessLine says a witness in one line.
func WitnessLine(w *Witness) string { return guardrail.Request(w) }

// WitnessContext lists the condition keys of a witness with their values, sorted.
func WitnessContext(w *Witness) []string { return guardrail.Context(w) }
