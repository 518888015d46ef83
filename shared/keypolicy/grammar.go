package keypolicy

// grammarChecker goes over one policy and reports how it is written.
type grammarChecker struct {
	*log
	p *policy
	o *Options
}

// checkGrammar reports what is wrong with the words of a policy: names that do not
// exist, values that their operator or key cannot have, versions and Sids.
func checkGrammar(p *policy, o *Options, l *log) {
	c := grammarChecker{log: l, p: p, o: o}
	for i := range p.statements {
		s := &p.statements[i]
		c.principals(s)
		c.actions(s)
		c.resources(s)
		c.conditions(s)
	}
	c.header()
}
