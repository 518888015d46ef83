package keypolicy

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// hollowValues reports values that let in more than they seem to, or that decide
// nothing. A value that cannot be read has been reported already.
func (c *verdictChecker) hollowValues(s *statement, cond *condition) {
	if !cond.operator.known() {
		return
	}
	for _, v := range cond.values {
		switch {
		case holdsVariable(v.text):
			if variableFault(v.text) == "" {
				c.variable(s, cond, v)
			}
		case cond.operator.compare == null:
		case strings.HasSuffix(v.text, "/0") && cond.operator.compare == ipIn:
			if reads(cond, v.text) && !cond.operator.negated && s.effect == allow {
				c.Value(&rule.Hollow, v.node, "The range "+phrase.Quote(v.text)+" holds every address; write the addresses that are meant.")
			}
		case wildcard.Has(v.text):
			if reads(cond, v.text) {
				c.wildcards(s, cond, v)
			}
		}
	}
	c.redundantValues(cond)
}

// variable judges a value that holds ${…}.
func (c *verdictChecker) variable(s *statement, cond *condition, v item) {
	switch op := cond.operator; {
	case s.effect == allow && !op.negated && ownAccount(cond.key, v.text):
		c.Value(&rule.Hollow, v.node, cond.label()+" is compared with another word for the caller's own account, which every caller fits; write the account that is meant, or ${aws:ResourceAccount} for the key's.")
	case s.effect == allow && !op.negated && strings.EqualFold(v.text, "${"+cond.name+"}"):
		c.Value(&rule.Hollow, v.node, cond.label()+" is compared with itself, which every caller fits; write the value out.")
	case op.family != catalog.String && op.family != catalog.ARN:
		c.Value(&rule.VariablePlace, v.node, cond.opText+" does not replace variables, so "+phrase.Quote(v.text)+" is compared as it stands; write the value out.")
	case c.p.version != currentVersion:
		c.Value(&rule.VariablePlace, v.node, "Variables are replaced in Version 2012-10-17 only, so "+phrase.Quote(v.text)+" is compared as it stands; write that Version.")
	}
}

// ownAccount reports whether one key for the caller's account is compared with
// the other.
func ownAccount(key *catalog.Key, text string) bool {
	switch strings.ToLower(text) {
	case "${aws:principalaccount}":
		return key.Is("kms:calleraccount")
	case "${kms:calleraccount}":
		return key.Is("aws:principalaccount")
	}
	return false
}

// wildcards checks what * and ? do in a value.
func (c *verdictChecker) wildcards(s *statement, cond *condition, v item) {
	op, key := cond.operator, cond.key
	if op.compare == equals || op.compare == equalsIgnoreCase {
		return // a plain character there
	}
	// What a lone star means to the operators for ARNs is not documented.
	all, text := strings.Trim(v.text, "*") == "", op.family == catalog.String
	switch {
	case s.effect == allow && !op.negated && hollows(key, v.text):
		c.Value(&rule.Hollow, v.node, "The wildcard in "+phrase.Quote(v.text)+" lets in others than "+cond.label()+" seems to name; write the value out.")
	case all && text && !op.negated && (op.ifExists || op.set == forAll || s.always(key)):
		c.Value(&rule.ConditionRedundant, v.node, "“*” fits every value of "+cond.label()+", and a request without it passes as well or does not exist, so this condition decides nothing; take it away.")
	case all && text && op.negated && !op.ifExists && op.set == single && s.always(key):
		c.Value(&rule.ConditionNever, v.node, "“*” fits every value, and every request that this statement is about has "+cond.label()+", so the statement never applies; take it away, or write the value that is meant.")
	case all && op.negated:
		c.Value(&rule.SameAsNull, v.node, "“*” fits every value, so this only asks whether "+cond.label()+" is missing; \"Null\": {\""+cond.label()+"\": \"true\"} says so.")
	case all:
		c.Value(&rule.SameAsNull, v.node, "“*” fits every value, so this only asks whether "+cond.label()+" is there; \"Null\": {\""+cond.label()+"\": \"false\"} says so.")
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

// likeARN reports StringLike on an ARN. A wildcard in the last part does what
// it seems to do; one before it may stand for several parts.
func (c *verdictChecker) likeARN(s *statement, cond *condition, v item) {
	last := v.text
	for range 5 {
		_, last, _ = strings.Cut(last, ":")
	}
	before := strings.TrimSuffix(v.text, last)
	if s.effect == allow && !cond.operator.negated && (last == "" || wildcard.Has(before)) {
		c.Value(&rule.LikeCrossesARN, v.node, "The wildcard of StringLike reaches over the colons of the ARN, so "+phrase.Quote(v.text)+" lets in ARNs of other services or accounts than it seems to; use ArnLike, which compares part by part.")
		return
	}
	c.Value(&rule.LikeARN, v.node, "The wildcard of StringLike reaches over the colons of the ARN; use ArnLike, which compares part by part.")
}
