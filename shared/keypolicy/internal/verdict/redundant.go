package verdict

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/canonical"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// redundantStatements reports statements that say the same as an earlier one.
// Fingerprints find the candidates, so that a policy without any is not
// encoded for it.
func (c *checker) redundantStatements() {
	if len(c.p.Statements) < 2 {
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
func (c *checker) allDifferent() bool {
	const few = 16
	if len(c.p.Statements) > few {
		return false
	}
	for i := range c.p.Statements {
		for j := range i {
			if c.p.Statements[i].Acts == c.p.Statements[j].Acts {
				return false
			}
		}
	}
	return true
}

func (c *checker) compareStatements() {
	e := canonical.NewEncoder(c.p, c.o.Key.PartitionName())
	rows := e.Rows(nil, c.p.Statements)
	for i := 1; i < len(rows); i++ {
		if e.Same(rows[i], rows[i-1]) {
			later := max(rows[i].Statement.Node, rows[i-1].Statement.Node)
			c.Value(&rule.StatementTwice, later, "Another statement says the same; keep one.")
		}
	}
}

// maxStatements bounds the comparison of each statement with each other.
const maxStatements = 64

// coveredStatements reports statements that a wider one makes superfluous.
func (c *checker) coveredStatements() {
	if len(c.p.Statements) > maxStatements {
		return
	}
	var who [maxStatements]uint64
	for i := range c.p.Statements {
		who[i] = principalBits(&c.p.Statements[i])
	}
	for i := range c.p.Statements {
		a := &c.p.Statements[i]
		for j := range c.p.Statements {
			b := &c.p.Statements[j]
			if i != j && who[i]&^who[j] == 0 && covers(b, a) && !covers(a, b) {
				c.Value(&rule.StatementTwice, a.Node, c.p.Tree.Path(b.Node)+" says this and more, for the same principals; take this statement away, or the wider one.")
				break
			}
		}
	}
}

// principalBits has a bit for each principal, so that most statements can be told apart
// without comparing texts: one that covers another has all of its bits.
func principalBits(s *document.Statement) uint64 {
	bits := uint64(0)
	for i := range s.Principals {
		p := &s.Principals[i]
		if p.Form == document.Anyone {
			return ^uint64(0)
		}
		bits |= 1 << (hash(identity(p)) >> 58)
	}
	return bits
}

// identity is the same for both spellings of an account.
func identity(p *document.Principal) string {
	if p.WholeAccount() {
		return p.Account
	}
	return p.Text
}

// covers reports whether s says everything that t says, for every principal of
// t: it has none but conditions of t, and its actions stand for those of t in
// future as well.
func covers(s *document.Statement, t *document.Statement) bool {
	if s.Effect != t.Effect || t.Acts == 0 || !s.Acts.Has(t.Acts) || len(s.Conditions) > len(t.Conditions) || negates(s) || negates(t) {
		return false
	}
	for i := range t.Principals {
		if !namesPrincipal(s, &t.Principals[i]) {
			return false
		}
	}
	return len(t.Principals) > 0 && everyResource(s) && coversConditions(s, t) && coversActions(s, t)
}

func negates(s *document.Statement) bool { return s.NotPrincipal || s.NotAction || s.NotResource }

func everyResource(s *document.Statement) bool {
	return len(s.Resources) == 1 && s.Resources[0].Text == "*"
}

// coversConditions reports whether whatever fulfils t's conditions fulfils those
// of s.
func coversConditions(s *document.Statement, t *document.Statement) bool {
	if s.Conditionless() {
		return true
	}
	for i := range s.Conditions {
		if !slices.ContainsFunc(t.Conditions, func(other document.Condition) bool { return sameCondition(&s.Conditions[i], other) }) {
			return false
		}
	}
	return s.EmptyOperators == 0 && t.EmptyOperators == 0
}

// sameCondition reports whether two conditions compare the same key with the same values.
func sameCondition(cond *document.Condition, other document.Condition) bool {
	return cond.Operator == other.Operator && cond.Operator.Known() && wildcard.EqualFold(cond.Name, other.Name) &&
		slices.EqualFunc(cond.Values, other.Values, func(a, b document.Item) bool { return a.Text == b.Text })
}

// coversActions compares the patterns: what one stands for today is not all that
// it will stand for.
func coversActions(s *document.Statement, t *document.Statement) bool {
	for i := range t.Actions {
		a := &t.Actions[i]
		if a.Pattern && !slices.ContainsFunc(s.Actions, func(b document.Action) bool {
			return b.Pattern && wildcard.Covers(strings.ToLower(b.Text), strings.ToLower(a.Text))
		}) {
			return false
		}
	}
	return true
}

// namesPrincipal reports whether the statement names just that principal, or denies to
// everybody.
func namesPrincipal(s *document.Statement, p *document.Principal) bool {
	for i := range s.Principals {
		q := &s.Principals[i]
		if s.Effect == document.Deny && q.Form == document.Anyone && q.Kind == document.AWSPrincipal && p.Kind == document.AWSPrincipal {
			return true
		}
		if q.Kind == p.Kind && (q.Text == p.Text || q.WholeAccount() && p.WholeAccount() && q.Account == p.Account) {
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
func (c *checker) fingerprints() []fingerprint {
	prints := make([]fingerprint, len(c.p.Statements))
	for i := range c.p.Statements {
		prints[i] = fingerprint{sumOf(&c.p.Statements[i]), i}
	}
	slices.SortFunc(prints, func(a, b fingerprint) int { return cmp.Compare(a.sum, b.sum) })
	return prints
}

// sumOf adds up what a statement holds, so that order makes no
// difference. How an account is spelt makes none either.
func sumOf(s *document.Statement) uint64 {
	sum := uint64(s.Acts)*31 + uint64(s.Effect)
	for i := range s.Principals {
		sum += hash(identity(&s.Principals[i]))
	}
	for i := range s.Conditions {
		cond := &s.Conditions[i]
		sum += uint64(cond.Operator.Row)
		for _, v := range cond.Values {
			sum += hash(v.Text)
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
