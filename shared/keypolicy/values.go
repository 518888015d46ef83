package keypolicy

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// values checks what a condition key is compared with.
func (c *checker) values(s *statement, cond *condition) {
	if !cond.operator.known() {
		return
	}
	for i := range cond.values {
		v := cond.values[i]
		if open := strings.IndexByte(v.text, '{'); open > 0 && strings.Contains(v.text, "${") {
			c.variable(s, cond, v)
			continue
		} else if open >= 0 {
			c.variableSlip(v, open)
		}
		if !c.valueType(cond, v) || cond.operator.compare == null {
			continue
		}
		if op := cond.operator; op.compare == ipIn && !op.negated && s.effect == allow && strings.HasSuffix(v.text, "/0") {
			c.value(&ruleHollow, v.node, "The range "+quote(v.text)+" holds every address; write the addresses that are meant.")
		}
		pattern := wildcard.Has(v.text)
		if pattern {
			c.wildcards(s, cond, v)
		}
		c.valueFormat(cond, v, pattern)
	}
	c.redundantValues(cond)
}

// valueType checks a value against the operator; false where it does not fit.
func (c *checker) valueType(cond *condition, v item) bool {
	want := ""
	switch op := cond.operator; {
	case op.family == catalog.Bool && !strings.EqualFold(v.text, "true") && !strings.EqualFold(v.text, "false"):
		want = "true or false"
	case op.family == catalog.Numeric && !isNumber(v.text):
		want = "a number"
	case op.family == catalog.Date && !isDate(v.text):
		want = "a date such as 2026-01-31T00:00:00Z, or seconds since 1970"
	case op.family == catalog.ARN || cond.key.Type == catalog.ARN && op.compare != null:
		return c.arnValue(cond, v)
	case op.family == catalog.IP:
		return c.ipValue(cond, v)
	}
	if want != "" {
		c.value(&ruleValueType, v.node, cond.operator.name()+" compares with "+want+", and "+quote(v.text)+" is none; the comparison can never be true.")
	}
	return want == ""
}

// wildcards checks what * and ? do in a value.
func (c *checker) wildcards(s *statement, cond *condition, v item) {
	op, key := cond.operator, cond.key
	if op.compare == equals || op.compare == equalsIgnoreCase {
		if op.family == catalog.String {
			c.value(&ruleWildcardLiteral, v.node, cond.opText+" takes the wildcard in "+quote(v.text)+" for a plain character, so the comparison can never be true; use StringLike, or write the value out.")
		}
		return
	}
	// What a lone star means to the operators for ARNs is not documented.
	all, text := strings.Trim(v.text, "*") == "", op.family == catalog.String
	switch {
	case s.effect == allow && !op.negated && hollows(key, v.text):
		c.value(&ruleHollow, v.node, "The wildcard in "+quote(v.text)+" lets in others than "+cond.label()+" seems to name; write the value out.")
	case all && text && !op.negated && (op.ifExists || op.set == forAll || s.always(key)):
		c.value(&ruleConditionRedundant, v.node, "“*” fits every value of "+cond.label()+", and a request without it passes as well or does not exist, so this condition decides nothing; take it away.")
	case all && text && op.negated && !op.ifExists && op.set == single && s.always(key):
		c.value(&ruleConditionNever, v.node, "“*” fits every value, and every request that this statement is about has "+cond.label()+", so the statement never applies; take it away, or write the value that is meant.")
	case all && op.negated:
		c.value(&ruleSameAsNull, v.node, "“*” fits every value, so this only asks whether "+cond.label()+" is missing; \"Null\": {\""+cond.label()+"\": \"true\"} says so.")
	case all:
		c.value(&ruleSameAsNull, v.node, "“*” fits every value, so this only asks whether "+cond.label()+" is there; \"Null\": {\""+cond.label()+"\": \"false\"} says so.")
	case op.family == catalog.String && key.Type == catalog.ARN:
		c.likeARN(s, cond, v)
	}
}

// hollows reports whether a pattern makes an identity worthless.
func hollows(key *catalog.Key, pattern string) bool {
	switch {
	case key.Has(catalog.NoWildcard):
		return true
	case key.Is("aws:userid"):
		id, _, _ := strings.Cut(pattern, ":")
		return wildcard.Has(id)
	case key.Is("aws:principalarn") || key.Is("aws:sourcearn"):
		rest := strings.TrimPrefix(pattern, "arn:")
		if _, after, parts := strings.Cut(rest, ":"); parts {
			rest = after // whatever the partition
		}
		return strings.Trim(rest, ":*?") == ""
	case key.Is("aws:sourcevpc") || key.Is("aws:sourcevpce") || key.Is("aws:ec2instancesourcevpc"):
		const enough = 6 // characters of the id; fewer fit other people's networks
		_, id, _ := strings.Cut(pattern, "-")
		return wildcard.Index(id) < enough
	case key.Is("aws:principalorgpaths") || key.Is("aws:sourceorgpaths") || key.Is("aws:vpceorgpaths"):
		org, _, _ := strings.Cut(pattern, "/")
		return wildcard.Has(org)
	}
	return false
}

// maxPairs bounds the search for values that others cover.
const maxPairs = 1 << 12

func (c *checker) redundantValues(cond *condition) {
	n := len(cond.values)
	if n > 1 && cond.operator.orders() {
		c.value(&ruleValueRedundant, cond.node, "Of several values for "+cond.operator.name()+" only the outermost decides; keep that one.")
		return
	}
	if n < 2 || cond.operator.compare == null || cond.operator.compare == boolIs || c.full(&ruleValueRedundant) {
		return
	}
	again := repeated(n, func(i int) string { return cond.values[i].text })
	for _, i := range again {
		c.value(&ruleValueRedundant, cond.values[i].node, "The value stands in the list already; keep one.")
	}
	if cond.operator.compare != like || cond.operator.family != catalog.String || n*n > maxPairs {
		return
	}
	for i, v := range cond.values {
		for j, w := range cond.values {
			if i != j && v.text != w.text && wildcard.Has(w.text) && wildcard.Covers(w.text, v.text) && (!wildcard.Covers(v.text, w.text) || j < i) {
				c.value(&ruleValueRedundant, v.node, quote(v.text)+" is covered by "+quote(w.text)+" in the same list; take it away.")
				break
			}
		}
	}
}
