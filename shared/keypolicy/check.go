package keypolicy

import (
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/grammar"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/verdict"
)

// MaxSize is the most bytes that a key policy may have.
const MaxSize = document.MaxSize

// Policy is a parsed key policy. It keeps the text, so that everything said
// about it can name a place.
type Policy struct{ parsed document.Policy }

// document is what was parsed, nil for no policy.
func (p *Policy) document() *document.Policy {
	if p == nil {
		return nil
	}
	return &p.parsed
}

// Opaque reports whether the document cannot be judged: it has duplicate or
// unknown members, values of a wrong type, or is not quite JSON. Such a policy
// is equal to nothing.
func (p *Policy) Opaque() bool { return p.document().Opaque() }

// Parse reads a policy. The findings say everything that is wrong with it as a
// text and by the grammar; the policy is nil where the text holds none at all.
func Parse(text []byte) (*Policy, []Finding) {
	p := new(Policy)
	l, found := document.Read(text, document.MaxServed, &p.parsed)
	if !found {
		p = nil
	}
	return p, l.Findings()
}

// Check parses a policy and reports everything that is to be said about it, in
// the order of the text. The same text and options give the same report.
func Check(text []byte, o Options) Report {
	return check(text, o, decide.NewBudget())
}

// check does what Check does, within a budget.
func check(text []byte, o Options, b *decide.Budget) Report {
	o.Key = o.Key.Placed()
	p := new(Policy)
	l, found := document.Read(text, MaxSize, &p.parsed)
	if !found {
		return Report{Findings: l.Findings()}
	}
	whole := &p.parsed
	if whole.Tree.Cut {
		whole = untilCut(whole)
	}
	grammar.Check(whole, &o, &l)
	verdict.Check(whole, &o, b, &l)
	return Report{Policy: p, Findings: l.Findings()}
}

// untilCut is a policy whose text breaks off, without the statement in which it does:
// what that one seems to lack may be what was not read.
func untilCut(p *document.Policy) *document.Policy {
	whole := *p
	whole.Statements = p.Statements[:max(0, len(p.Statements)-1)]
	return &whole
}
