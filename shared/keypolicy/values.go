package keypolicy

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/value"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// values checks how the values are written that a condition key is compared
// with.
func (c *grammarChecker) values(cond *condition) {
	if !cond.operator.known() {
		return
	}
	for i := range cond.values {
		v := cond.values[i]
		if holdsVariable(v.text) {
			c.variable(v)
			continue
		}
		c.variableSlip(v)
		if !c.valueType(cond, v) || cond.operator.compare == null {
			continue
		}
		pattern := wildcard.Has(v.text)
		if op := cond.operator; pattern && op.family == catalog.String && (op.compare == equals || op.compare == equalsIgnoreCase) {
			c.Value(&rule.WildcardLiteral, v.node, cond.opText+" takes the wildcard in "+phrase.Quote(v.text)+" for a plain character, so the comparison can never be true; use StringLike, or write the value out.")
		}
		c.valueFormat(cond, v, pattern)
	}
}

// valueType checks a value against the operator; false where it does not fit.
func (c *grammarChecker) valueType(cond *condition, v item) bool {
	if want := wanted(cond.operator, v.text); want != "" {
		c.Value(&rule.ValueType, v.node, cond.operator.name()+" compares with "+want+", and "+phrase.Quote(v.text)+" is none; the comparison can never be true.")
		return false
	}
	switch {
	case takesARN(cond):
		return c.arnValue(cond, v)
	case cond.operator.family == catalog.IP:
		return c.ipValue(cond, v)
	}
	return true
}

// wanted says what the operator compares with where the text is no such thing, ""
// where it is or where ARNs and addresses are compared.
func wanted(op operator, text string) string {
	switch {
	case op.family == catalog.Bool && !strings.EqualFold(text, "true") && !strings.EqualFold(text, "false"):
		return "true or false"
	case op.family == catalog.Numeric && !value.IsNumber(text):
		return "a number"
	case op.family == catalog.Date && !value.IsDate(text):
		return "a date such as 2026-01-31T00:00:00Z, or seconds since 1970"
	}
	return ""
}

func takesARN(cond *condition) bool {
	return cond.operator.family == catalog.ARN || cond.key.Type == catalog.ARN && cond.operator.compare != null
}

// reads reports whether the operator can read the value. Where it cannot, that
// has been reported, and what the value would mean is not worth a verdict.
func reads(cond *condition, text string) bool {
	switch {
	case wanted(cond.operator, text) != "":
		return false
	case takesARN(cond):
		a, split := awsid.SplitARN(text)
		return arnFault(cond, text, a, split) == ""
	case cond.operator.family == catalog.IP:
		_, ok := value.ParseRange(text)
		return ok
	}
	return true
}
