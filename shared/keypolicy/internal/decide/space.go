package decide

import (
	"slices"
	"strconv"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
)

// Space holds what policies have in common: the condition keys that they test,
// the sets of values that they compare with, and the principals that they name,
// each known by a number from there on. Policies are compiled into a space, and
// questions are about policies of one space. It is not safe for several
// goroutines at once.
type Space struct {
	facts       Facts
	variables   []variable
	variableIDs map[string]int32
	languages   []language
	languageIDs map[string]int32
	readIDs     map[string]int32 // of languages, by what they were read from
	tests       []test
	testIDs     map[testKey]int32
	principals  []identity
	entryIDs    map[string]int32
	outcomes    map[outcomeKey]outcome
	scratch     []byte
	budget      *Budget
}

// variable is a condition key, or something unknown that statements depend on.
type variable struct {
	lower   string
	shown   []shown // names to tell a witness by
	key     *catalog.Key
	trait   trait
	many    bool        // it may hold several values
	actions catalog.Set // those whose requests can have it; 0 stands for all
	unknown string      // why it is not known whether it holds; "" for a key
	tests   []int32
	// asNumber tells that a point in time is written as a number.
	asNumber bool

	presences [nobodyKnown + 1]catalog.Presence // by kind of caller
	known     uint8                             // which of these were looked up
}

// shown is a name of a variable in a witness, and the part that it shows.
type shown struct {
	name string
	view view
}

// view is the part of a caller's ARN that a key shows.
type view uint8

const (
	whole view = iota
	accountPart
	namePart
)

// test is a question about one key that is true or false of a request: some (or
// every) value is of a language. An operator is such a test or its opposite, so
// that StringEquals and StringNotEquals of the same values are one test.
type test struct {
	variable int32
	local    int32 // its number among the tests of the variable
	testKey
}

type testKey struct {
	key      int32
	language int32
	view     view
	every    bool // every value, not some value
	absent   bool // what it is where the key is missing
}

// lit is a test that must be true, or, odd, one that must be false.
type lit int32

func litOf(test int32, negated bool) lit {
	l := lit(test) << 1
	if negated {
		l |= 1
	}
	return l
}

func (l lit) test() int32   { return int32(l >> 1) }
func (l lit) negated() bool { return l&1 != 0 }
func (l lit) not() lit      { return l ^ 1 }

// The first variables of a space.
const (
	identityVariable = iota // the caller's ARN
	neverVariable           // a key that no request has
)

// NewSpace returns an empty space for one key, whose questions share a budget.
func NewSpace(facts Facts, budget *Budget) *Space {
	s := &Space{
		facts:       facts,
		variableIDs: make(map[string]int32, 16),
		languageIDs: make(map[string]int32, 16),
		readIDs:     make(map[string]int32, 16),
		testIDs:     make(map[testKey]int32, 16),
		entryIDs:    make(map[string]int32, 16),
		outcomes:    make(map[outcomeKey]outcome, 16),
		budget:      budget,
	}
	s.variables = append(make([]variable, 0, 16),
		variable{lower: "aws:principalarn", trait: trait{origin: fromIdentity}},
		variable{trait: trait{origin: constantOfKey}})
	return s
}

// variable returns the number of a condition key, and the part of it.
func (s *Space) variable(name string) (int32, view) {
	lower := strings.ToLower(name)
	key := catalog.LookupKey(lower)
	display := name
	if key != nil && !key.Has(catalog.Prefix|catalog.Session) {
		display = key.Name
	}
	id, v := int32(identityVariable), whole
	switch canonical := canonicalKey(lower); canonical {
	case "aws:principalarn":
	case "aws:principalaccount":
		v = accountPart
	case "aws:username":
		v = namePart
	default:
		id = s.ownVariable(canonical)
	}
	s.variables[id].show(display, v)
	return id, v
}

func (s *Space) ownVariable(lower string) int32 {
	if id, ok := s.variableIDs[lower]; ok {
		return id
	}
	id := int32(len(s.variables))
	key := catalog.LookupKey(lower)
	v := variable{lower: lower, key: key, trait: traitOf(lower, key), many: key.Has(catalog.Multi)}
	if key != nil {
		v.actions = key.Actions
	}
	s.variables = append(s.variables, v)
	s.variableIDs[lower] = id
	return id
}

func (v *variable) show(name string, part view) {
	for _, known := range v.shown {
		if strings.EqualFold(known.name, name) {
			return
		}
	}
	v.shown = append(v.shown, shown{name, part})
}

// unknown returns what must hold for a statement that depends on something that
// is not known. The same reason about the same texts stands for the same thing; about
// others it is another, which may hold where the first does not.
func (s *Space) unknown(reason string, about ...string) lit {
	named := []byte("?" + reason)
	for _, text := range slices.Compact(slices.Sorted(slices.Values(about))) {
		named = strconv.AppendQuote(append(named, ' '), text)
	}
	name := string(named)
	id, ok := s.variableIDs[name]
	if !ok {
		id = int32(len(s.variables))
		s.variables = append(s.variables, variable{unknown: reason})
		s.variableIDs[name] = id
	}
	return s.test(testKey{key: id, language: s.anything()})
}

// never is what no request fulfils; its opposite, every one.
func (s *Space) never() lit { return s.test(testKey{key: neverVariable, language: s.anything()}) }

func (s *Space) anything() int32 { return s.intern(&language{family: present}) }

func (s *Space) test(key testKey) lit {
	id, ok := s.testIDs[key]
	if !ok {
		id = int32(len(s.tests))
		v := &s.variables[key.key]
		s.tests = append(s.tests, test{key.key, int32(len(v.tests)), key})
		v.tests = append(v.tests, id)
		s.testIDs[key] = id
	}
	return litOf(id, false)
}

// condition compiles one key of one operator. It is false where every request
// fulfils it.
func (s *Space) condition(c *Condition, variables bool) (lit, bool) {
	op, known := parseOperator(c.Operator)
	if !known {
		return s.unknown("the operator "+c.Operator+" is not known", append([]string{"key " + strings.ToLower(c.Key)}, c.Values...)...), true
	}
	if turned, is := turn(op, c, variables); is {
		c = &turned
	}
	id, part := s.variable(c.Key)
	if op.family == present {
		return s.presence(id, part, c.Values)
	}
	if op.relation == arnLike && holdsID(canonicalKey(strings.ToLower(c.Key))) {
		return s.unknown("what " + c.Operator + " does with " + c.Key + ", which has no ARN, is not documented (" + strings.Join(c.Values, ", ") + ")"), true
	}
	if s.variables[id].many && !op.every && !op.some {
		return s.unknown(c.Key+" can have several values, and what "+c.Operator+" does with them is not documented", c.Values...), true
	}
	s.variables[id].asNumber = s.variables[id].asNumber || op.family == ordered && !op.date
	l := s.language(op, strings.ToLower(c.Key), c.Values, variables)
	return s.compare(op, testKey{key: id, language: l, view: part}), true
}

// holdsID reports whether the values of a key certainly are no ARNs.
func holdsID(lower string) bool {
	switch lower {
	case "aws:principalorgid", "aws:sourceorgid", "aws:vpceorgid", "aws:resourceorgid", "aws:userid", "aws:username", "aws:sourcevpc", "aws:sourcevpce":
		return true
	}
	return valuesOf(lower, nil) == accounts
}

// turn writes a comparison of something that is the same in every request with a
// variable the other way round, so that it is a comparison with a constant.
func turn(op operator, c *Condition, variables bool) (Condition, bool) {
	if !variables || op.negated || op.ifExists || op.every || op.some || op.relation != equal && op.relation != equalFold || op.family != text || len(c.Values) != 1 {
		return Condition{}, false
	}
	name, whole := strings.CutPrefix(c.Values[0], "${")
	name, closed := strings.CutSuffix(name, "}")
	lower := strings.ToLower(name)
	switch lower {
	case "aws:principalorgid", "aws:sourceorgid", "aws:vpceorgid", "aws:sourceaccount", "aws:vpceaccount":
	default:
		return Condition{}, false
	}
	if !whole || !closed || originOf(strings.ToLower(c.Key)) != constantOfKey {
		return Condition{}, false
	}
	return Condition{Operator: c.Operator, Key: name, Values: []string{"${" + c.Key + "}"}}, true
}

// presence compiles Null.
func (s *Space) presence(id int32, part view, values []string) (lit, bool) {
	there := s.test(testKey{key: id, view: part, language: s.anything()})
	yes, no := false, false
	for _, v := range values {
		yes, no = yes || strings.EqualFold(v, "true"), no || strings.EqualFold(v, "false")
	}
	switch {
	case yes && no:
		return 0, false
	case yes:
		return there.not(), true
	case no:
		return there, true
	}
	return s.never(), true
}

// compare turns an operator into a test or its opposite.
func (s *Space) compare(op operator, t testKey) lit {
	many := s.variables[t.key].many
	switch {
	case op.every && !op.negated:
		t.every, t.absent = many, true
	case op.some && op.negated:
		t.every, t.absent = many, !op.ifExists
	case !op.negated:
		t.absent = op.ifExists
	}
	l := s.test(t)
	if op.negated {
		l = l.not()
	}
	return l
}
