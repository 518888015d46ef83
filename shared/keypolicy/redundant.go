package keypolicy

import (
	"bytes"
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
	prints := c.fingerprints()
	for i := 1; i < len(prints); i++ {
		if prints[i].sum == prints[i-1].sum {
			c.compareStatements()
			return
		}
	}
}

func (c *checker) compareStatements() {
	rows := newEncoder(c.p, c.o.Key.partition()).rows()
	for i := 1; i < len(rows); i++ {
		if bytes.Equal(rows[i].perm, rows[i-1].perm) {
			later := max(rows[i].statement.node, rows[i-1].statement.node)
			c.value(&ruleStatementTwice, later, "Another statement says the same; keep one.")
		}
	}
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
