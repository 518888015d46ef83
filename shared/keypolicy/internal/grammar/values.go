package grammar

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/value"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// values checks how the values are written that a condition key is compared
// with.
func (c *checker) values(cond *document.Condition) {
	if !cond.Operator.Known() {
		return
	}
	for i := range cond.Values {
		v := cond.Values[i]
		if HoldsVariable(v.Text) {
			c.variable(v)
			continue
		}
		c.variableSlip(v)
		if !c.valueType(cond, v) || cond.Operator.Compare == document.Null {
			continue
		}
		pattern := wildcard.Has(v.Text)
		if op := cond.Operator; pattern && op.Family == catalog.String && (op.Compare == document.Equals || op.Compare == document.EqualsIgnoreCase) {
			c.Value(&rule.WildcardLiteral, v.Node, "The operator "+cond.OpText+" takes the wildcard in "+phrase.Quote(v.Text)+" for a plain character, so no request matches it. Write "+likeFor(cond)+", or the whole value.")
		}
		c.valueFormat(cond, v, pattern)
	}
}

// valueType checks a value against the operator; false where it does not fit.
func (c *checker) valueType(cond *document.Condition, v document.Item) bool {
	if want := wanted(cond.Operator, v.Text); want != "" {
		c.Value(&rule.ValueType, v.Node, "The operator "+cond.Operator.Name()+" needs "+want+", and "+phrase.Quote(v.Text)+" is not, so no request matches it. Write "+want+".")
		return false
	}
	switch {
	case takesARN(cond):
		return c.arnValue(cond, v)
	case cond.Operator.Family == catalog.IP:
		return c.ipValue(cond, v)
	}
	return true
}

// wanted says what the operator compares with where the text is no such thing, ""
// where it is or where ARNs and addresses are compared.
func wanted(op document.Operator, text string) string {
	switch {
	case op.Family == catalog.Bool && !strings.EqualFold(text, "true") && !strings.EqualFold(text, "false"):
		return "true or false"
	case op.Family == catalog.Numeric && !value.IsNumber(text):
		return "a number"
	case op.Family == catalog.Date && !value.IsDate(text):
		return "a date such as 2026-01-31T00:00:00Z, or seconds since 1970"
	}
	return ""
}

func takesARN(cond *document.Condition) bool {
	return cond.Operator.Family == catalog.ARN || cond.Key.Type == catalog.ARN && cond.Operator.Compare != document.Null
}

// Reads reports whether the operator can read the value. Where it cannot, that
// has been reported, and what the value would mean is not worth a verdict.
func Reads(cond *document.Condition, text string) bool {
	switch {
	case wanted(cond.Operator, text) != "":
		return false
	case takesARN(cond):
		a, split := awsid.SplitARN(text)
		return arnFault(cond, text, a, split) == ""
	case cond.Operator.Family == catalog.IP:
		_, ok := value.ParseRange(text)
		return ok
	}
	return true
}

// likeFor is the operator that takes wildcards, in place of one that does not.
func likeFor(cond *document.Condition) string {
	if cond.Operator.Negated {
		return "StringNotLike"
	}
	return "StringLike"
}
