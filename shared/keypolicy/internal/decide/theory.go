package decide

// outcome says whether a key can have values that make some tests true and
// others false.
type outcome struct {
	possible bool
	missing  bool     // by being missing
	values   []string // or by these values
	doubt    string   // it is taken to be possible, because of something unknown
}

// outcomeKey names what was decided of a variable, by the numbers of its tests.
type outcomeKey struct {
	variable int32
	state    state
	yes, no  uint64
}

// constraint is a language that a value must be of, or must not.
type constraint struct {
	language int32
	view     view
	wanted   bool
}

// consistent reports whether what was decided of a key can be.
func (q *query) consistent(v int32) bool {
	o := q.outcomeOf(v)
	switch {
	case o.possible && o.doubt == "":
		q.model[v] = o
	case o.possible: // what was found before is not of this
		q.model[v] = outcome{}
	}
	return o.possible && (o.doubt == "" || !q.certainly)
}

// models reports whether the values that were found for a key before fulfil one
// literal more. They stay good when decisions are taken back.
func (q *query) models(v int32, l lit) bool {
	if !q.model[v].possible {
		return false
	}
	t := q.truthNow(l.test())
	return t != 0 && (t < 0) == l.negated() && q.domains[v].unknown == ""
}

// failsNow reports whether the values found so far make a literal false.
func (q *query) failsNow(l lit) bool {
	t := q.truthNow(l.test())
	return t != 0 && (t < 0) != l.negated()
}

// truthNow is what a test is by the values found so far: 1, -1, or 0 where there
// are none.
func (q *query) truthNow(t int32) int8 {
	x := &q.space.tests[t]
	v := x.key
	if q.space.variables[v].unknown != "" || q.domainNow(v).unknown != "" || q.domains[v].state == fixed {
		return 0
	}
	o := &q.model[v]
	if !o.possible {
		if *o = q.outcomeOf(v); !o.possible || o.doubt != "" {
			*o = outcome{}
			return 0
		}
	}
	if o.missing {
		return sign(x.absent)
	}
	return q.fixedTruth(x, o.values)
}

// outcomeOf looks for values of a key, or remembers them: for good where they do
// not depend on the caller, else as long as the class is looked at.
func (q *query) outcomeOf(v int32) outcome {
	key, fits := q.outcomeKey(v)
	if !fits {
		return q.work(v, false)
	}
	memory := q.space.outcomes
	if v == identityVariable || len(q.context) > 0 || q.domains[v].state == fixed || q.domains[v].unknown != "" || q.domains[v].own {
		memory = q.outcomes
	}
	o, known := memory[key]
	q.spend(1)
	if !known {
		if o = q.work(v, false); !q.exhausted {
			memory[key] = o
		}
	}
	return o
}

// outcomeKey is false where the variable has too many tests for it.
func (q *query) outcomeKey(v int32) (outcomeKey, bool) {
	key := outcomeKey{variable: v, state: q.domainNow(v).state}
	for _, l := range q.chosen[v] {
		const most = 64
		n := q.space.tests[l.test()].local
		if n >= most {
			return key, false
		}
		if l.negated() {
			key.no |= 1 << n
		} else {
			key.yes |= 1 << n
		}
	}
	return key, true
}

// work looks for values of a key: the shortest there are, or any.
func (q *query) work(v int32, shortest bool) outcome {
	if why := q.space.variables[v].unknown; why != "" {
		return outcome{possible: true, doubt: why}
	}
	d := q.domainNow(v)
	o := outcome{}
	if len(q.chosen[v]) > 0 {
		o.doubt = d.unknown
	}
	if d.state == optional && q.canBeMissing(v) {
		o.possible, o.missing = true, true
		return o
	}
	for _, one := range q.constraints(v) {
		value, doubt, possible := q.find(v, one, shortest)
		if !possible {
			return outcome{}
		}
		if o.doubt == "" {
			o.doubt = doubt
		}
		o.values = append(o.values, value)
	}
	o.possible = true
	return o
}

// canBeMissing reports whether everything decided is so of a missing key.
func (q *query) canBeMissing(v int32) bool {
	for _, l := range q.chosen[v] {
		if q.space.tests[l.test()].absent == l.negated() {
			return false
		}
	}
	return true
}

// constraints returns what every value must fulfil, and for each value that is
// needed all that it must. Of a key with one value all is asked of that one.
func (q *query) constraints(v int32) [][]constraint {
	var every, some []constraint
	var each [][]constraint
	for _, l := range q.chosen[v] {
		x := &q.space.tests[l.test()]
		c := constraint{x.language, x.view, !l.negated()}
		// Some value is in, or not every value is in: one value is needed.
		if x.every == l.negated() {
			some = append(some, c)
		} else {
			every = append(every, c)
		}
	}
	if !q.space.variables[v].many {
		return [][]constraint{append(every, some...)}
	}
	for _, c := range some {
		each = append(each, append(append([]constraint(nil), every...), c))
	}
	if len(each) == 0 {
		each = [][]constraint{every}
	}
	return each
}
