package document

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// wrongType reports a value that the grammar has no use for.
func (c *builder) wrongType(i int32, want string) {
	c.p.opaque = true
	name := c.Name(i)
	if c.Node(i).NameAt == jsontree.None {
		name = "This entry"
	}
	message := name + " is " + c.Node(i).Kind.String() + ", and it must be " + want + "."
	c.Value(&rule.WrongType, i, message+c.typeHint(i, want))
}

// typeHint says what a value of the wrong type probably comes from.
func (c *builder) typeHint(i int32, want string) string {
	switch first := c.p.Tree.First(i); {
	case c.Node(i).Kind == jsontree.Number && strings.Contains(want, "string"):
		return " Put it in quotes: a number loses its leading zeros."
	case c.Node(i).Kind == jsontree.Object && first != jsontree.None && (strings.HasPrefix(c.Name(first), "Fn::") || c.Name(first) == "Ref"):
		return " This is a CloudFormation function, and nothing evaluates it here. Write its value."
	}
	return ""
}

// required reports elements that a statement must have and has not.
func (c *builder) required(s *Statement) {
	if s.EffectAt == jsontree.None {
		c.p.opaque = true
	}
	if s.EffectAt == jsontree.None && !s.means("Effect") {
		c.Value(&rule.EffectMissing, s.Node, "The statement has no Effect, so it neither allows nor denies. Write \"Effect\": \"Allow\" or \"Effect\": \"Deny\".")
	}
	if len(s.Principals) == 0 && !c.typed(s.PrincipalAt) && !s.means("Principal") {
		c.Value(&rule.PrincipalMissing, c.near(s.PrincipalAt, s.Node), "The statement has no principal, so KMS refuses the policy. Write the principals, such as \"Principal\": {\"AWS\": \"arn:aws:iam::111122223333:role/Name\"}.")
	}
	if len(s.Actions) == 0 && !c.typed(s.ActionAt) && !s.means("Action") {
		c.Value(&rule.ActionMissing, c.near(s.ActionAt, s.Node), "The statement has no action, so it has no effect, and AWS has announced that KMS will refuse it. Write \"Action\": [\"kms:…\"].")
	}
	if len(s.Resources) == 0 && !c.typed(s.ResourceAt) && !s.means("Resource") {
		c.Value(&rule.ResourceMissing, c.near(s.ResourceAt, s.Node), "The statement has no resource, so it has no effect, and AWS has announced that KMS will refuse it. Write \"Resource\": \"*\", which means this key.")
	}
}

func (c *builder) near(element, statement int32) int32 {
	if element != jsontree.None {
		return element
	}
	return statement
}

// typed reports whether an element is there with something in it, whose
// trouble has been reported already.
func (c *builder) typed(i int32) bool {
	if i == jsontree.None {
		return false
	}
	switch n := c.Node(i); n.Kind {
	case jsontree.Array:
		return n.Len() > 0
	case jsontree.Object:
		for e := c.p.Tree.First(i); e != jsontree.None; e = c.Node(e).Next {
			if c.typed(e) {
				return true
			}
		}
		return false
	}
	return true
}
