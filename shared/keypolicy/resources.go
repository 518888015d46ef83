package keypolicy

import (
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// resources checks that a statement is about the key it is attached to.
func (c *grammarChecker) resources(s *statement) {
	if s.notResource {
		c.member(&rule.NotResource, s.resourceAt, "NotResource cannot be told from a mistake in a key policy, where there is one key only; write \"Resource\": \"*\".")
		return
	}
	star := false
	for _, r := range s.resources {
		star = star || r.text == "*"
	}
	for _, r := range s.resources {
		switch fit := c.o.Key.fits(r.text); {
		case r.text == "*":
		case fit == elsewhere:
			c.value(&rule.ResourceOther, r.node, "The resource "+quote(r.text)+" is not this key, so the statement never applies to it; write \"Resource\": \"*\", which means this key.")
		case star:
			c.value(&rule.ResourceRedundant, r.node, "\"*\" stands beside it and is this key already; keep \"*\" alone.")
		default:
			c.value(&rule.ResourceNotStar, r.node, "AWS has announced that \"*\" is the only Resource that KMS takes in a key policy; write \"*\", which means this key.")
		}
	}
}
