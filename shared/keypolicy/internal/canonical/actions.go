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
	text     string
	set      catalog.Set
	marked   bool // it has a question mark
	apart    bool // the following is known; most patterns are compared with no other
	lower    string
	segments []string // what stands between its stars
	simple   string   // with one star where several follow each other
}

// takeApart reads a pattern that is compared with another.
func (p *pattern) takeApart() *pattern {
	if p.apart {
		return p
	}
	p.apart, p.lower = true, wildcard.ToLower(p.text)
	p.segments = strings.Split(p.lower, "*")
	if last := len(p.segments) - 1; last > 1 {
		inner := slices.DeleteFunc(p.segments[1:last], func(segment string) bool { return segment == "" })
		p.segments = append(p.segments[:1+len(inner)], p.segments[last])
	}
	p.simple = strings.Join(p.segments, "*")
	return p
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
		p := pattern{text: a.Text, set: a.Set, marked: strings.IndexByte(a.Text, '?') >= 0}
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
		if j == i || !wide.set.Has(narrow.set) || wide.takeApart().lower == narrow.takeApart().lower {
			continue
		}
		e.steps += len(wide.segments) + len(narrow.segments)
		if wide.covers(narrow) && (wide.lower < narrow.lower || !narrow.covers(wide)) {
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
		return p.lower == "*"
	}
	last := len(p.segments) - 1
	rest, first := strings.CutPrefix(narrow.simple, p.segments[0])
	if p.marked || !first {
		return false
	}
	for _, segment := range p.segments[1:last] {
		i := strings.Index(rest, segment)
		if i < 0 {
			return false
		}
		rest = rest[i+len(segment):]
	}
	return strings.HasSuffix(rest, p.segments[last])
}
