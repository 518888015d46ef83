package verdict

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/grammar"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// hollowValues reports values that let in more than they seem to, or that decide
// nothing. A value that cannot be read has been reported already.
func (c *checker) hollowValues(s *document.Statement, cond *document.Condition) {
	if !cond.Operator.Known() {
		return
	}
	for _, v := range cond.Values {
		switch {
		case grammar.HoldsVariable(v.Text):
			if grammar.VariableFault(v.Text) == "" {
				c.variable(s, cond, v)
			}
		case cond.Operator.Compare == document.Null:
		case strings.HasSuffix(v.Text, "/0") && cond.Operator.Compare == document.IPIn:
			if grammar.Reads(cond, v.Text) && !cond.Operator.Negated && s.Effect == document.Allow {
				c.Value(&rule.Hollow, v.Node, "The range "+phrase.Quote(v.Text)+" holds every address; write the addresses that are meant.")
			}
		case wildcard.Has(v.Text):
			if grammar.Reads(cond, v.Text) {
				c.wildcards(s, cond, v)
			}
		}
	}
	c.redundantValues(cond)
}

// variable judges a value that holds ${…}.
func (c *checker) variable(s *document.Statement, cond *document.Condition, v document.Item) {
	switch op := cond.Operator; {
	case s.Effect == document.Allow && !op.Negated && ownAccount(cond.Key, v.Text):
		c.Value(&rule.Hollow, v.Node, cond.Label()+" is compared with another word for the caller's own account, which every caller fits; write the account that is meant, or ${aws:ResourceAccount} for the key's.")
	case s.Effect == document.Allow && !op.Negated && strings.EqualFold(v.Text, "${"+cond.Name+"}"):
		c.Value(&rule.Hollow, v.Node, cond.Label()+" is compared with itself, which every caller fits; write the value out.")
	case op.Family != catalog.String && op.Family != catalog.ARN:
		c.Value(&rule.VariablePlace, v.Node, cond.OpText+" does not replace variables, so "+phrase.Quote(v.Text)+" is compared as it stands; write the value out.")
	case c.p.Version != document.CurrentVersion:
		c.Value(&rule.VariablePlace, v.Node, "Variables are replaced in Version 2012-10-17 only, so "+phrase.Quote(v.Text)+" is compared as it stands; write that Version.")
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
func (c *checker) wildcards(s *document.Statement, cond *document.Condition, v document.Item) {
	op, key := cond.Operator, cond.Key
	if op.Compare == document.Equals || op.Compare == document.EqualsIgnoreCase {
		return // a plain character there
	}
	// What a lone star means to the operators for ARNs is not documented.
	all, text := strings.Trim(v.Text, "*") == "", op.Family == catalog.String
	switch {
	case s.Effect == document.Allow && !op.Negated && hollows(key, v.Text):
		c.Value(&rule.Hollow, v.Node, "The wildcard in "+phrase.Quote(v.Text)+" lets in others than "+cond.Label()+" seems to name; write the value out.")
	case all && text && (op.IfExists || op.Set == document.ForAll || presence(s, key) == catalog.Present): // it always holds, or never
	case all && op.Negated:
		c.Value(&rule.SameAsNull, v.Node, "“*” fits every value, so this only asks whether "+cond.Label()+" is missing; \"Null\": {\""+cond.Label()+"\": \"true\"} says so.")
	case all:
		c.Value(&rule.SameAsNull, v.Node, "“*” fits every value, so this only asks whether "+cond.Label()+" is there; \"Null\": {\""+cond.Label()+"\": \"false\"} says so.")
	case op.Family == catalog.String && key.Type == catalog.ARN:
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
func (c *checker) likeARN(s *document.Statement, cond *document.Condition, v document.Item) {
	last := v.Text
	for range 5 {
		_, last, _ = strings.Cut(last, ":")
	}
	before := strings.TrimSuffix(v.Text, last)
	if s.Effect == document.Allow && !cond.Operator.Negated && !sourcePattern(cond) && (last == "" || wildcard.Has(before)) {
		c.Value(&rule.LikeCrossesARN, v.Node, "The wildcard of StringLike reaches over the colons of the ARN, so "+phrase.Quote(v.Text)+" lets in ARNs of other services or accounts than it seems to; use ArnLike, which compares part by part.")
		return
	}
	c.Value(&rule.LikeARN, v.Node, "The wildcard of StringLike reaches over the colons of the ARN; use ArnLike, which compares part by part.")
}
