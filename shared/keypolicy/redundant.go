package keypolicy

import (
	"cmp"
	"slices"
)

// redundantStatements reports statements that say the same as an earlier one.
// Fingerprints find the candidates, so that a policy without any is not
// encoded for it.
func (c *checker) redundantStatements() {
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
func (c *checker) allDifferent() bool {
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

func (c *checker) compareStatements() {
	e := newEncoder(c.p, c.o.Key.partition())
	rows := e.rows(nil)
	for i := 1; i < len(rows); i++ {
		if e.same(rows[i], rows[i-1]) {
			later := max(rows[i].statement.node, rows[i-1].statement.node)
			c.value(&ruleStatementTwice, later, "Another statement says the same; keep one.")
		}
	}
}

// maxStatements bounds the comparison of each statement with each other.
const maxStatements = 64

// coveredStatements reports statements that a wider one makes superfluous.
func (c *checker) coveredStatements() {
	if len(c.p.statements) > maxStatements {
		return
	}
	var wide []*statement
	for i := range c.p.statements {
		if s := &c.p.statements[i]; s.unlimited() {
			wide = append(wide, s)
		}
	}
	for i := range c.p.statements {
		a := &c.p.statements[i]
		for _, b := range wide {
			if a != b && b.covers(a) && (!a.unlimited() || !a.covers(b)) {
				c.value(&ruleStatementTwice, a.node, c.p.path(b.node)+" says this and more, for the same principals; take this statement away, or the wider one.")
				break
			}
		}
	}
}

// unlimited reports whether a statement holds for its principals and actions
// under no condition and for every resource.
func (s *statement) unlimited() bool {
	return s.conditionless() && !s.notPrincipal && !s.notAction && !s.notResource && s.everyResource()
}

// covers reports whether s, which is unlimited, says everything that t says, for
// every principal of t.
func (s *statement) covers(t *statement) bool {
	if s.effect != t.effect || t.notPrincipal || t.notAction || t.notResource || t.acts == 0 || !s.acts.Has(t.acts) {
		return false
	}
	for i := range t.principals {
		if !s.names(&t.principals[i]) {
			return false
		}
	}
	return len(t.principals) > 0
}

func (s *statement) everyResource() bool { return len(s.resources) == 1 && s.resources[0].text == "*" }

// names reports whether the statement names just that principal.
func (s *statement) names(p *principal) bool {
	for i := range s.principals {
		q := &s.principals[i]
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
func (c *checker) fingerprints() []fingerprint {
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
		p := &s.principals[i]
		text := p.text
		if p.wholeAccount() {
			text = p.account
		}
		sum += hash(text)
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
