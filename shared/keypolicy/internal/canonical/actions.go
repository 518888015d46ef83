package canonical

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// actions writes the actions in small letters, without those that another
// entry covers. Wildcards stay: they mean future actions too.
func (e *Encoder) actions(s *document.Statement) {
	e.scratch = e.scratch[:0]
	covers := e.coverers(s)
	var known catalog.Set
	for i := range s.Actions {
		a := &s.Actions[i]
		switch {
		case grants(a) && covers.cover(e, a):
		case a.Set != 0 && !a.Pattern:
			known |= a.Set
		default:
			e.scratch = append(e.scratch, a.Text)
		}
	}
	e.setFold(known)
}

// maxCover bounds the search for covered actions. In a longer list they are
// compared as they stand, which KMS does not touch either.
const maxCover = 128

// coverers are the patterns of a statement that other entries may fall away under.
type coverers struct {
	patterns []coverer
	names    catalog.Set // the actions that they stand for
}

type coverer struct {
	lower    string
	set      catalog.Set
	segments []string // what stands between its stars
}

// grants reports whether the entry certainly stands for an action. What does not
// neither covers another entry nor falls away: what KMS makes of it is not known.
func grants(a *document.Action) bool { return a.Set != 0 && !a.Vague }

// coverers takes the patterns apart. Those with a question mark cover nothing: it
// would have to be known what a question mark and a star have in common.
func (e *Encoder) coverers(s *document.Statement) coverers {
	var c coverers
	if len(s.Actions) < 2 || len(s.Actions) > maxCover {
		return c
	}
	for i := range s.Actions {
		a := &s.Actions[i]
		if !a.Pattern || !grants(a) || strings.IndexByte(a.Text, '?') >= 0 {
			continue
		}
		lower := wildcard.ToLower(a.Text)
		c.patterns = append(c.patterns, coverer{lower, a.Set, strings.Split(lower, "*")})
		c.names |= a.Set
	}
	return c
}

// cover reports whether a pattern stands for everything that the action stands for,
// now and in future. Of two patterns that cover each other one stays, whatever their
// order.
func (c coverers) cover(e *Encoder, a *document.Action) bool {
	if !a.Pattern {
		return c.names.Has(a.Set)
	}
	if len(c.patterns) == 0 {
		return false
	}
	narrow := wildcard.ToLower(a.Text)
	for i := range c.patterns {
		wide := &c.patterns[i]
		if !wide.set.Has(a.Set) || wide.lower == narrow {
			continue
		}
		e.steps += len(wide.lower) + len(narrow)
		if wide.covers(narrow) && (wide.lower < narrow || !covers(narrow, wide.lower)) {
			return true
		}
	}
	return false
}

// covers reports whether everything that matches narrow matches the pattern. A star
// of narrow can only be taken by a star, as no segment holds one; so can a question
// mark, which "*" alone is taken to stand for.
func (c *coverer) covers(narrow string) bool {
	if strings.IndexByte(narrow, '?') >= 0 {
		return c.lower == "*"
	}
	rest, first := strings.CutPrefix(narrow, c.segments[0])
	if !first {
		return false
	}
	last := len(c.segments) - 1
	for _, segment := range c.segments[1:last] {
		i := strings.Index(rest, segment)
		if i < 0 {
			return false
		}
		rest = rest[i+len(segment):]
	}
	return strings.HasSuffix(rest, c.segments[last])
}

func covers(wide, narrow string) bool {
	c := coverer{lower: wide, segments: strings.Split(wide, "*")}
	return strings.IndexByte(wide, '?') < 0 && c.covers(narrow)
}
