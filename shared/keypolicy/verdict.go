package keypolicy

import (
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/finding"
)

// verdictChecker goes over one policy and reports what it does.
type verdictChecker struct {
	*finding.Log
	p      *document.Policy
	o      *facts.Options
	usable catalog.Set // the actions that can work on the key
}

// judge reports what the policy does: what in it has no effect, whom it lets in,
// and who would lose the key.
func judge(p *document.Policy, o *facts.Options, l *finding.Log) {
	c := verdictChecker{Log: l, p: p, o: o, usable: facts.UsableActions(o.Key)}
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
