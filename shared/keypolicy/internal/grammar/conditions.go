package grammar

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// conditions checks how the conditions of one statement are written.
func (c *checker) conditions(s *document.Statement) {
	c.emptyConditions(s)
	for i := range s.Conditions {
		cond := &s.Conditions[i]
		if !cond.Operator.Known() {
			if c.p.Tree.First(cond.OpAt) == cond.Node {
				c.unknownOperator(cond)
			}
		} else {
			c.operatorUse(s, cond)
		}
		if cond.Key == nil {
			c.unknownKey(cond)
			continue
		}
		c.keyUse(cond)
		c.values(cond)
	}
}

// emptyConditions reports blocks without anything in them.
func (c *checker) emptyConditions(s *document.Statement) {
	if s.EmptyCondition {
		c.Member(&rule.ConditionEmpty, s.ConditionAt, "The Condition is empty, so the statement applies without a condition. Write the condition, or delete the element.")
		return
	}
	if s.ConditionAt == jsontree.None {
		return
	}
	for op := c.p.Tree.First(s.ConditionAt); op != jsontree.None; op = c.Node(op).Next {
		if c.Node(op).Len() == 0 && c.p.Tree.First(op) == jsontree.None && c.Text(op) == "" {
			c.Member(&rule.ConditionEmpty, op, "The operator "+phrase.Quote(c.Name(op))+" has no condition key, and AWS does not document what that means. Write a key and its values, or delete the operator.")
		}
	}
	for i := range s.Conditions {
		if cond := &s.Conditions[i]; len(cond.Values) == 0 {
			c.Value(&rule.ConditionEmpty, cond.Node, emptyListText(cond))
		}
	}
}

func emptyListText(cond *document.Condition) string {
	text := phrase.Quote(cond.Name) + " has an empty list of values, so no request matches it and the statement never applies. Write the values, or delete the condition."
	if cond.Operator.HoldsWithout() {
		text = phrase.Quote(cond.Name) + " has an empty list of values, and with " + phrase.Quote(cond.OpText) + " every request may match that. Write the values, or delete the condition."
	}
	return text
}

// operatorUse checks an operator against its key.
func (c *checker) operatorUse(s *document.Statement, cond *document.Condition) {
	op := cond.Operator
	switch {
	case op.Compare == document.Null:
		c.nullUse(cond)
		return
	case op.Compare == document.BoolIs && len(cond.Values) > 1:
		c.Value(&rule.BoolSeveral, cond.Node, phrase.Quote(cond.Name)+" is compared with several booleans, and with true and false together the condition always holds. Write one value, or delete the condition.")
	}
	if cond.Key == nil {
		return
	}
	multi := cond.Key.Has(catalog.Multi)
	switch {
	case multi && op.Set == document.Single:
		c.Member(&rule.SetMissing, cond.OpAt, cond.Label()+" can have several values in a request, and "+cond.OpText+" does not say how many must match. Write ForAnyValue:"+cond.OpText+" if one is enough, or ForAllValues:"+cond.OpText+" if all must match.")
	case !multi && op.Set == document.ForAll && s.Effect == document.Allow:
		c.Member(&rule.ForAllSingle, cond.OpAt, "ForAllValues also matches requests without "+cond.Label()+", so this Allow allows them. Write "+cond.OpText[len("ForAllValues:"):]+" without ForAllValues.")
	case multi && op.Set == document.ForAll && s.Effect == document.Allow && !c.provenThere(s, cond.Key):
		c.Member(&rule.ForAllAlone, cond.OpAt, "ForAllValues also matches requests without "+cond.Label()+", so this Allow allows them. Add \"Null\": {\""+cond.Label()+"\": \"false\"} to the Condition.")
	}
	if !fits(op, cond.Key) {
		c.Member(&rule.OperatorType, cond.OpAt, "The operator "+cond.OpText+" does not compare values of the type "+cond.Key.Type.String()+", which "+cond.Label()+" has, so it may match no request. Write an operator that begins with "+cond.Key.Type.String()+".")
	}
}

// provenThere reports whether the key is there in every request that the
// statement is about: the API demands it, or a Null condition does.
func (c *checker) provenThere(s *document.Statement, key *catalog.Key) bool {
	if key.Is("kms:grantoperations") || key.Is("aws:tagkeys") {
		return true
	}
	for i := range s.Conditions {
		other := &s.Conditions[i]
		if other.Key == key && other.Operator.Compare == document.Null && len(other.Values) == 1 && strings.EqualFold(other.Values[0].Text, "false") {
			return true
		}
	}
	return false
}

func (c *checker) nullUse(cond *document.Condition) {
	switch {
	case cond.Operator.IfExists:
		c.Member(&rule.NullIfExists, cond.OpAt, "Null tests whether the key is present, and IfExists skips the test where the key is absent. Write Null without IfExists.")
	case cond.Operator.Set != document.Single:
		c.Member(&rule.NullSet, cond.OpAt, "Null tests whether the key is present and does not look at its values, so the prefix has no effect. Write Null.")
	}
}

// fits reports whether the operator's family goes with the key's type. ARNs
// are text as well, and points in time are numbers as well.
func fits(o document.Operator, key *catalog.Key) bool {
	if key.Has(catalog.TypeUnsure) {
		return true
	}
	switch o.Family {
	case catalog.String:
		return key.Type == catalog.String || key.Type == catalog.ARN
	case catalog.ARN:
		return key.Type == catalog.ARN || key.Type == catalog.String
	case catalog.Numeric:
		return key.Type == catalog.Numeric || key.Type == catalog.Date
	}
	return o.Family == key.Type
}
