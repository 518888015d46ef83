package verdict

import (
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/grammar"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// maxConditions bounds the questions about one statement.
const maxConditions = 12

// conditionsHold asks whether the conditions of a statement ever hold, and whether
// they ever fail.
func (c *checker) conditionsHold(s *document.Statement) {
	if len(s.Conditions) == 0 || len(s.Conditions) > maxConditions || s.EmptyOperators > 0 || s.Acts&effective == 0 || c.varies(s) {
		return
	}
	deny := s.Effect == document.Deny
	if c.applies(deny, c.statement(s)).Verdict == decide.Proven {
		c.never(s)
		return
	}
	read := plausible(s)
	if c.covers(deny, c.statement(read), c.statement(without(read, -1))).Verdict == decide.Proven {
		c.always(s)
		return
	}
	for i := range s.Conditions {
		cond := &s.Conditions[i]
		if !c.free(s, cond) && c.decidesNothing(s, i) {
			c.Value(&rule.ConditionRedundant, c.at(cond), "The condition on "+cond.Label()+" holds for every request of the statement, so it has no effect. Delete it, or write the intended value.")
		}
	}
}

// decidesNothing reports whether a condition always holds by itself where the others
// do. One that only follows from another on a key that comes with its own is no fault.
func (c *checker) decidesNothing(s *document.Statement, i int) bool {
	return c.covers(s.Effect == document.Deny, c.statement(s), c.statement(without(s, i)), independent).Verdict == decide.Proven
}

func independent(q *decide.Question) { q.Independent = true }

// at is where a finding about a condition belongs: its one value, or its list.
func (c *checker) at(cond *document.Condition) int32 {
	if len(cond.Values) == 1 {
		return cond.Values[0].Node
	}
	return cond.Node
}

// without is the statement without its i-th condition, or without any.
func without(s *document.Statement, i int) *document.Statement {
	less := *s
	if i < 0 {
		less.Conditions = nil
	} else {
		less.Conditions = slices.Delete(slices.Clone(s.Conditions), i, i+1)
	}
	return &less
}

// never reports a statement that applies to no request, unless a rule about a
// value or about a key says so already.
func (c *checker) never(s *document.Statement) {
	if c.Reported(s.ConditionAt, rule.Warning) {
		return
	}
	for i := range s.Conditions {
		alone := *s
		alone.Conditions = s.Conditions[i : i+1]
		if c.applies(s.Effect == document.Deny, c.statement(&alone)).Verdict == decide.Proven {
			cond := &s.Conditions[i]
			c.Value(&rule.ConditionNever, c.at(cond), "No request of the statement matches the condition on "+cond.Label()+", so the statement never applies. Delete the statement, or write the intended value.")
			return
		}
	}
	c.Member(&rule.ConditionNever, s.ConditionAt, "No request matches all conditions of the statement, so it never applies. Delete the statement, or write the intended values.")
}

// always reports conditions that every request fulfils.
func (c *checker) always(s *document.Statement) {
	if s.Effect == document.Deny {
		c.Member(&rule.ConditionAlways, s.ConditionAt, "The conditions always hold, so this Deny applies to every request of its principals for its actions. "+c.whyAlways(s)+"Write the intended values, or delete the conditions if every request is meant.")
		return
	}
	for i := range s.Conditions {
		cond := &s.Conditions[i]
		if cond.Operator.Negated && !anyPossible(cond) {
			c.Value(&rule.Hollow, c.at(cond), "No request has this value of "+cond.Label()+", so the negated comparison always holds and the condition excludes nothing. Write the intended value.")
			continue
		}
		if !cond.Key.Has(catalog.Constant) {
			c.Value(&rule.ConditionRedundant, c.at(cond), "The condition on "+cond.Label()+" holds for every request of the statement, so it has no effect. Delete it, or write the intended value.")
		}
	}
}

// whyAlways explains a negated comparison with what cannot be.
func (c *checker) whyAlways(s *document.Statement) string {
	for i := range s.Conditions {
		cond := &s.Conditions[i]
		switch {
		case cond.Key == nil || !cond.Operator.Negated:
		case !anyPossible(cond):
			return "No request has the value of " + cond.Label() + " that " + cond.OpText + " compares. "
		case c.deadFor(s, cond) != 0 || neverThere(s, cond):
			return "These requests never have " + cond.Label() + ", and " + cond.OpText + " holds where the key is absent. "
		}
	}
	return ""
}

// alwaysForActions reports a Deny whose conditions always hold for some of its
// actions, because their requests never carry a key that a negated operator tests.
func (c *checker) alwaysForActions(s *document.Statement, cond *document.Condition, dead catalog.Set) {
	if dead == 0 || s.Effect != document.Deny || !cond.Operator.Negated {
		return
	}
	part := c.statement(s)
	for i := range part {
		part[i].Actions &= dead
	}
	all := slices.Clone(part)
	for i := range all {
		all[i].Conditions = nil
	}
	if dead != s.Acts&effective && c.covers(true, part, all).Verdict == decide.Proven {
		c.Member(&rule.ConditionAlways, cond.Node, "Requests for "+strings.Join(dead.Names(), ", ")+" never have "+cond.Label()+", and "+cond.OpText+" holds where the key is absent, so the condition always holds and this Deny applies to every such request. Write a separate statement for these actions.")
	}
}

// plausible is the statement without the values that no request can have, and so
// without the negated conditions that nothing else is left of.
func plausible(s *document.Statement) *document.Statement {
	read := *s
	read.Conditions = make([]document.Condition, 0, len(s.Conditions))
	for _, cond := range s.Conditions {
		rest := slices.DeleteFunc(slices.Clone(cond.Values), func(v document.Item) bool { return !possible(&cond, v) })
		switch {
		case len(rest) > 0:
			cond.Values = rest
		case len(cond.Values) > 0 && cond.Operator.Negated && cond.Operator.Set == document.Single:
			continue
		}
		read.Conditions = append(read.Conditions, cond)
	}
	return &read
}

func anyPossible(cond *document.Condition) bool {
	return slices.ContainsFunc(cond.Values, func(v document.Item) bool { return possible(cond, v) })
}

// possible reports whether a request could have a value, as far as its form tells.
func possible(cond *document.Condition, v document.Item) bool {
	return cond.Key == nil || !cond.Operator.Known() || grammar.Possible(cond, v.Text)
}

// varies reports whether all conditions certainly hold in some requests and fail in
// others: each tests another key, by plain values, and no two keys are related.
func (c *checker) varies(s *document.Statement) bool {
	for i := range s.Conditions {
		cond := &s.Conditions[i]
		if cond.Key == nil || !c.free(s, cond) {
			return false
		}
		for j := range i {
			if other := &s.Conditions[j]; strings.EqualFold(other.Name, cond.Name) || related(other, cond) || related(cond, other) {
				return false
			}
		}
	}
	return true
}

// related reports whether two conditions may contradict each other, although they test
// different keys: on an address and an endpoint, or on the ARN of a resource and the
// account of another.
func related(a, b *document.Condition) bool {
	switch a.Key.Lower {
	case "aws:sourceip":
		return strings.HasPrefix(b.Key.Lower, "aws:sourcevpc")
	case "aws:sourceaccount":
		return b.Key.Lower == "aws:sourcearn" && !slices.ContainsFunc(b.Values, func(arn document.Item) bool {
			return slices.ContainsFunc(a.Values, func(account document.Item) bool { return strings.Contains(arn.Text, ":"+account.Text+":") })
		})
	}
	return false
}

// free tells for certain that a condition holds in some of the requests that a
// statement is about and fails in others, whatever else they have.
func (c *checker) free(s *document.Statement, cond *document.Condition) bool {
	key, op := cond.Key, cond.Operator
	if key == nil || !op.Known() || key.Has(catalog.Constant) || op.Set != document.Single || key.Has(catalog.Multi) ||
		key.Actions != 0 && !key.Actions.Has(s.Acts&effective) || len(cond.Values) == 0 || !freely(s, key) {
		return false
	}
	for _, v := range cond.Values {
		if !plainValue(cond, v.Text) {
			return false
		}
	}
	return !op.Negated || anyPossible(cond)
}

// freely reports whether requests have any value of a key, and may lack it.
func freely(s *document.Statement, key *catalog.Key) bool {
	switch key.Lower {
	case "kms:viaservice", "kms:encryptioncontext:", "kms:grantisforawsresource":
		return true
	case "aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid":
		return allOf(s, document.ServicePrincipal)
	case "aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:multifactorauthpresent":
		return allOf(s, document.AWSPrincipal)
	}
	return false
}

// plainValue reports whether an operator compares with a value that some requests
// have and others have not.
func plainValue(cond *document.Condition, text string) bool {
	if text == "" || strings.Contains(text, "${") {
		return false
	}
	switch cond.Operator.Compare {
	case document.Equals:
		return cond.Operator.Family == catalog.String
	case document.Like:
		return strings.Trim(text, "*") != "" && cond.Operator.Family == catalog.String || strings.HasPrefix(text, "arn:")
	case document.BoolIs:
		return len(cond.Values) == 1 && (strings.EqualFold(text, "true") || strings.EqualFold(text, "false"))
	case document.IPIn:
		return !strings.HasSuffix(text, "/0")
	}
	return false
}
