package grammar

import (
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// resources checks that a statement is about the key it is attached to.
func (c *checker) resources(s *document.Statement) {
	if s.NotResource {
		c.Member(&rule.NotResource, s.ResourceAt, "NotResource excludes resources, and a key policy has one resource only: the statement applies to this key always or never. Write \"Resource\": \"*\", or delete the statement.")
		return
	}
	star := false
	for _, r := range s.Resources {
		star = star || r.Text == "*"
	}
	for _, r := range s.Resources {
		switch {
		case r.Text == "*":
		case !c.o.Key.CouldBe(r.Text):
			c.Value(&rule.ResourceOther, r.Node, "The resource "+phrase.Quote(r.Text)+" is not this key, so the statement never applies. Write \"Resource\": \"*\", which means this key.")
		case star:
			c.Value(&rule.ResourceRedundant, r.Node, "The list also has \"*\", which means this key, so this entry has no effect. Delete it.")
		default:
			c.Value(&rule.ResourceNotStar, r.Node, "AWS has announced that KMS will accept only \"*\" as the Resource of a key policy. Write \"*\", which means this key.")
		}
	}
}
