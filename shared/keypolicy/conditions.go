package keypolicy

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// conditions checks how the conditions of one statement are written.
func (c *grammarChecker) conditions(s *statement) {
	c.emptyConditions(s)
	for i := range s.conditions {
		cond := &s.conditions[i]
		if !cond.operator.known() {
			if c.p.tree.First(cond.opAt) == cond.node {
				c.unknownOperator(cond)
			}
		} else {
			c.operatorUse(s, cond)
		}
		if cond.key == nil {
			c.unknownKey(cond)
			continue
		}
		c.keyUse(cond)
		c.values(cond)
	}
}

// emptyConditions reports blocks without anything in them.
func (c *grammarChecker) emptyConditions(s *statement) {
	if s.emptyCondition {
		c.Member(&rule.ConditionEmpty, s.conditionAt, "The Condition is empty, so the statement applies without one; write what was meant, or take it away.")
		return
	}
	if s.conditionAt == jsontree.None {
		return
	}
	for op := c.p.tree.First(s.conditionAt); op != jsontree.None; op = c.Node(op).Next {
		if c.Node(op).Len() == 0 && c.p.tree.First(op) == jsontree.None && c.Text(op) == "" {
			c.Member(&rule.ConditionEmpty, op, c.Name(op)+" compares nothing; write what was meant, or take it away.")
		}
	}
	for i := range s.conditions {
		if cond := &s.conditions[i]; len(cond.values) == 0 {
			c.Value(&rule.ConditionEmpty, cond.node, emptyListText(cond))
		}
	}
}

func emptyListText(cond *condition) string {
	text := cond.name + " is compared with an empty list, which nothing fits; write the values, or take the condition away."
	if cond.operator.holdsWithout() {
		text = cond.name + " is compared with an empty list, and with " + cond.opText + " that may let every request pass; write the values, or take the condition away."
	}
	return text
}

// operatorUse checks an operator against its key.
func (c *grammarChecker) operatorUse(s *statement, cond *condition) {
	op := cond.operator
	switch {
	case op.compare == null:
		c.nullUse(cond)
		return
	case op.compare == boolIs && len(cond.values) > 1:
		c.Value(&rule.BoolSeveral, cond.node, cond.name+" is compared with several booleans; keep one, or take the condition away if both are meant.")
	}
	if cond.key == nil {
		return
	}
	multi := cond.key.Has(catalog.Multi)
	switch {
	case multi && op.set == single:
		c.Member(&rule.SetMissing, cond.opAt, cond.label()+" may hold several values, and "+cond.opText+" does not say which must match; write ForAnyValue:"+cond.opText+" (one of them does) or ForAllValues:"+cond.opText+" (none but these).")
	case !multi && op.set == forAll && s.effect == allow:
		c.Member(&rule.ForAllSingle, cond.opAt, "ForAllValues is true where "+cond.label()+" is missing, so this Allow lets such requests in; write "+strings.TrimPrefix(cond.opText, "ForAllValues:")+" alone.")
	case multi && op.set == forAll && s.effect == allow && !c.provenThere(s, cond.key):
		c.Member(&rule.ForAllAlone, cond.opAt, "ForAllValues is true where "+cond.label()+" is missing, so this Allow lets such requests in; add \"Null\": {\""+cond.label()+"\": \"false\"} beside it.")
	}
	if !op.fits(cond.key) {
		c.Member(&rule.OperatorType, cond.opAt, cond.opText+" does not fit "+cond.label()+", which is of the type "+cond.key.Type.String()+"; use an operator that begins with "+cond.key.Type.String()+".")
	}
}

// provenThere reports whether the key is there in every request that the
// statement is about: the API demands it, or a Null condition does.
func (c *grammarChecker) provenThere(s *statement, key *catalog.Key) bool {
	if key.Is("kms:grantoperations") || key.Is("aws:tagkeys") {
		return true
	}
	for i := range s.conditions {
		other := &s.conditions[i]
		if other.key == key && other.operator.compare == null && len(other.values) == 1 && strings.EqualFold(other.values[0].text, "false") {
			return true
		}
	}
	return false
}

func (c *grammarChecker) nullUse(cond *condition) {
	switch {
	case cond.operator.ifExists:
		c.Member(&rule.NullIfExists, cond.opAt, "Null asks whether the key is there, so IfExists makes no sense with it; write Null.")
	case cond.operator.set != single:
		c.Member(&rule.NullSet, cond.opAt, "Whether a key is there has nothing to do with its values; write Null alone.")
	}
}

// fits reports whether the operator's family goes with the key's type. ARNs
// are text as well, and points in time are numbers as well.
func (o operator) fits(key *catalog.Key) bool {
	if key.Has(catalog.TypeUnsure) {
		return true
	}
	switch o.family {
	case catalog.String:
		return key.Type == catalog.String || key.Type == catalog.ARN
	case catalog.ARN:
		return key.Type == catalog.ARN || key.Type == catalog.String
	case catalog.Numeric:
		return key.Type == catalog.Numeric || key.Type == catalog.Date
	}
	return o.family == key.Type
}
