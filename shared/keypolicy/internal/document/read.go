package document

import (
	"github.com/keysmith/keysmith/shared/keypolicy/internal/finding"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// builder reads one policy.
type builder struct {
	finding.Log
	p     *Policy
	ahead int // statements not built yet, the present one included

	items      slab[Item]
	actionSlab slab[Action]
	whoSlab    slab[Principal]
	condSlab   slab[Condition]
}

// Read reads the text into p and tells what is wrong with it as a text and by
// the grammar. It is false where the text holds no policy at all. The log is
// returned rather than handed in so that it stays off the heap.
func Read(text []byte, limit int, p *Policy) (finding.Log, bool) {
	c := builder{p: p}
	if len(text) > limit {
		c.Source = string(text[:limit])
		c.Add(&rule.TooLarge, int32(limit), jsontree.None, tooLarge(text)) //nolint:gosec // one of two small constants
		return c.Log, false
	}
	c.Source = string(text)
	body, ok := c.encoding()
	if !ok {
		return c.Log, false
	}
	*p = Policy{Tree: jsontree.Parse(body), VersionAt: jsontree.None, StatementsAt: jsontree.None}
	c.Source, c.Tree = body, &p.Tree
	if len(p.Tree.Nodes) > 0 && c.isOther() {
		c.faults(jsontree.TrailingData) // what follows is a part of that other document
		return c.ended(), false
	}
	c.faults()
	if !c.hasPolicy() {
		return c.ended(), false
	}
	p.opaque = p.Tree.Corrupt() || len(body) < len(text)
	c.build()
	return c.Log, true
}

// ended is the log of a text without a policy: its findings have no path.
func (c *builder) ended() finding.Log {
	c.Tree = nil
	return c.Log
}

// hasPolicy reports whether there is an object with anything in it.
func (c *builder) hasPolicy() bool {
	nodes := c.p.Tree.Nodes
	if len(nodes) == 0 || nodes[0].Kind != jsontree.Object {
		return false
	}
	if nodes[0].Len() == 0 && len(c.p.Tree.Faults) == 0 {
		c.Value(&rule.NoPolicy, 0, "The object is empty, and an upload without a policy never removes access. Write the whole policy, with a Version and a Statement.")
	}
	return nodes[0].Len() > 0
}
