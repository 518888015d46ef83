// Package grammar holds the rules about the words of a policy: names that do not
// exist or are misspelt, operators that do not go with their keys, values that are
// not what their key holds.
//
// It exists apart from the verdicts because these rules need no requests: each
// looks at a word and a table. What a policy does is for package verdict to say.
package grammar

import (
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/finding"
)

// checker goes over one policy and reports how it is written.
type checker struct {
	*finding.Log
	p *document.Policy
	o *facts.Options
}

// Check reports what is wrong with the words of a policy: names that do not
// exist, values that their operator or key cannot have, versions and Sids.
func Check(p *document.Policy, o *facts.Options, l *finding.Log) {
	c := checker{Log: l, p: p, o: o}
	for i := range p.Statements {
		s := &p.Statements[i]
		c.principals(s)
		c.actions(s)
		c.resources(s)
		c.conditions(s)
	}
	c.header()
}
