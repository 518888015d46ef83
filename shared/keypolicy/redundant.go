package keypolicy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// redundantStatements reports statements that say the same as an earlier one.
// Fingerprints find the candidates, so that a policy without any is not
// encoded for it.
func (c *verdictChecker) redundantStatements() {
	if len(c.p.statements) < 2 {
		return
	}
	c.coveredStatements()
	if c.allDifferent() {
		return
	}
	prints := c.fingerprints()
	for i := 1; i < len(prints); i++ {
		if prints[i].sum == prints[i-1].sum {
			c.compareStatements()
			return
		}
	}
}

// allDifferent reports whether no two statements are about the same actions,
// which is so in most small policies.
func (c *verdictChecker) allDifferent() bool {
	const few = 16
	if len(c.p.statements) > few {
		return false
	}
	for i := range c.p.statements {
		for j := range i {
			if c.p.statements[i].acts == c.p.statements[j].acts {
				return false
			}
		}
	}
	return true
}

func (c *verdictChecker) compareStatements() {
	e := newEncoder(c.p, c.o.Key.PartitionName())
	rows := e.rows(nil, c.p.statements)
	for i := 1; i < len(rows); i++ {
		if e.same(rows[i], rows[i-1]) {
			later := max(rows[i].statement.node, rows[i-1].statement.node)
			c.Value(&rule.StatementTwice, later, "Another statement says the same; keep one.")
		}
	}
}

// maxStatements bounds the comparison of each statement with each other.
const maxStatements = 64

// coveredStatements reports statements that a wider one makes superfluous.
func (c *verdictChecker) coveredStatements() {
	if len(c.p.statements) > maxStatements {
		return
	}
	var who [maxStatements]uint64
	for i := range c.p.statements {
		who[i] = c.p.statements[i].who()
	}
	for i := range c.p.statements {
		a := &c.p.statements[i]
		for j := range c.p.statements {
			b := &c.p.statements[j]
			if i != j && who[i]&^who[j] == 0 && b.covers(a) && !a.covers(b) {
				c.Value(&rule.StatementTwice, a.node, c.p.tree.Path(b.node)+" says this and more, for the same principals; take this statement away, or the wider one.")
				break
			}
		}
	}
}

// who has a bit for each principal, so that most statements can be told apart
// without comparing texts: one that covers another has all of its bits.
func (s *statement) who() uint64 {
	bits := uint64(0)
	for i := range s.principals {
		p := &s.principals[i]
		if p.form == anyone {
			return ^uint64(0)
		}
		bits |= 1 << (hash(p.identity()) >> 58)
	}
	return bits
}

// identity is the same for both spellings of an account.
func (p *principal) identity() string {
	if p.wholeAccount() {
		return p.account
	}
	return p.text
}

// covers reports whether s says everything that t says, for every principal of
// t: it has none but conditions of t, and its actions stand for those of t in
// future as well.
func (s *statement) covers(t *statement) bool {
	if s.effect != t.effect || t.acts == 0 || !s.acts.Has(t.acts) || len(s.conditions) > len(t.conditions) || s.negates() || t.negates() {
		return false
	}
	for i := range t.principals {
		if !s.names(&t.principals[i]) {
			return false
		}
	}
	return len(t.principals) > 0 && s.everyResource() && s.coversConditions(t) && s.coversActions(t)
}

func (s *statement) negates() bool { return s.notPrincipal || s.notAction || s.notResource }

func (s *statement) everyResource() bool { return len(s.resources) == 1 && s.resources[0].text == "*" }

// coversConditions reports whether whatever fulfils t's conditions fulfils those
// of s.
func (s *statement) coversConditions(t *statement) bool {
	if s.conditionless() {
		return true
	}
	for i := range s.conditions {
		if !slices.ContainsFunc(t.conditions, func(other condition) bool { return s.conditions[i].same(other) }) {
			return false
		}
	}
	return s.emptyOperators == 0 && t.emptyOperators == 0
}

// same reports whether two conditions compare the same key with the same values.
func (cond *condition) same(other condition) bool {
	return cond.operator == other.operator && cond.operator.known() && wildcard.EqualFold(cond.name, other.name) &&
		slices.EqualFunc(cond.values, other.values, func(a, b item) bool { return a.text == b.text })
}

// coversActions compares the patterns: what one stands for today is not all that
// it will stand for.
func (s *statement) coversActions(t *statement) bool {
	for i := range t.actions {
		a := &t.actions[i]
		if a.pattern && !slices.ContainsFunc(s.actions, func(b action) bool {
			return b.pattern && wildcard.Covers(strings.ToLower(b.text), strings.ToLower(a.text))
		}) {
			return false
		}
	}
	return true
}

// names reports whether the statement names just that principal, or denies to
// everybody.
func (s *statement) names(p *principal) bool {
	for i := range s.principals {
		q := &s.principals[i]
		if s.effect == deny && q.form == anyone && q.kind == awsPrincipal && p.kind == awsPrincipal {
			return true
		}
		if q.kind == p.kind && (q.text == p.text || q.wholeAccount() && p.wholeAccount() && q.account == p.account) {
			return true
		}
	}
	return false
}

type fingerprint struct {
	sum       uint64
	statement int
}

// fingerprints are equal for statements that say the same in the same number
// of words, and hardly ever otherwise.
func (c *verdictChecker) fingerprints() []fingerprint {
	prints := make([]fingerprint, len(c.p.statements))
	for i := range c.p.statements {
		prints[i] = fingerprint{c.p.statements[i].fingerprint(), i}
	}
	slices.SortFunc(prints, func(a, b fingerprint) int { return cmp.Compare(a.sum, b.sum) })
	return prints
}

// fingerprint adds up what a statement holds, so that order makes no
// difference. How an account is spelt makes none either.
func (s *statement) fingerprint() uint64 {
	sum := uint64(s.acts)*31 + uint64(s.effect)
	for i := range s.principals {
		sum += hash(s.principals[i].identity())
	}
	for i := range s.conditions {
		cond := &s.conditions[i]
		sum += uint64(cond.operator.row)
		for _, v := range cond.values {
			sum += hash(v.text)
		}
	}
	return sum
}

// hash mixes the length and the ends of a text: enough to tell most apart.
func hash(s string) uint64 {
	h := uint64(len(s))
	for i := max(0, len(s)-16); i < len(s); i++ {
		h = h*131 + uint64(s[i])
	}
	return h * 0x9e3779b97f4a7c15
}
