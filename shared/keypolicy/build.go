package keypolicy

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
	nodes := c.p.tree.Nodes
	for i := c.p.tree.First(0); i != jsontree.None; i = nodes[i].Next {
		switch c.Name(i) {
		case "Version":
			c.p.versionAt, c.p.version = i, c.stringAt(i)
		case "Id":
			c.p.id = c.stringAt(i)
		case "Statement":
			c.p.statementsAt = i
			c.buildStatements(i)
		default:
			c.unknownMember(i, policyMembers[:], "a policy")
		}
	}
	if c.p.statementsAt == jsontree.None {
		c.p.opaque = true
	}
	if c.p.statementsAt == jsontree.None && !c.p.tree.Cut && !c.p.wrapped {
		c.Value(&rule.StatementMissing, 0, "The policy has no Statement, so it would allow nobody anything: write a list of statements under \"Statement\".")
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
	message := "The policy grammar has no element " + phrase.Quote(name) + " in " + where + ", and what KMS would make of it is not documented (a house rule)."
	near := spell.Closest(name, slices.Values(known))
	if wrapsPolicy(name) {
		c.p.wrapped = true
		c.Member(&rule.UnknownMember, i, "The object looks like the request or the answer of an API call; upload only the policy that stands under "+phrase.Quote(name)+".")
		return ""
	}
	if near != "" {
		message += " Did you mean " + near + "?"
	} else {
		message += " Take it away."
	}
	c.Member(&rule.UnknownMember, i, message)
	return near
}

// wrapsPolicy reports whether a member is one that holds a policy elsewhere.
func wrapsPolicy(name string) bool {
	switch name {
	case "Policy", "policy", "KeyPolicy", "PolicyDocument":
		return true
	}
	return false
}

// buildStatements reads one statement or a list of them.
func (c *builder) buildStatements(i int32) {
	switch n := c.Node(i); n.Kind {
	case jsontree.Object:
		c.p.statements = make([]statement, 0, 1)
		c.ahead = 1
		c.buildStatement(i)
	case jsontree.Array:
		if n.Len() == 0 {
			c.Value(&rule.StatementMissing, i, "Statement is an empty list, so the policy would allow nobody anything: write at least one statement.")
			c.p.opaque = true
		}
		c.p.statements = make([]statement, 0, n.Len())
		c.ahead = n.Len()
		for e := c.p.tree.First(i); e != jsontree.None; e = c.Node(e).Next {
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
	c.p.statements = append(c.p.statements, statement{
		node: node, sidAt: jsontree.None, effectAt: jsontree.None, principalAt: jsontree.None,
		actionAt: jsontree.None, resourceAt: jsontree.None, conditionAt: jsontree.None,
	})
	s := &c.p.statements[len(c.p.statements)-1]
	for i := c.p.tree.First(node); i != jsontree.None; i = c.Node(i).Next {
		c.buildElement(s, i)
	}
	for _, a := range s.actions {
		// IAM does not take a pattern for the service, so what such an entry does
		// is not known: a Deny is taken to cover more by it, an Allow less.
		if (s.effect == deny) != s.notAction || !a.vague {
			s.acts |= a.set
		}
	}
	if s.notAction {
		s.acts = catalog.All &^ s.acts
	}
	if !c.p.tree.Cut {
		c.required(s)
	}
}

func (c *builder) buildElement(s *statement, i int32) {
	switch name := c.Name(i); name {
	case "Sid":
		s.sidAt, s.sid = i, c.stringAt(i)
	case "Effect":
		s.effectAt = i
		c.buildEffect(s, i)
	case "Principal", "NotPrincipal":
		c.exclusive(s.principalAt, i)
		s.principalAt, s.notPrincipal = i, name == "NotPrincipal"
		c.buildPrincipal(s, i)
	case "Action", "NotAction":
		c.exclusive(s.actionAt, i)
		s.actionAt, s.notAction = i, name == "NotAction"
		c.buildActions(s, i)
	case "Resource", "NotResource":
		c.exclusive(s.resourceAt, i)
		s.resourceAt, s.notResource = i, name == "NotResource"
		s.resources = c.strings(i)
	case "Condition":
		s.conditionAt = i
		c.buildCondition(s, i)
	default:
		s.meant = append(s.meant, c.unknownMember(i, statementMembers[:], "a statement"))
	}
}

// exclusive reports a second element of a pair of which there may be one.
func (c *builder) exclusive(before, i int32) {
	if before != jsontree.None && c.Name(before) != c.Name(i) {
		c.p.opaque = true
		c.Member(&rule.Combination, i, c.Name(before)+" and "+c.Name(i)+" cannot stand in one statement: which of them counts is not defined. Keep one.")
	}
}

func (c *builder) buildEffect(s *statement, i int32) {
	switch text := c.stringAt(i); text {
	case "Allow":
		s.effect = allow
	case "Deny":
		s.effect = deny
	default:
		c.p.opaque = true
		if c.Node(i).Kind == jsontree.String {
			message := "Effect is " + phrase.Quote(text) + "; it must be Allow or Deny, spelt exactly so."
			if near := spell.Closest(text, slices.Values([]string{"Allow", "Deny"})); near != "" {
				message = "Effect is " + phrase.Quote(text) + "; did you mean " + near + "? KMS takes Allow or Deny, spelt exactly so."
			}
			c.Value(&rule.EffectInvalid, i, message)
		}
	}
}

func (c *builder) buildActions(s *statement, i int32) {
	s.actions = c.actionSlab.take(max(1, c.Node(i).Len()), 4*c.ahead)
	c.eachString(i, func(e int32) {
		a := action{text: c.Text(e), node: e}
		a.set, a.pattern = catalog.Match(a.text)
		if a.pattern {
			service, _, named := strings.Cut(a.text, ":")
			a.vague = named && wildcard.Has(service)
		}
		s.actions = append(s.actions, a)
	})
}

// strings reads a string or a list of strings.
func (c *builder) strings(i int32) []item {
	items := c.items.take(max(1, c.Node(i).Len()), 2*c.ahead)
	c.eachString(i, func(e int32) { items = append(items, item{c.Text(e), e}) })
	return items
}

// eachString calls f for a string, or for every string of a list.
func (c *builder) eachString(i int32, f func(int32)) {
	switch n := c.Node(i); n.Kind {
	case jsontree.String:
		f(i)
	case jsontree.Array:
		for e := c.p.tree.First(i); e != jsontree.None; e = c.Node(e).Next {
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
