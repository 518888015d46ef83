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
	message := "IAM has no condition operator " + phrase.Quote(cond.OpText) + ", so it is not known what the statement does."
	_, bare, found := strings.Cut(cond.OpText, ":")
	if !found {
		bare = cond.OpText
	}
	if near := spell.Closest(bare, document.OperatorNames); near != "" {
		message += " Did you mean " + near + "?"
	} else {
		message += " Write an operator such as StringEquals, StringLike, ArnLike or Bool, with ForAllValues: or ForAnyValue: before it for keys with several values."
	}
	c.Member(&rule.OperatorUnknown, cond.OpAt, message)
}

func (c *checker) unknownKey(cond *document.Condition) {
	family := catalog.LookupKey(cond.Name + "/")
	if family == nil {
		family = catalog.LookupKey(cond.Name + ":")
	}
	if family != nil {
		c.Member(&rule.KeyIncomplete, cond.Node, "The condition key "+phrase.Quote(cond.Name)+" is not complete, so no request has it. Write "+family.Name+" and a name after it.")
		return
	}
	if catalog.RefusedInKeyPolicy(cond.Name) == catalog.Yes {
		c.refusedKey(cond)
		return
	}
	if c.Skip(&rule.KeyUnknown) {
		return
	}
	message := "No request to KMS has the condition key " + phrase.Quote(cond.Name) + ". An Allow with it never applies, and a Deny with a negated operator applies to every request."
	suggestion := " Write a global condition key or one of KMS."
	for _, service := range [...]string{"", "aws:", "kms:"} {
		if near := spell.Closest(service+cond.Name, keyNames); near != "" {
			suggestion = " Did you mean " + near + "?"
			break
		}
	}
	c.Member(&rule.KeyUnknown, cond.Node, message+suggestion)
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
		c.Member(&rule.KeyIncomplete, cond.Node, "The condition key "+phrase.Quote(cond.Name)+" is not complete, so no request has it. Write the name of the tag or of the context after it.")
	case key.Has(catalog.Deprecated):
		c.Member(&rule.KeyDeprecated, cond.Node, "The condition key "+key.Name+" is deprecated, and requests may not have it. Write "+key.Instead+".")
	case key.Has(catalog.Refused) && !key.Has(catalog.KeyIAMOnly):
		c.refusedKey(cond)
	case key.Has(catalog.KeyIAMOnly):
		c.Member(&rule.KeyIAMOnly, cond.Node, "PutKeyPolicy refuses a key policy with the condition key "+key.Name+", which works in IAM policies only. Write kms:RequestAlias, or delete the condition.")
	}
}

// refusedKey reports a key that PutKeyPolicy was seen to refuse.
func (c *checker) refusedKey(cond *document.Condition) {
	c.Member(&rule.KeyRefused, cond.Node, "PutKeyPolicy refuses a key policy with the condition key "+phrase.Quote(cond.Name)+
		": the tags and aliases of the key cannot be compared there. Delete the condition, or move it to an IAM policy.")
}
