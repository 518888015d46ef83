package grammar

import (
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// resources checks that a statement is about the key it is attached to.
func (c *checker) resources(s *document.Statement) {
	if s.NotResource {
		c.Member(&rule.NotResource, s.ResourceAt, "NotResource cannot be told from a mistake in a key policy, where there is one key only; write \"Resource\": \"*\".")
		return
	}
	star := false
	for _, r := range s.Resources {
		star = star || r.Text == "*"
	}
	for _, r := range s.Resources {
		switch fit := c.o.Key.Fits(r.Text); {
		case r.Text == "*":
		case fit == facts.Elsewhere:
			c.Value(&rule.ResourceOther, r.Node, "The resource "+phrase.Quote(r.Text)+" is not this key, so the statement never applies to it; write \"Resource\": \"*\", which means this key.")
		case star:
			c.Value(&rule.ResourceRedundant, r.Node, "\"*\" stands beside it and is this key already; keep \"*\" alone.")
		default:
			c.Value(&rule.ResourceNotStar, r.Node, "AWS has announced that \"*\" is the only Resource that KMS takes in a key policy; write \"*\", which means this key.")
		}
	}
}
