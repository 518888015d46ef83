package grammar

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/spell"
)

func (c *checker) unknownOperator(cond *document.Condition) {
	if c.Skip(&rule.OperatorUnknown) {
		return
	}
	message := "IAM has no condition operator " + phrase.Quote(cond.OpText) + "."
	_, bare, found := strings.Cut(cond.OpText, ":")
	if !found {
		bare = cond.OpText
	}
	if near := spell.Closest(bare, document.OperatorNames); near != "" {
		message += " Did you mean " + near + "?"
	} else {
		message += " Write one such as StringEquals, StringLike, ArnLike or Bool, with ForAllValues: or ForAnyValue: before it for keys with several values."
	}
	c.Member(&rule.OperatorUnknown, cond.OpAt, message)
}

func (c *checker) unknownKey(cond *document.Condition) {
	family := catalog.LookupKey(cond.Name + "/")
	if family == nil {
		family = catalog.LookupKey(cond.Name + ":")
	}
	if family != nil {
		c.Member(&rule.KeyIncomplete, cond.Node, phrase.Quote(cond.Name)+" lacks the name of what it is about; write "+family.Name+" and the name.")
		return
	}
	if c.Skip(&rule.KeyUnknown) {
		return
	}
	message := "No request to KMS has a condition key " + phrase.Quote(cond.Name) + " (a house rule): in an Allow it makes the statement dead, in a Deny with a negated operator it hits everybody."
	for _, service := range [...]string{"", "aws:", "kms:"} {
		if near := spell.Closest(service+cond.Name, keyNames); near != "" {
			message += " Did you mean " + near + "?"
			break
		}
	}
	c.Member(&rule.KeyUnknown, cond.Node, message)
}

func keyNames(yield func(string) bool) {
	for _, k := range catalog.Keys() {
		if !yield(k.Name) {
			return
		}
	}
}

// keyUse checks the name of a key that the table has.
func (c *checker) keyUse(cond *document.Condition) {
	switch key := cond.Key; {
	case key.Has(catalog.Prefix) && len(cond.Name) == len(key.Name):
		c.Member(&rule.KeyIncomplete, cond.Node, phrase.Quote(cond.Name)+" is a family of keys; write which one is meant after it.")
	case key.Has(catalog.Deprecated):
		c.Member(&rule.KeyDeprecated, cond.Node, key.Name+" is out of use; write "+key.Instead+".")
	case key.Has(catalog.KeyIAMOnly):
		c.Member(&rule.KeyIAMOnly, cond.Node, key.Name+" works in IAM policies only; in a key policy use kms:RequestAlias, or no alias at all.")
	}
}
