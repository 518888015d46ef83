package decide

import (
	"encoding/binary"
	"math/big"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// language is the set of values that the list of an operator matches.
type language struct {
	family   family
	patterns []pattern // of text
	finite   bool      // all patterns are constants
	relation relation  // of numbers and points in time
	moment   bool      // the numbers are points in time
	limits   []*big.Rat
	ranges   []netip.Prefix
	// unsure are the reasons why it may match more than is listed, sorted.
	unsure []string
	// opaque are the values of an operator that is not decided: with others it may
	// match others.
	opaque []string
	// open are values with variables, which differ from caller to caller.
	open []openValue
}

type openValue struct {
	text  string
	parts []piece
}

// matches reports whether a value is listed, and adds to the steps that it took.
// What is unsure is left out.
func (l *language) matches(value string, steps *int) bool {
	const perLimit = 4
	*steps += 1 + perLimit*len(l.limits) + len(l.ranges)
	switch l.family {
	case present:
		return true
	case ordered:
		number, ok := numberOf(value, l.moment)
		return ok && slices.ContainsFunc(l.limits, func(limit *big.Rat) bool { return l.relation.holds(number, limit) })
	case address:
		addr, ok := parseRange(value)
		return ok && slices.ContainsFunc(l.ranges, func(r netip.Prefix) bool { return r.Contains(addr.Addr()) && addr.Bits() >= r.Bits() })
	}
	for i := range l.patterns {
		if l.patterns[i].matches(value, steps) {
			return true
		}
	}
	return false
}

// within reports whether everything that one language matches the other does too,
// what is unsure included. It may say no where that is so.
func (l *language) within(o *language) bool {
	for _, reason := range l.unsure {
		if !slices.Contains(o.unsure, reason) {
			return false
		}
	}
	return l.family == o.family && l.family == text && !slices.ContainsFunc(l.patterns, func(p pattern) bool {
		return !slices.ContainsFunc(o.patterns, func(q pattern) bool { return comparePatterns(p, q) == 0 })
	})
}

// language reads the values of a condition, or remembers them: a statement is read
// again for each question. key names what it is compared with.
func (s *Space) language(op operator, key string, values []string, variables bool) int32 {
	name := append(s.scratch[:0], byte(op.family), byte(op.relation), flag(op.date), flag(variables))
	name = strconv.AppendQuote(name, key)
	for _, v := range values {
		name = append(binary.AppendUvarint(name, uint64(len(v))), v...)
	}
	s.scratch = name
	id, known := s.readIDs[string(name)]
	if !known {
		written := string(name)
		id = s.read(op, key, values, variables)
		s.readIDs[written] = id
	}
	return id
}

func (s *Space) read(op operator, key string, values []string, variables bool) int32 {
	l := language{family: op.family, relation: op.relation, moment: op.date || isMoment(key)}
	switch {
	case op.family == opaque:
		l.unsure = []string{"BinaryEquals on " + key + " is not decided"}
		l.opaque = slices.Compact(slices.Sorted(slices.Values(values)))
	case len(values) == 0:
		l.unsure = []string{"what IAM does with " + key + " being " + op.relation.String() + " an empty list of values is not documented"}
	}
	variables = variables && op.family == text && op.relation != truth
	for _, v := range values {
		if op.family == ordered && !s.budget.Spend(perNumber) {
			break
		}
		l.add(s, op, v, variables)
	}
	l.keepOutermost()
	slices.Sort(l.unsure)
	l.unsure = slices.Compact(l.unsure)
	return s.intern(&l)
}

// keepOutermost leaves of several limits the one that decides.
func (l *language) keepOutermost() {
	switch {
	case len(l.limits) < 2:
	case l.relation == less, l.relation == lessOrEqual:
		l.limits = []*big.Rat{slices.MaxFunc(l.limits, (*big.Rat).Cmp)}
	case l.relation == greater, l.relation == greaterOrEqual:
		l.limits = []*big.Rat{slices.MinFunc(l.limits, (*big.Rat).Cmp)}
	}
}

// add adds one value. What can match nothing is left out.
func (l *language) add(s *Space, op operator, value string, variables bool) {
	switch op.family {
	case ordered:
		read := parseNumber
		if op.date {
			read = parseMoment
		}
		if number, ok := read(value); ok {
			l.limits = append(l.limits, number)
		}
	case address:
		if r, ok := parseRange(value); ok {
			l.ranges = append(l.ranges, r)
		}
	case text:
		if op.relation == arnLike && value == "*" {
			l.unsure = append(l.unsure, "what the operators for ARNs do with a lone * is not documented")
			return
		}
		if variables && strings.Contains(value, "${") {
			l.addOpen(s, op, openValue{value, pieces(value)})
			return
		}
		l.addText(op, []piece{{text: value}})
	}
}

func (l *language) addText(op operator, parts []piece) {
	if op.relation == truth && !strings.EqualFold(parts[0].text, "true") && !strings.EqualFold(parts[0].text, "false") {
		return
	}
	if p, ok := compilePattern(op.relation, parts); ok {
		l.patterns = append(l.patterns, p)
	}
}

// addOpen replaces the variables that are the same for every request.
func (l *language) addOpen(s *Space, op operator, v openValue) {
	open := false
	for i := range v.parts {
		part := &v.parts[i]
		if part.variable == "" {
			continue
		}
		if value, known := s.facts.constant(part.variable); known {
			*part = piece{text: value, quoted: true}
			continue
		}
		open = true
	}
	if open {
		l.open = append(l.open, v)
		return
	}
	l.addText(op, v.parts)
}

// intern gives equal languages one number.
func (s *Space) intern(l *language) int32 {
	key := l.name(s.scratch[:0])
	s.scratch = key
	if id, ok := s.languageIDs[string(key)]; ok {
		return id
	}
	l.finite = l.family == text && !slices.ContainsFunc(l.patterns, func(p pattern) bool { return p.shape != constant }) && len(l.unsure) == 0 && len(l.open) == 0
	id := int32(len(s.languages))
	s.languages = append(s.languages, *l)
	s.languageIDs[string(key)] = id
	return id
}

// name writes what tells a language from others, and sorts its patterns.
func (l *language) name(b []byte) []byte {
	b = append(b, byte('0'+l.family))
	if l.family == ordered {
		b = append(b, byte('a'+l.relation), flag(l.moment))
		slices.SortFunc(l.limits, (*big.Rat).Cmp)
		for _, limit := range l.limits {
			b = append(append(b, limit.RatString()...), ',')
		}
	}
	for _, r := range l.ranges {
		b = append(append(b, r.String()...), ',')
	}
	if len(l.patterns) > 1 {
		slices.SortFunc(l.patterns, comparePatterns)
		l.patterns = slices.CompactFunc(l.patterns, func(a, b pattern) bool { return comparePatterns(a, b) == 0 })
	}
	for i := range l.patterns {
		b = l.patterns[i].name(b)
	}
	for _, v := range l.open {
		b = append(append(b, '$', byte('a'+l.relation)), strconv.Quote(v.text)...)
	}
	slices.Sort(l.unsure)
	l.unsure = slices.Compact(l.unsure)
	for _, reason := range l.unsure {
		b = append(append(b, '!', byte('a'+l.relation)), reason...)
	}
	for _, value := range l.opaque {
		b = strconv.AppendQuote(append(b, '#'), value)
	}
	return b
}

func flag(b bool) byte {
	if b {
		return '1'
	}
	return '0'
}

func comparePatterns(a, b pattern) int {
	if a.shape != b.shape {
		return int(a.shape) - int(b.shape)
	}
	if a.shape <= folded {
		return strings.Compare(a.exact, b.exact)
	}
	return slices.CompareFunc(a.elems, b.elems, func(x, y elem) int {
		if x.kind != y.kind {
			return int(x.kind) - int(y.kind)
		}
		return int(x.r) - int(y.r)
	})
}

func (p *pattern) name(b []byte) []byte {
	b = append(b, ',', byte('a'+p.shape))
	if p.shape <= folded {
		return strconv.AppendQuote(b, p.exact)
	}
	for _, e := range p.elems {
		b = append(b, byte('0'+e.kind))
		b = strconv.AppendQuoteRune(b, e.r)
	}
	return b
}
