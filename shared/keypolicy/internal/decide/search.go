package decide

import (
	"slices"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
)

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

// tryActions looks for a request with one of the actions.
func (q *query) tryActions(places []place, actions catalog.Set) bool {
	p := q.narrow(places)
	for i := range q.policies {
		if i < len(q.question.Allowed) && (len(p.allows[i]) == 0 || unconditional(p.denies[i])) {
			return false
		}
	}
	q.value = grow(q.value, len(q.space.tests))
	q.chosen = grow(q.chosen, len(q.space.variables))
	q.clauses = q.clauses[:0]
	for i := range q.question.Allowed {
		for _, c := range p.denies[i] {
			q.clauses = append(q.clauses, c.lits)
		}
	}
	return q.goal(0)
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
	if i == len(q.policies) {
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
	if q.consistent(v) {
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

// solve decides the clause with the fewest open literals first, and goes on with
// those that are not satisfied. Where it fails it says which decisions are to
// blame, so that those which are not need not be tried the other way.
func (q *query) solve(clauses [][]lit) (bool, conflict) {
	open, best, fewest := make([][]lit, 0, len(clauses)), -1, 0
	for _, c := range clauses {
		n, satisfied := q.count(c)
		if satisfied {
			continue
		}
		if best < 0 || n < fewest {
			best, fewest = len(open), n
		}
		open = append(open, c)
	}
	if q.exhausted {
		return false, nil
	}
	if best < 0 {
		return q.witness(), q.blame(nil)
	}
	clause := open[best]
	blamed := q.blame(clause)
	for _, l := range clause {
		if q.value[l.test()] != 0 {
			continue
		}
		if !q.decide(l.not()) {
			q.blameVariable(blamed, q.space.tests[l.test()].key)
			continue
		}
		done, why := q.solve(open)
		q.undo(l.not())
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

// count counts the literals of a clause that are open. It is satisfied where one
// is false.
func (q *query) count(clause []lit) (open int, satisfied bool) {
	q.spend(1 + len(clause))
	for _, l := range clause {
		switch v := q.value[l.test()]; {
		case v == 0:
			open++
		case (v > 0) == l.negated():
			return 0, true
		}
	}
	return open, false
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
