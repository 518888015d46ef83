package document

import (
	"slices"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/spell"
)

var principalMembers = [...]string{"AWS", "Service", "Federated", "CanonicalUser"}

// buildPrincipal reads "*" or an object of principals by kind.
func (c *builder) buildPrincipal(s *Statement, i int32) {
	switch n := c.Node(i); {
	case n.Kind == jsontree.String && c.Text(i) == "*":
		s.Principals = []Principal{classify(AWSPrincipal, Item{"*", i})}
	case n.Kind == jsontree.String:
		c.p.opaque = true
		c.Value(&rule.PrincipalShape, i, "Principal is the string "+phrase.Quote(c.Text(i))+", and the only string that KMS accepts is \"*\". Write {\"AWS\": "+phrase.Quote(c.Text(i))+"}, or {\"Service\": …} for an AWS service.")
	case n.Kind == jsontree.Array:
		c.p.opaque = true
		c.Value(&rule.PrincipalShape, i, "Principal is a list, and it must be an object. Write {\"AWS\": […]}, with the list inside.")
	case n.Kind != jsontree.Object:
		c.wrongType(i, "\"*\" or an object such as {\"AWS\": …}")
	default:
		for m := c.p.Tree.First(i); m != jsontree.None; m = c.Node(m).Next {
			c.buildPrincipals(s, m)
		}
	}
}

func (c *builder) buildPrincipals(s *Statement, m int32) {
	var kind Kind
	switch c.Name(m) {
	case "AWS":
		kind = AWSPrincipal
	case "Service":
		kind = ServicePrincipal
	case "Federated":
		kind = FederatedPrincipal
	case "CanonicalUser":
		kind = CanonicalUser
	default:
		c.unknownPrincipalKind(m)
		return
	}
	if s.Principals == nil {
		s.Principals = c.whoSlab.take(max(1, c.Node(m).Len()), 2*c.ahead)
	}
	c.eachString(m, func(e int32) {
		s.Principals = append(s.Principals, classify(kind, Item{c.Text(e), e}))
	})
}

func (c *builder) unknownPrincipalKind(m int32) {
	c.p.opaque = true
	name := c.Name(m)
	message := "Principal has no member " + phrase.Quote(name) + ", so KMS refuses the policy. Write \"AWS\" or \"Service\"."
	if near := spell.Closest(name, slices.Values(principalMembers[:])); near != "" {
		message += " Did you mean " + near + "?"
	}
	c.Member(&rule.PrincipalKind, m, message)
}

// buildCondition reads {operator: {key: value or values}}.
func (c *builder) buildCondition(s *Statement, i int32) {
	if c.Node(i).Kind != jsontree.Object {
		c.wrongType(i, "an object such as {\"StringEquals\": {…}}")
		return
	}
	s.EmptyCondition = c.Node(i).Len() == 0
	s.Conditions = c.condSlab.take(c.countKeys(i), c.ahead)
	for op := c.p.Tree.First(i); op != jsontree.None; op = c.Node(op).Next {
		if c.Node(op).Kind != jsontree.Object {
			c.wrongType(op, "an object of condition keys and values")
			continue
		}
		if c.Node(op).Len() == 0 {
			s.EmptyOperators++
			s.Bare = append(s.Bare, c.Name(op))
		}
		o := ParseOperator(c.Name(op))
		for k := c.p.Tree.First(op); k != jsontree.None; k = c.Node(k).Next {
			name := c.Name(k)
			s.Conditions = append(s.Conditions, Condition{
				Operator: o, OpText: c.Name(op), OpAt: op,
				Name: name, Key: catalog.LookupKey(name), Node: k, Values: c.scalars(k),
			})
		}
	}
}

func (c *builder) countKeys(i int32) int {
	n := 0
	for op := c.p.Tree.First(i); op != jsontree.None; op = c.Node(op).Next {
		n += c.Node(op).Len()
	}
	return n
}

// scalars reads one value or a list; IAM takes booleans and numbers for their
// text.
func (c *builder) scalars(i int32) []Item {
	n := c.Node(i)
	if n.Kind != jsontree.Array {
		return c.scalar(c.items.take(1, 2*c.ahead), i)
	}
	values := c.items.take(n.Len(), 2*c.ahead)
	for e := c.p.Tree.First(i); e != jsontree.None; e = c.Node(e).Next {
		values = c.scalar(values, e)
	}
	return values
}

func (c *builder) scalar(into []Item, i int32) []Item {
	switch n := c.Node(i); n.Kind {
	case jsontree.String, jsontree.Bool, jsontree.Number:
		return append(into, Item{c.Text(i), i})
	}
	c.wrongType(i, "a string, or a list of strings")
	return into
}
