package document

import (
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/spell"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

var (
	policyMembers    = [...]string{"Version", "Id", "Statement"}
	statementMembers = [...]string{"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)

// build turns the tree into a policy, reporting what the grammar does not have.
func (c *builder) build() {
	nodes := c.p.Tree.Nodes
	for i := c.p.Tree.First(0); i != jsontree.None; i = nodes[i].Next {
		switch c.Name(i) {
		case "Version":
			c.p.VersionAt, c.p.Version = i, c.stringAt(i)
		case "Id":
			c.p.ID = c.stringAt(i)
		case "Statement":
			c.p.StatementsAt = i
			c.buildStatements(i)
		default:
			c.unknownMember(i, policyMembers[:], "a policy")
		}
	}
	if c.p.StatementsAt == jsontree.None {
		c.p.opaque = true
	}
	if c.p.StatementsAt == jsontree.None && !c.p.Tree.Cut {
		c.Value(&rule.StatementMissing, 0, "The policy has no Statement, so it allows nothing to anyone. Write a list of statements under \"Statement\".")
	}
}

// stringAt returns the text of a value that must be a string.
func (c *builder) stringAt(i int32) string {
	if c.Node(i).Kind != jsontree.String {
		c.wrongType(i, "a string")
		return ""
	}
	return c.Text(i)
}

// unknownMember returns the element that probably was meant.
func (c *builder) unknownMember(i int32, known []string, where string) string {
	c.p.opaque = true
	if c.Skip(&rule.UnknownMember) {
		return ""
	}
	name := c.Name(i)
	message := "There is no element " + phrase.Quote(name) + " in " + where + ", and AWS does not document what KMS does with it."
	near := spell.Closest(name, slices.Values(known))
	if near != "" {
		message += " Did you mean " + near + "?"
	} else {
		message += " Delete it."
	}
	c.Member(&rule.UnknownMember, i, message)
	return near
}

// buildStatements reads one statement or a list of them.
func (c *builder) buildStatements(i int32) {
	switch n := c.Node(i); n.Kind {
	case jsontree.Object:
		c.p.Statements = make([]Statement, 0, 1)
		c.ahead = 1
		c.buildStatement(i)
	case jsontree.Array:
		if n.Len() == 0 {
			c.Value(&rule.StatementMissing, i, "Statement is an empty list, so the policy allows nothing to anyone. Write at least one statement.")
			c.p.opaque = true
		}
		c.p.Statements = make([]Statement, 0, n.Len())
		c.ahead = n.Len()
		for e := c.p.Tree.First(i); e != jsontree.None; e = c.Node(e).Next {
			if c.Node(e).Kind != jsontree.Object {
				c.wrongType(e, "a statement in {…}")
				continue
			}
			c.buildStatement(e)
			c.ahead--
		}
	default:
		c.wrongType(i, "a list of statements")
	}
}

func (c *builder) buildStatement(node int32) {
	c.p.Statements = append(c.p.Statements, Statement{
		Node: node, SidAt: jsontree.None, EffectAt: jsontree.None, PrincipalAt: jsontree.None,
		ActionAt: jsontree.None, ResourceAt: jsontree.None, ConditionAt: jsontree.None,
	})
	s := &c.p.Statements[len(c.p.Statements)-1]
	for i := c.p.Tree.First(node); i != jsontree.None; i = c.Node(i).Next {
		c.buildElement(s, i)
	}
	for _, a := range s.Actions {
		// IAM does not take a pattern for the service, so what such an entry does
		// is not known: a Deny is taken to cover more by it, an Allow less.
		if (s.Effect == Deny) != s.NotAction || !a.Vague {
			s.Acts |= a.Set
		}
	}
	if s.NotAction {
		s.Acts = catalog.All &^ s.Acts
	}
	if !c.p.Tree.Cut {
		c.required(s)
	}
}

func (c *builder) buildElement(s *Statement, i int32) {
	switch name := c.Name(i); name {
	case "Sid":
		s.SidAt, s.Sid = i, c.stringAt(i)
	case "Effect":
		s.EffectAt = i
		c.buildEffect(s, i)
	case "Principal", "NotPrincipal":
		c.exclusive(s.PrincipalAt, i)
		s.PrincipalAt, s.NotPrincipal = i, name == "NotPrincipal"
		c.buildPrincipal(s, i)
	case "Action", "NotAction":
		c.exclusive(s.ActionAt, i)
		s.ActionAt, s.NotAction = i, name == "NotAction"
		c.buildActions(s, i)
	case "Resource", "NotResource":
		c.exclusive(s.ResourceAt, i)
		s.ResourceAt, s.NotResource = i, name == "NotResource"
		s.Resources = c.strings(i)
	case "Condition":
		s.ConditionAt = i
		c.buildCondition(s, i)
	default:
		s.meant = append(s.meant, c.unknownMember(i, statementMembers[:], "a statement"))
	}
}

// exclusive reports a second element of a pair of which there may be one.
func (c *builder) exclusive(before, i int32) {
	if before != jsontree.None && c.Name(before) != c.Name(i) {
		c.p.opaque = true
		c.Member(&rule.Combination, i, c.Name(before)+" and "+c.Name(i)+" are in one statement, and it is not defined which of them counts. Keep one.")
	}
}

func (c *builder) buildEffect(s *Statement, i int32) {
	switch text := c.stringAt(i); text {
	case "Allow":
		s.Effect = Allow
	case "Deny":
		s.Effect = Deny
	default:
		c.p.opaque = true
		if c.Node(i).Kind == jsontree.String {
			message := "Effect is " + phrase.Quote(text) + ", and KMS accepts only Allow and Deny. Write one of them."
			if near := spell.Closest(text, slices.Values([]string{"Allow", "Deny"})); near != "" {
				message = "Effect is " + phrase.Quote(text) + ", and KMS accepts only Allow and Deny. Did you mean " + near + "?"
			}
			c.Value(&rule.EffectInvalid, i, message)
		}
	}
}

func (c *builder) buildActions(s *Statement, i int32) {
	s.Actions = c.actionSlab.take(max(1, c.Node(i).Len()), 4*c.ahead)
	c.eachString(i, func(e int32) {
		a := Action{Text: c.Text(e), Node: e}
		a.Set, a.Pattern = catalog.Match(a.Text)
		service, _, named := strings.Cut(a.Text, ":")
		a.Vague = a.Pattern && a.Text != "*" && (!named || wildcard.Has(service))
		s.Actions = append(s.Actions, a)
	})
}

// strings reads a string or a list of strings.
func (c *builder) strings(i int32) []Item {
	items := c.items.take(max(1, c.Node(i).Len()), 2*c.ahead)
	c.eachString(i, func(e int32) { items = append(items, Item{c.Text(e), e}) })
	return items
}

// eachString calls f for a string, or for every string of a list.
func (c *builder) eachString(i int32, f func(int32)) {
	switch n := c.Node(i); n.Kind {
	case jsontree.String:
		f(i)
	case jsontree.Array:
		for e := c.p.Tree.First(i); e != jsontree.None; e = c.Node(e).Next {
			if c.Node(e).Kind != jsontree.String {
				c.wrongType(e, "a string")
				continue
			}
			f(e)
		}
	default:
		c.wrongType(i, "a string or a list of strings")
	}
}
