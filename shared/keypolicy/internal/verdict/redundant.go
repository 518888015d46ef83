package verdict

import (
	"hash/maphash"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// maxStatements bounds the comparison of each statement with each other.
const maxStatements = 128

// redundantStatements reports statements that the others make superfluous. Of two
// that say the same the later one is reported.
func (c *checker) redundantStatements() {
	n := len(c.p.Statements)
	if n < 2 || n > maxStatements {
		return
	}
	var marks [maxStatements]uint64
	for i := range c.p.Statements {
		marks[i] = mark(&c.p.Statements[i])
	}
	rest := make([]bool, n) // reported, so that it covers nothing
	for i := n - 1; i >= 0; i-- {
		rest[i] = c.redundantStatement(i, marks[:n], rest)
	}
}

func (c *checker) redundantStatement(i int, marks []uint64, gone []bool) bool {
	s := &c.p.Statements[i]
	if s.Acts&effective == 0 || len(s.Principals) == 0 || s.NotAction || s.NotPrincipal || s.NotResource {
		return false
	}
	var others []int
	var acts catalog.Set
	for j := range c.p.Statements {
		if marks[j]&marks[i] == 0 || j == i || gone[j] {
			continue
		}
		if t := &c.p.Statements[j]; t.Effect == s.Effect && t.Acts&s.Acts != 0 && mayCover(t, s) {
			others, acts = append(others, j), acts|t.Acts
		}
	}
	if !acts.Has(s.Acts) || !c.coversFuture(s, others) {
		return false
	}
	wide := make([]decide.Statement, 0, len(others))
	for _, j := range others {
		wide = append(wide, c.statement(&c.p.Statements[j])...)
	}
	if c.covers(s.Effect == document.Deny, wide, c.statement(s)).Verdict != decide.Proven {
		return false
	}
	c.Value(&rule.StatementTwice, s.Node, c.coverText(s, others))
	return true
}

// coverText says what makes a statement superfluous.
func (c *checker) coverText(s *document.Statement, others []int) string {
	deny := s.Effect == document.Deny
	for _, j := range others {
		t := &c.p.Statements[j]
		switch {
		case c.covers(deny, c.statement(t), c.statement(s)).Verdict != decide.Proven:
		case c.covers(deny, c.statement(s), c.statement(t)).Verdict == decide.Proven:
			return c.p.Tree.Path(t.Node) + " says the same. Keep one of them."
		default:
			return c.p.Tree.Path(t.Node) + " says this and more, for the same principals. Delete this statement, or narrow the wider one."
		}
	}
	return "Other statements together say this and more, for the same principals. Delete this statement, or narrow the others."
}

var seed = maphash.MakeSeed()

// mark has a bit for each principal, so that most statements can be told apart
// without a question. Everybody has all bits.
func mark(s *document.Statement) uint64 {
	bits := uint64(0)
	for i := range s.Principals {
		p := &s.Principals[i]
		if p.Form == document.Anyone {
			return ^uint64(0)
		}
		bits |= 1 << (maphash.String(seed, identity(p)) & 63)
	}
	if s.NotPrincipal || s.Effect == document.Deny && slices.ContainsFunc(s.Principals, document.Principal.WholeAccount) {
		return ^uint64(0)
	}
	return bits
}

// mayCover reports whether a statement could cover a part of another: it names one of
// its principals.
func mayCover(t, s *document.Statement) bool {
	if t.NotPrincipal || t.Effect == document.Deny {
		return true
	}
	return slices.ContainsFunc(t.Principals, func(p document.Principal) bool {
		return p.Form == document.Anyone || slices.ContainsFunc(s.Principals, func(q document.Principal) bool { return identity(&p) == identity(&q) })
	})
}

// identity is the same for both spellings of an account.
func identity(p *document.Principal) string {
	if p.WholeAccount() {
		return p.Account
	}
	return p.Text
}

// coversFuture compares the patterns: what one stands for today is not all that it
// will stand for.
func (c *checker) coversFuture(s *document.Statement, others []int) bool {
	for i := range s.Actions {
		a := &s.Actions[i]
		if a.Pattern && !slices.ContainsFunc(others, func(j int) bool {
			t := &c.p.Statements[j]
			return t.NotAction || slices.ContainsFunc(t.Actions, func(b document.Action) bool {
				return b.Pattern && wildcard.Covers(strings.ToLower(b.Text), strings.ToLower(a.Text))
			})
		}) {
			return false
		}
	}
	return true
}
