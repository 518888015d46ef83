package keypolicy

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/spell"
)

func (c *checker) unknownOperator(cond *condition) {
	message := "IAM has no condition operator " + quote(cond.opText) + "."
	_, bare, found := strings.Cut(cond.opText, ":")
	if !found {
		bare = cond.opText
	}
	if near := spell.Closest(bare, operatorNames); near != "" {
		message += " Did you mean " + near + "?"
	} else {
		message += " Write one such as StringEquals, StringLike, ArnLike or Bool, with ForAllValues: or ForAnyValue: before it for keys with several values."
	}
	c.member(&ruleOperatorUnknown, cond.opAt, message)
}

func operatorNames(yield func(string) bool) {
	for i := range operators {
		if !yield(operators[i].name) {
			return
		}
	}
}

func (c *checker) unknownKey(cond *condition) {
	message := "No request to KMS has a condition key " + quote(cond.name) + " (a house rule): in an Allow it makes the statement dead, in a Deny with a negated operator it hits everybody."
	if near := spell.Closest(cond.name, keyNames); near != "" {
		message += " Did you mean " + near + "?"
	} else if near := spell.Closest("aws:"+cond.name, keyNames); near != "" {
		message += " Did you mean " + near + "?"
	}
	c.member(&ruleKeyUnknown, cond.node, message)
}

func keyNames(yield func(string) bool) {
	for _, k := range catalog.Keys() {
		if !yield(k.Name) {
			return
		}
	}
}
