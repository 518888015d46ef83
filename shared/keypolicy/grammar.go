package keypolicy

import (
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/finding"
)

// grammarChecker goes over one policy and reports how it is written.
type grammarChecker struct {
	*finding.Log
	p *document.Policy
	o *facts.Options
}

// checkGrammar reports what is wrong with the words of a policy: names that do not
// exist, values that their operator or key cannot have, versions and Sids.
func checkGrammar(p *document.Policy, o *facts.Options, l *finding.Log) {
	c := grammarChecker{Log: l, p: p, o: o}
	for i := range p.Statements {
		s := &p.Statements[i]
		c.principals(s)
		c.actions(s)
		c.resources(s)
		c.conditions(s)
	}
	c.header()
}
