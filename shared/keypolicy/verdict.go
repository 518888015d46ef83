package keypolicy

import "github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"

// verdictChecker goes over one policy and reports what it does.
type verdictChecker struct {
	*log
	p      *policy
	o      *Options
	usable catalog.Set // the actions that can work on the key
}

// judge reports what the policy does: what in it has no effect, whom it lets in,
// and who would lose the key.
func judge(p *policy, o *Options, l *log) {
	c := verdictChecker{log: l, p: p, o: o, usable: usableActions(o.Key)}
	for i := range p.statements {
		s := &p.statements[i]
		c.repeatedPrincipals(s)
		c.uselessActions(s)
		c.uselessConditions(s)
		c.guardrails(s)
		c.exposure(s)
	}
	if p.opaque {
		return
	}
	c.redundantStatements()
	c.lockout()
}
