package keypolicy

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/spell"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

var (
	policyMembers    = [...]string{"Version", "Id", "Statement"}
	statementMembers = [...]string{"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)

// build turns the tree into a policy, reporting what the grammar does not have.
func (c *checker) build() {
	nodes := c.p.tree.Nodes
	for i := c.p.tree.First(0); i != none; i = nodes[i].Next {
		switch c.name(i) {
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
	if c.p.statementsAt == none {
		c.p.opaque = true
	}
	if c.p.statementsAt == none && !c.p.tree.Cut && !c.p.wrapped {
		c.value(&ruleStatementMissing, 0, "The policy has no Statement, so it would allow nobody anything: write a list of statements under \"Statement\".")
	}
}

// stringAt returns the text of a value that must be a string.
func (c *checker) stringAt(i int32) string {
	if c.node(i).Kind != jsontree.String {
		c.wrongType(i, "a string")
		return ""
	}
	return c.str(i)
}

func (c *checker) wrongType(i int32, want string) {
	c.p.opaque = true
	name := c.name(i)
	if c.node(i).NameAt == none {
		name = "This entry"
	}
	message := name + " is " + c.node(i).Kind.String() + ", where the policy grammar takes " + want + "."
	c.value(&ruleWrongType, i, message+c.typeHint(i))
}

// typeHint says what a value of the wrong type probably comes from.
func (c *checker) typeHint(i int32) string {
	switch first := c.p.tree.First(i); {
	case c.node(i).Kind == jsontree.Number:
		return " Put it in quotes; a number loses its leading zeros."
	case c.node(i).Kind == jsontree.Object && first != none && (strings.HasPrefix(c.name(first), "Fn::") || c.name(first) == "Ref"):
		return " This is a function of CloudFormation, which nothing works out here; write what it stands for."
	}
	return ""
}

// unknownMember returns the element that probably was meant.
func (c *checker) unknownMember(i int32, known []string, where string) string {
	c.p.opaque = true
	if c.skip(&ruleUnknownMember) {
		return ""
	}
	name := c.name(i)
	message := "The policy grammar has no element " + quote(name) + " in " + where + ", and what KMS would make of it is not documented (a house rule)."
	near := spell.Closest(name, among(known))
	if wrapsPolicy(name) {
		c.p.wrapped = true
		c.member(&ruleUnknownMember, i, "The object looks like the request or the answer of an API call; upload only the policy that stands under "+quote(name)+".")
		return ""
	}
	if near != "" {
		message += " Did you mean " + near + "?"
	} else {
		message += " Take it away."
	}
	c.member(&ruleUnknownMember, i, message)
	return near
}

func among(names []string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, n := range names {
			if !yield(n) {
				return
			}
		}
	}
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
func (c *checker) buildStatements(i int32) {
	switch n := c.node(i); n.Kind {
	case jsontree.Object:
		c.p.statements = make([]statement, 0, 1)
		c.ahead = 1
		c.buildStatement(i)
	case jsontree.Array:
		if n.Len() == 0 {
			c.value(&ruleStatementMissing, i, "Statement is an empty list, so the policy would allow nobody anything: write at least one statement.")
			c.p.opaque = true
		}
		c.p.statements = make([]statement, 0, n.Len())
		c.ahead = n.Len()
		for e := c.p.tree.First(i); e != none; e = c.node(e).Next {
			if c.node(e).Kind != jsontree.Object {
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

func (c *checker) buildStatement(node int32) {
	c.p.statements = append(c.p.statements, statement{
		node: node, sidAt: none, effectAt: none, principalAt: none,
		actionAt: none, resourceAt: none, conditionAt: none,
	})
	s := &c.p.statements[len(c.p.statements)-1]
	for i := c.p.tree.First(node); i != none; i = c.node(i).Next {
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

func (c *checker) buildElement(s *statement, i int32) {
	switch name := c.name(i); name {
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
func (c *checker) exclusive(before, i int32) {
	if before != none && c.name(before) != c.name(i) {
		c.p.opaque = true
		c.member(&ruleCombination, i, c.name(before)+" and "+c.name(i)+" cannot stand in one statement: which of them counts is not defined. Keep one.")
	}
}

func (c *checker) buildEffect(s *statement, i int32) {
	switch text := c.stringAt(i); text {
	case "Allow":
		s.effect = allow
	case "Deny":
		s.effect = deny
	default:
		c.p.opaque = true
		if c.node(i).Kind == jsontree.String {
			message := "Effect is " + quote(text) + "; it must be Allow or Deny, spelt exactly so."
			if near := spell.Closest(text, among([]string{"Allow", "Deny"})); near != "" {
				message = "Effect is " + quote(text) + "; did you mean " + near + "? KMS takes Allow or Deny, spelt exactly so."
			}
			c.value(&ruleEffectInvalid, i, message)
		}
	}
}

func (c *checker) buildActions(s *statement, i int32) {
	s.actions = c.actionSlab.take(max(1, c.node(i).Len()), 4*c.ahead)
	c.eachString(i, func(e int32) {
		a := action{text: c.str(e), node: e}
		a.set, a.pattern = catalog.Match(a.text)
		if a.pattern {
			service, _, named := strings.Cut(a.text, ":")
			a.vague = named && wildcard.Has(service)
		}
		s.actions = append(s.actions, a)
	})
}

// strings reads a string or a list of strings.
func (c *checker) strings(i int32) []item {
	items := c.items.take(max(1, c.node(i).Len()), 2*c.ahead)
	c.eachString(i, func(e int32) { items = append(items, item{c.str(e), e}) })
	return items
}

// eachString calls f for a string, or for every string of a list.
func (c *checker) eachString(i int32, f func(int32)) {
	switch n := c.node(i); n.Kind {
	case jsontree.String:
		f(i)
	case jsontree.Array:
		for e := c.p.tree.First(i); e != none; e = c.node(e).Next {
			if c.node(e).Kind != jsontree.String {
				c.wrongType(e, "a string")
				continue
			}
			f(e)
		}
	default:
		c.wrongType(i, "a string or a list of strings")
	}
}

// required reports elements that a statement must have and has not.
func (c *checker) required(s *statement) {
	if s.effectAt == none {
		c.p.opaque = true
	}
	if s.effectAt == none && !s.means("Effect") {
		c.value(&ruleEffectMissing, s.node, "The statement has no Effect; write \"Effect\": \"Allow\" or \"Effect\": \"Deny\".")
	}
	if len(s.principals) == 0 && !c.typed(s.principalAt) && !s.means("Principal") {
		c.value(&rulePrincipalMissing, c.near(s.principalAt, s.node), "The statement names no principal, and KMS refuses such a policy. Write whom it is about, such as \"Principal\": {\"AWS\": \"arn:aws:iam::111122223333:role/Name\"}.")
	}
	if len(s.actions) == 0 && !c.typed(s.actionAt) && !s.means("Action") {
		c.value(&ruleActionMissing, c.near(s.actionAt, s.node), "The statement names no action: at best it has no effect, and AWS has announced that KMS refuses it. Write \"Action\": [\"kms:…\"].")
	}
	if len(s.resources) == 0 && !c.typed(s.resourceAt) && !s.means("Resource") {
		c.value(&ruleResourceMissing, c.near(s.resourceAt, s.node), "The statement names no resource: at best it has no effect, and AWS has announced that KMS refuses it. Write \"Resource\": \"*\", which in a key policy means this key.")
	}
}

func (c *checker) near(element, statement int32) int32 {
	if element != none {
		return element
	}
	return statement
}

// typed reports whether an element is there with something in it, whose
// trouble has been told already.
func (c *checker) typed(i int32) bool {
	if i == none {
		return false
	}
	n := c.node(i)
	if n.Kind != jsontree.Array && n.Kind != jsontree.Object {
		return true
	}
	for e := c.p.tree.First(i); e != none; e = c.node(e).Next {
		if c.typed(e) {
			return true
		}
	}
	return false
}
