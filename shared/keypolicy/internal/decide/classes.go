package decide

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
)

// tryCaller looks for a request of one class of callers.
func (q *query) tryCaller(c *caller) {
	q.who = c
	places := q.statementsFor(c)
	if !q.worthwhile(places) || q.again(c, places) {
		return
	}
	q.setDomains(c)
	for _, actions := range q.actionGroups(places) {
		q.actions = actions
		if q.tryActions(places); q.found != nil || q.exhausted {
			return
		}
	}
}

// statementsFor lists the statements that may apply to a caller.
func (q *query) statementsFor(c *caller) []place {
	out := slices.Clone(q.wide)
	for _, e := range c.entries {
		out = append(out, q.byEntry[e]...)
	}
	if c.home != none {
		out = append(out, q.byEntry[c.home]...)
	}
	const perClass = 32
	q.spend(perClass + 2*len(out))
	slices.SortFunc(out, func(a, b place) int { return cmp.Or(a.policy-b.policy, a.statement-b.statement) })
	return slices.Compact(out)
}

// again reports whether a class like this one was looked at already: where no
// condition looks at who calls, only the statements that reach it matter.
func (q *query) again(c *caller, places []place) bool {
	if q.identities {
		return false
	}
	key := append(append(q.space.scratch[:0], byte(c.kind), flag(c.own)), c.service...)
	for _, at := range places {
		s := &q.policies[at.policy].statements[at.statement]
		_, reached := q.applies(s, c)
		key = append(binary.LittleEndian.AppendUint32(key, uint32(at.policy<<20|at.statement)), flag(reached))
	}
	q.space.scratch = key
	seen := q.seen[string(key)]
	if !seen {
		q.seen[string(key)] = true
	}
	return seen
}

// worthwhile reports whether every policy that must allow the request has an
// Allow for the caller.
func (q *query) worthwhile(places []place) bool {
	for p := range q.question.Allowed {
		if !q.policies[p].byDefault && !slices.ContainsFunc(places, func(at place) bool { return at.policy == p && !q.policies[p].statements[at.statement].deny }) {
			return false
		}
	}
	return true
}

// actionGroups splits the actions into groups that nothing tells apart.
func (q *query) actionGroups(places []place) []catalog.Set {
	all := q.question.Actions
	if all == 0 {
		all = catalog.All
	}
	groups := []catalog.Set{all &^ catalog.Ineffective}
	split := func(set catalog.Set) {
		for i := range groups {
			if in, out := groups[i]&set, groups[i]&^set; in != 0 && out != 0 {
				groups[i] = in
				groups = append(groups, out)
			}
		}
	}
	for _, at := range places {
		split(q.policies[at.policy].statements[at.statement].actions)
	}
	for _, set := range q.restricted {
		split(set)
	}
	q.spend(len(groups) * (len(places) + len(q.restricted)))
	slices.SortFunc(groups, func(a, b catalog.Set) int { return firstOf(a) - firstOf(b) })
	return groups
}

func firstOf(s catalog.Set) int { return bits.TrailingZeros64(uint64(s)) }

// setDomains works out what each key can be for the caller.
func (q *query) setDomains(c *caller) {
	q.domains = q.domains[:0]
	for id := range q.space.variables {
		q.domains = append(q.domains, q.domain(int32(id), c))
	}
	q.shaped, q.taken = nil, nil
	clear(q.outcomes)
	clear(q.model)
	q.model = grow(q.model, len(q.domains))
	const perDomain = 4
	q.spend(perDomain * len(q.domains))
}
