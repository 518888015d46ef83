package keypolicy

import "github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"

// Parse reads a policy. The findings say everything that is wrong with it as a
// text and by the grammar; the policy is nil where the text holds none at all.
func Parse(text []byte) (*Policy, []Finding) {
	var c checker
	c.read(text, maxServed)
	return c.p, c.findings()
}

// Check parses a policy and reports everything that is to be said about it, in
// the order of the text. The same text and options give the same report.
func Check(text []byte, o Options) Report {
	c := checker{o: o}
	c.read(text, MaxSize)
	if c.p != nil {
		c.usable = usableActions(o.Key)
		c.statements()
		c.wholePolicy()
	}
	return Report{Policy: c.p, Findings: c.findings()}
}

// read parses the text and checks its grammar.
func (c *checker) read(text []byte, limit int) {
	if len(text) > limit {
		c.text = string(text[:limit])
		c.add(&ruleTooLarge, int32(limit), none, tooLarge(len(text))) //nolint:gosec // one of two small constants
		return
	}
	c.text = string(text)
	body, ok := c.encoding()
	if !ok {
		return
	}
	p := &Policy{tree: jsontree.Parse(body), versionAt: none, statementsAt: none}
	c.text, c.p = body, p
	c.faults()
	if !c.hasPolicy() {
		c.p = nil
		return
	}
	p.opaque = p.tree.Corrupt() || len(body) < len(text)
	c.build()
}

// hasPolicy reports whether there is an object with anything in it.
func (c *checker) hasPolicy() bool {
	nodes := c.p.tree.Nodes
	if len(nodes) == 0 || nodes[0].Kind != jsontree.Object {
		return false
	}
	if nodes[0].Len() == 0 && len(c.p.tree.Faults) == 0 {
		c.value(&ruleNoPolicy, 0, "The object is empty, and an empty object never takes access away: write the whole policy, with a Version and a Statement.")
	}
	return nodes[0].Len() > 0
}

// statements runs the rules that look at one statement.
func (c *checker) statements() {
	for i := range c.p.statements {
		s := &c.p.statements[i]
		c.principals(s)
		c.actions(s)
		c.resources(s)
		c.conditions(s)
		c.guardrails(s)
		c.exposure(s)
	}
}

// wholePolicy runs the rules that need every statement.
func (c *checker) wholePolicy() {
	c.header()
	if c.p.opaque {
		return
	}
	c.redundantStatements()
	c.lockout()
}
