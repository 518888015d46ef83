package decide

import (
	"math/big"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"
)

// find returns a value that fulfils constraints. Where it depends on something
// unknown that there is one, doubt says on what.
func (q *query) find(v int32, all []constraint, shortest bool) (value, doubt string, possible bool) {
	all, doubt, possible = q.settle(all)
	if !possible {
		return "", "", false
	}
	if d := q.domains[v]; d.state == fixed { // only what may match more than is listed is left to decide
		return d.values[0], doubt, true
	}
	s := q.sought(v, all)
	if s.traits.values == booleans {
		value, possible = s.firstOf("false", "true")
		return value, doubt, possible
	}
	if value, possible = s.firstOf(q.likely(v)...); possible {
		return value, doubt, true
	}
	if list := s.finite(); list != nil {
		value, possible = s.firstOf(list...)
		return value, doubt, possible
	}
	switch {
	case !s.ordered && !s.address:
		value, possible = q.findText(s, shortest)
	case s.text || s.ordered && s.address:
		// Text and numbers of one key are not decided together.
		if value, possible = s.firstOf(append(s.numbers(), s.addresses()...)...); !possible {
			return "", s.name + " is compared in several ways, which is not decided", true
		}
	case s.ordered:
		value, possible = s.firstOf(s.numbers()...)
	default:
		value, possible = s.firstOf(s.addresses()...)
	}
	return value, doubt, possible
}

// settle leaves out what every value fulfils, and what is unknown. What is unsure
// is so alike wherever it stands.
func (q *query) settle(all []constraint) (rest []constraint, doubt string, possible bool) {
	q.spend(len(all) * len(all) / 8)
	for i, c := range all {
		l := &q.space.languages[c.language]
		for j, d := range all {
			other := &q.space.languages[d.language]
			switch {
			case c.view != d.view || !c.wanted || d.wanted:
			case c.language == d.language, (i != j) && len(l.unsure) > 0 && l.within(other):
				return nil, "", false
			}
		}
		switch {
		case l.family == present && !c.wanted:
			return nil, "", false
		case l.family == present:
			continue
		case len(l.unsure) > 0:
			doubt = l.unsure[0]
		}
		if len(l.unsure) == 0 || !c.wanted && l.family != opaque {
			rest = append(rest, c)
		}
	}
	return rest, doubt, true
}

// sought is what a value must be.
type sought struct {
	spend                  func(int) bool
	cost                   int // steps that are not spent yet
	constraints            []constraint
	languages              []*language
	traits                 trait
	name                   string
	text, ordered, address bool     // how it is compared
	class                  bool     // it is the caller's ARN, or the name of a service
	shapes                 [][]elem // of which it must have one
	taken                  *trie
}

func (q *query) sought(v int32, all []constraint) *sought {
	s := &sought{spend: q.spend, constraints: all, traits: q.space.variables[v].trait, name: q.space.variables[v].lower}
	for _, c := range all {
		l := &q.space.languages[c.language]
		s.languages = append(s.languages, l)
		s.text = s.text || l.family == text
		s.ordered = s.ordered || l.family == ordered
		s.address = s.address || l.family == address
	}
	if !s.text && !s.ordered && !s.address { // what it holds, whatever it is compared with later
		s.ordered = slices.Contains([]values{wholeNumbers, numbers, moments}, s.traits.values)
		s.address = s.traits.values == addresses
	}
	switch {
	case v == identityVariable:
		s.class, s.text = true, true
		if q.shaped == nil {
			q.shaped, q.taken = q.shapes(q.who), q.others(q.who)
		}
		s.shapes, s.taken = q.shaped, q.taken
	case s.traits.origin == serviceName:
		s.class, s.text = true, true
		s.shapes, s.taken = q.otherServices()
	case s.traits.origin == callerID:
		s.class, s.text = true, true
		s.shapes, s.taken = [][]elem{q.who.idShape()}, &trie{}
	case s.traits.values == accounts:
		s.shapes = [][]elem{slices.Repeat([]elem{{digit, 0}}, accountDigits)}
	}
	return s
}

const accountDigits = 12

// fits reports whether a value fulfils all constraints and can be the key's.
func (s *sought) fits(value string) bool {
	for i, c := range s.constraints {
		if s.languages[i].matches(c.view.part(value), &s.cost) != c.wanted {
			return false
		}
	}
	switch {
	case s.class:
		return !s.taken.holds(value) && slices.ContainsFunc(s.shapes, func(shape []elem) bool { return matchGlob(shape, value, &s.cost) })
	case s.traits.values == accounts:
		return isAccount(value)
	}
	return true
}

func (s *sought) firstOf(values ...string) (string, bool) {
	for _, v := range values {
		if s.fits(v) {
			return v, true
		}
		if !s.spend(s.cost) {
			break
		}
		s.cost = 0
	}
	return "", false
}

// finite returns the shortest list that the value must be of, the shortest
// value first; nil where there is none.
func (s *sought) finite() []string {
	var best *language
	for i, c := range s.constraints {
		if l := s.languages[i]; c.wanted && l.finite && (c.view == whole || !s.class) && (best == nil || len(l.patterns) < len(best.patterns)) {
			best = l
		}
	}
	if best == nil {
		return nil
	}
	out := make([]string, 0, len(best.patterns))
	for i := range best.patterns {
		out = append(out, best.patterns[i].exact)
	}
	slices.SortStableFunc(out, func(a, b string) int { return len(a) - len(b) })
	return out
}

// numbers returns one number or date of every kind that can be told apart.
func (s *sought) numbers() []string {
	var limits []*big.Rat
	isMoment := s.traits.values == moments
	for _, l := range s.languages {
		limits = append(limits, l.limits...)
		isMoment = isMoment || l.moment
	}
	var out []string
	for _, r := range s.traits.span.tries(limits) {
		text := write(r, isMoment)
		if s.traits.values == accounts {
			text = strings.Repeat("0", max(0, accountDigits-len(text))) + text
		}
		out = append(out, text)
	}
	if s.traits.values == anyText {
		out = append(out, "none") // which is no number
	}
	return out
}

func (s *sought) addresses() []string {
	var ranges []netip.Prefix
	for _, l := range s.languages {
		ranges = append(ranges, l.ranges...)
	}
	var out []string
	for _, a := range addressTries(ranges) {
		out = append(out, a.String())
	}
	if s.traits.values == anyText {
		out = append(out, "none") // which is no address
	}
	return out
}

// findText finds a text by the patterns.
func (q *query) findText(s *sought, shortest bool) (string, bool) {
	plain, least := s.plainest()
	if value, ok := s.firstOf(plain...); ok && (!shortest || utf8.RuneCountInString(value) <= least) {
		return value, true
	}
	if q.exhausted {
		return "", false
	}
	if !s.plausible() {
		return "", false
	}
	var groups []group
	if s.shapes != nil {
		groups = append(groups, group{patterns: s.shapes, wanted: true})
	}
	taken := s.taken
	for i, c := range s.constraints {
		l := s.languages[i]
		if !c.wanted && l.finite && c.view == whole && len(l.patterns) > 8 {
			taken = taken.and(l)
			continue
		}
		groups = append(groups, q.group(l, c))
	}
	a := newAutomaton(groups, taken, q.spend)
	atLeast := 1
	if s.shapes != nil {
		atLeast = 0
	}
	value, found, ended := a.shortest(atLeast, q.spend)
	if !found && ended && s.fits("") {
		return "", true
	}
	return value, found
}

// plausible reports whether each list that a value must be of has a pattern that
// begins and ends as the value has to. It saves building automata.
func (s *sought) plausible() bool {
	for i, c := range s.constraints {
		if s.shapes == nil || !c.wanted || c.view != whole {
			continue
		}
		s.cost += len(s.languages[i].patterns)
		if !slices.ContainsFunc(s.languages[i].patterns, func(p pattern) bool {
			return slices.ContainsFunc(s.shapes, func(shape []elem) bool { return alike(p.elements(), shape) })
		}) {
			return false
		}
	}
	return true
}

// alike reports whether two patterns do not contradict each other before their
// first wildcards, and after their last ones.
func alike(a, b []elem) bool {
	n := min(len(a), len(b))
	for i := 0; i < n && a[i].kind == literal && b[i].kind == literal; i++ {
		if a[i].r != b[i].r {
			return false
		}
	}
	for i := 1; i <= n && a[len(a)-i].kind == literal && b[len(b)-i].kind == literal; i++ {
		if a[len(a)-i].r != b[len(b)-i].r {
			return false
		}
	}
	return true
}

func (q *query) group(l *language, c constraint) group {
	g := group{wanted: c.wanted}
	for i := range l.patterns {
		if elems, possible := c.view.through(l.patterns[i].elements()); possible {
			g.patterns = append(g.patterns, elems)
		}
	}
	return g
}
