// Package verdict holds what is said about the meaning of a policy: who would lose
// the key, whom it lets in, which statements, conditions and values do nothing or
// more than they seem to, who gains and who loses access.
//
// Each rule states a question about requests and a message. The questions go to
// package decide, which proves the answer, refutes it by a request, or leaves it
// undecided. Where the text alone tells the same answer for certain, no question
// is asked: most statements of real policies are of that kind. Undecided never
// counts as safe.
package verdict

import (
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/finding"
)

// effective are the actions that a key policy can allow at all.
const effective = catalog.All &^ catalog.Ineffective

// checker goes over one policy and reports what it does.
type checker struct {
	*finding.Log
	questions
	o      *facts.Options
	usable catalog.Set // the actions that can work on the key
}

// Check reports what the policy does: what in it has no effect, whom it lets in,
// and who would lose the key.
func Check(p *document.Policy, o *facts.Options, b *decide.Budget, l *finding.Log) {
	c := checker{Log: l, questions: questions{p: p, key: o.Key, budget: b}, o: o, usable: facts.UsableActions(o.Key)}
	if !p.Opaque() {
		c.lockout() // first, so that no other question takes its share of the work
	}
	for i := range p.Statements {
		s := &p.Statements[i]
		c.repeatedPrincipals(s)
		c.uselessActions(s)
		c.uselessConditions(s)
		c.guardrails(s)
		c.exposure(s)
	}
	if !p.Opaque() {
		c.redundantStatements()
	}
}
