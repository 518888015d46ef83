package canonical

import (
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// actions writes the actions in small letters, without those that another
// entry covers. Wildcards stay: they mean future actions too.
func (e *Encoder) actions(s *document.Statement) {
	e.scratch = e.scratch[:0]
	patterns, names := e.patternsOf(s)
	next := 0 // of the patterns
	var known catalog.Set
	for i := range s.Actions {
		a := &s.Actions[i]
		switch {
		case a.Pattern && grants(a) && len(patterns) > 0:
			if next++; !e.covered(patterns, next-1) {
				e.scratch = append(e.scratch, a.Text)
			}
		case a.Pattern || !grants(a):
			e.scratch = append(e.scratch, a.Text)
		case !names.Has(a.Set):
			known |= a.Set
		}
	}
	e.setFold(known)
}

// maxCover bounds the search for covered actions. In a longer list they are
// compared as they stand, which KMS does not touch either.
const maxCover = 128

// grants reports whether the entry certainly stands for an action. What does not
// neither covers another entry nor falls away: what KMS makes of it is not known.
func grants(a *document.Action) bool { return a.Set != 0 && !a.Vague }

// pattern is an entry with a wildcard that stands for some action.
type pattern struct {
	text   string
	set    catalog.Set
	marked bool   // it has a question mark
	parts  *parts // nil until it is compared with another, as few are
}

// parts are what a pattern is made of.
type parts struct {
	lower    string
	segments []string // what stands between its stars
	simple   string   // with one star where several follow each other
}

// apart takes the pattern apart.
func (p *pattern) apart() *parts {
	if p.parts != nil {
		return p.parts
	}
	of := &parts{lower: wildcard.ToLower(p.text)}
	of.segments = strings.Split(of.lower, "*")
	if last := len(of.segments) - 1; last > 1 {
		inner := slices.DeleteFunc(of.segments[1:last], func(segment string) bool { return segment == "" })
		of.segments = append(of.segments[:1+len(inner)], of.segments[last])
	}
	of.simple = strings.Join(of.segments, "*")
	p.parts = of
	return of
}

// patternsOf lists the patterns of a statement, in their order, and returns the
// actions that they cover. Those with a question mark cover nothing: it would have to
// be known what a question mark and a star have in common.
func (e *Encoder) patternsOf(s *document.Statement) (patterns []pattern, names catalog.Set) {
	if len(s.Actions) < 2 || len(s.Actions) > maxCover {
		return nil, 0
	}
	patterns = e.patterns[:0]
	for i := range s.Actions {
		a := &s.Actions[i]
		if !a.Pattern || !grants(a) {
			continue
		}
		p := pattern{text: a.Text, set: a.Set, marked: strings.Contains(a.Text, "?")}
		if !p.marked {
			names |= a.Set
		}
		patterns = append(patterns, p)
	}
	e.patterns = patterns
	return patterns, names
}

// covered reports whether another pattern stands for everything that this one stands
// for, now and in future. Of two that cover each other one stays, whatever their
// order.
func (e *Encoder) covered(patterns []pattern, i int) bool {
	narrow := &patterns[i]
	for j := range patterns {
		wide := &patterns[j]
		if j == i || !wide.set.Has(narrow.set) || wide.apart().lower == narrow.apart().lower {
			continue
		}
		e.steps += len(wide.parts.segments) + len(narrow.parts.segments)
		if wide.covers(narrow) && (wide.parts.lower < narrow.parts.lower || !narrow.covers(wide)) {
			return true
		}
	}
	return false
}

// covers reports whether everything that matches narrow matches the pattern. A star
// of narrow can only be taken by a star, as no segment holds one; so can a question
// mark, which "*" alone is taken to stand for.
func (p *pattern) covers(narrow *pattern) bool {
	if narrow.marked {
		return p.text == "*"
	}
	segments := p.parts.segments
	last := len(segments) - 1
	rest, first := strings.CutPrefix(narrow.parts.simple, segments[0])
	if p.marked || !first {
		return false
	}
	for _, segment := range segments[1:last] {
		i := strings.Index(rest, segment)
		if i < 0 {
			return false
		}
		rest = rest[i+len(segment):]
	}
	return strings.HasSuffix(rest, segments[last])
}
