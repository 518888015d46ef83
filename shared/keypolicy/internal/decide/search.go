package decide

import "slices"

// search is the state of the backtracking.
type search struct {
	problem problem
	lits    []lit
	value   []int8  // by test: 1 true, -1 false, 0 not decided
	chosen  [][]lit // by variable: what was decided of it, in order
	clauses [][]lit // of each, one must be false
}

// conflict is a set of tests whose decisions cannot stand together.
type conflict []uint64

func (c conflict) add(t int32)      { c[t/64] |= 1 << (t % 64) }
func (c conflict) drop(t int32)     { c[t/64] &^= 1 << (t % 64) }
func (c conflict) has(t int32) bool { return c[t/64]&(1<<(t%64)) != 0 }

func (c conflict) merge(d conflict) {
	for i := range d {
		c[i] |= d[i]
	}
}

// tryActions looks for a request with one of the actions that are looked at.
func (q *query) tryActions(places []place) {
	p := q.narrow(places)
	for i := range q.question.Allowed {
		if len(p.allows[i]) == 0 || unconditional(p.denies[i]) {
			return
		}
	}
	// Reading the statements may have added tests, and unknown variables.
	q.domainNow(int32(len(q.space.variables) - 1))
	q.model = grow(q.model, len(q.space.variables))
	q.value = grow(q.value, len(q.space.tests))
	q.chosen = grow(q.chosen, len(q.space.variables))
	q.model = grow(q.model, len(q.space.variables)) // narrowing may have added some
	q.clauses = q.clauses[:0]
	for i := range q.question.Allowed {
		for _, c := range p.denies[i] {
			q.clauses = append(q.clauses, c.lits)
		}
	}
	q.dropFailing(p)
	if !q.linked() {
		return
	}
	q.goal(0)
}

// dropFailing leaves out of what may refuse a request every Deny that is also one
// of a policy that must allow it: there it has to fail.
func (q *query) dropFailing(p *problem) {
	for i := range q.question.Refused {
		at := len(q.question.Allowed) + i
		q.spend(len(p.denies[at]) * len(q.clauses) / 4)
		p.denies[at] = slices.DeleteFunc(p.denies[at], func(c claim) bool {
			return slices.ContainsFunc(q.clauses, func(clause []lit) bool { return slices.Equal(clause, c.lits) })
		})
	}
}

func unconditional(claims []claim) bool {
	return slices.ContainsFunc(claims, func(c claim) bool { return len(c.lits) == 0 })
}

func grow[T any](s []T, n int) []T {
	for len(s) < n {
		var zero T
		s = append(s, zero)
	}
	return s
}

// goal fulfils what the question asks of the policies from the i-th on. A policy
// allows a request where an Allow holds and every Deny fails; it does not where
// every Allow fails or a Deny holds.
func (q *query) goal(i int) bool {
	if !q.spend(1) {
		return false
	}
	if i == len(q.question.Allowed)+len(q.question.Refused) {
		return q.satisfy()
	}
	if i < len(q.question.Allowed) {
		return q.oneHolds(q.problem.allows[i], i)
	}
	if !unconditional(q.problem.allows[i]) {
		mark := len(q.clauses)
		for _, c := range q.problem.allows[i] {
			q.clauses = append(q.clauses, c.lits)
		}
		done := q.goal(i + 1)
		q.clauses = q.clauses[:mark]
		if done {
			return true
		}
	}
	return q.oneHolds(q.problem.denies[i], i)
}

// oneHolds tries each claim in turn.
func (q *query) oneHolds(claims []claim, i int) bool {
	for _, c := range claims {
		mark := len(c.lits)
		for n, l := range c.lits {
			if !q.decide(l) {
				mark = n
				break
			}
		}
		done := mark == len(c.lits) && q.goal(i+1)
		for n := mark - 1; n >= 0; n-- {
			q.undo(c.lits[n])
		}
		if done || q.exhausted {
			return done
		}
	}
	return false
}

// decide takes a literal for true where the rest of what was decided allows it.
func (q *query) decide(l lit) bool {
	t := l.test()
	v := q.space.tests[t].key
	want := int8(1)
	if l.negated() {
		want = -1
	}
	if q.value[t] == -want {
		return false
	}
	q.chosen[v] = append(q.chosen[v], l)
	if q.value[t] == want { // it is there already: undo must leave it so
		return true
	}
	q.value[t] = want
	if q.models(v, l) || q.consistent(v) {
		return true
	}
	q.undo(l)
	return false
}

func (q *query) undo(l lit) {
	t := l.test()
	v := q.space.tests[t].key
	q.chosen[v] = q.chosen[v][:len(q.chosen[v])-1]
	if !slices.Contains(q.chosen[v], l) {
		q.value[t] = 0
	}
}

// satisfy finds a request that makes a literal of every clause false.
func (q *query) satisfy() bool {
	ok, _ := q.solve(q.clauses)
	return ok
}

// solve decides what is forced first, then of the clauses that the values found
// so far do not satisfy the one with the fewest open literals. Where it fails it
// says which decisions are to blame, so that those which are not need not be
// tried the other way.
func (q *query) solve(clauses [][]lit) (bool, conflict) {
	open, best, fewest := make([][]lit, 0, len(clauses)), -1, 0
	for _, c := range clauses {
		n, state := q.count(c)
		if state == satisfied {
			continue
		}
		if (n <= 1 || state == violated) && (best < 0 || n < fewest) {
			best, fewest = len(open), n
		}
		open = append(open, c)
	}
	switch {
	case q.exhausted:
		return false, nil
	case best < 0:
		return q.settleAll(open)
	}
	blamed := q.blame(open[best])
	for _, l := range q.inOrder(open[best]) {
		if !q.decide(l) {
			q.blameVariable(blamed, q.space.tests[l.test()].key)
			continue
		}
		done, why := q.solve(open)
		q.undo(l)
		switch {
		case done || q.exhausted:
			return done, nil
		case !why.has(l.test()):
			return false, why
		}
		why.drop(l.test())
		blamed.merge(why)
	}
	return false, blamed
}

// inOrder returns the ways to satisfy a clause: what the values found so far do
// anyway, then the rest.
func (q *query) inOrder(clause []lit) []lit {
	var first, rest []lit
	for _, l := range clause {
		switch {
		case q.value[l.test()] != 0:
		case q.failsNow(l):
			first = append(first, l.not())
		default:
			rest = append(rest, l.not())
		}
	}
	return append(first, rest...)
}

// settleAll decides what the values satisfy anyway, and makes a request of them.
func (q *query) settleAll(clauses [][]lit) (bool, conflict) {
	var decided []lit
	for _, c := range clauses {
		for _, l := range c {
			if q.value[l.test()] == 0 && q.failsNow(l) {
				if q.decide(l.not()) {
					decided = append(decided, l.not())
				}
				break
			}
		}
	}
	done := q.witness()
	for _, l := range slices.Backward(decided) {
		q.undo(l)
	}
	return done, q.blame(nil)
}

// How a clause stands.
const (
	satisfied = iota // by a decision
	suits            // by the values found so far
	violated
)

// count counts the literals of a clause that are open. It is satisfied where one
// is false.
func (q *query) count(clause []lit) (open int, state int) {
	q.spend(1 + len(clause))
	state = violated
	for _, l := range clause {
		switch v := q.value[l.test()]; {
		case v == 0:
			open++
			if state == violated && q.failsNow(l) {
				state = suits
			}
		case (v > 0) == l.negated():
			return 0, satisfied
		}
	}
	return open, state
}

// blame names the decisions that made literals of a clause true.
func (q *query) blame(clause []lit) conflict {
	c := make(conflict, len(q.value)/64+1)
	for _, l := range clause {
		if q.value[l.test()] != 0 {
			c.add(l.test())
		}
	}
	return c
}

// blameVariable names all that was decided of one key.
func (q *query) blameVariable(c conflict, v int32) {
	for _, l := range q.chosen[v] {
		c.add(l.test())
	}
}
