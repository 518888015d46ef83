// Package verdict holds what is said about the meaning of a policy: who would lose
// the key, whom it lets in, which statements, conditions and values do nothing or
// more than they seem to, who gains and who loses access.
//
// It exists apart from the reading and from the rules about words because each of
// these is a question about requests: is there one that the policy allows, or does
// not? Here a function answers for each kind of question. A procedure that decides
// the question itself belongs below this package and takes their place. Where a
// verdict cannot be sure, it takes the side that locks nobody out and lets nobody
// in.
package verdict

import (
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/finding"
)

// checker goes over one policy and reports what it does.
type checker struct {
	*finding.Log
	p      *document.Policy
	o      *facts.Options
	usable catalog.Set // the actions that can work on the key
}

// Check reports what the policy does: what in it has no effect, whom it lets in,
// and who would lose the key.
func Check(p *document.Policy, o *facts.Options, l *finding.Log) {
	c := checker{Log: l, p: p, o: o, usable: facts.UsableActions(o.Key)}
	for i := range p.Statements {
		s := &p.Statements[i]
		c.repeatedPrincipals(s)
		c.uselessActions(s)
		c.uselessConditions(s)
		c.guardrails(s)
		c.exposure(s)
	}
	if p.Opaque() {
		return
	}
	c.redundantStatements()
	c.lockout()
}
