package grammar

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
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
		c.Member(&rule.ConditionEmpty, s.ConditionAt, "The Condition is empty, so the statement applies without one; write what was meant, or take it away.")
		return
	}
	if s.ConditionAt == jsontree.None {
		return
	}
	for op := c.p.Tree.First(s.ConditionAt); op != jsontree.None; op = c.Node(op).Next {
		if c.Node(op).Len() == 0 && c.p.Tree.First(op) == jsontree.None && c.Text(op) == "" {
			c.Member(&rule.ConditionEmpty, op, c.Name(op)+" compares nothing; write what was meant, or take it away.")
		}
	}
	for i := range s.Conditions {
		if cond := &s.Conditions[i]; len(cond.Values) == 0 {
			c.Value(&rule.ConditionEmpty, cond.Node, emptyListText(cond))
		}
	}
}

func emptyListText(cond *document.Condition) string {
	text := cond.Name + " is compared with an empty list, which nothing fits; write the values, or take the condition away."
	if cond.Operator.HoldsWithout() {
		text = cond.Name + " is compared with an empty list, and with " + cond.OpText + " that may let every request pass; write the values, or take the condition away."
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
		c.Value(&rule.BoolSeveral, cond.Node, cond.Name+" is compared with several booleans; keep one, or take the condition away if both are meant.")
	}
	if cond.Key == nil {
		return
	}
	multi := cond.Key.Has(catalog.Multi)
	switch {
	case multi && op.Set == document.Single:
		c.Member(&rule.SetMissing, cond.OpAt, cond.Label()+" may hold several values, and "+cond.OpText+" does not say which must match; write ForAnyValue:"+cond.OpText+" (one of them does) or ForAllValues:"+cond.OpText+" (none but these).")
	case !multi && op.Set == document.ForAll && s.Effect == document.Allow:
		c.Member(&rule.ForAllSingle, cond.OpAt, "ForAllValues is true where "+cond.Label()+" is missing, so this Allow lets such requests in; write "+strings.TrimPrefix(cond.OpText, "ForAllValues:")+" alone.")
	case multi && op.Set == document.ForAll && s.Effect == document.Allow && !c.provenThere(s, cond.Key):
		c.Member(&rule.ForAllAlone, cond.OpAt, "ForAllValues is true where "+cond.Label()+" is missing, so this Allow lets such requests in; add \"Null\": {\""+cond.Label()+"\": \"false\"} beside it.")
	}
	if !fits(op, cond.Key) {
		c.Member(&rule.OperatorType, cond.OpAt, cond.OpText+" does not fit "+cond.Label()+", which is of the type "+cond.Key.Type.String()+"; use an operator that begins with "+cond.Key.Type.String()+".")
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
		c.Member(&rule.NullIfExists, cond.OpAt, "Null asks whether the key is there, so IfExists makes no sense with it; write Null.")
	case cond.Operator.Set != document.Single:
		c.Member(&rule.NullSet, cond.OpAt, "Whether a key is there has nothing to do with its values; write Null alone.")
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
