package decide

import "slices"

// claim is a statement that may hold: it does where all its literals are true.
type claim struct {
	lits []lit
}

// problem is what is left of the policies for one class of callers and one
// group of actions.
type problem struct {
	allows, denies [][]claim // by policy
}

// narrow leaves of the statements what depends on the request.
func (q *query) narrow(places []place) *problem {
	p := &q.problem
	if p.allows == nil {
		p.allows, p.denies = make([][]claim, len(q.policies)), make([][]claim, len(q.policies))
	}
	for i, policy := range q.policies {
		p.allows[i], p.denies[i] = p.allows[i][:0], p.denies[i][:0]
		if policy.byDefault {
			p.allows[i] = append(p.allows[i], claim{})
		}
	}
	q.lits = q.lits[:0]
	for _, at := range places {
		s := &q.policies[at.policy].statements[at.statement]
		if s.actions&q.actions == 0 {
			continue
		}
		c, possible := q.claim(s)
		switch {
		case !possible:
		case s.deny:
			p.denies[at.policy] = appendClaim(p.denies[at.policy], c)
		default:
			p.allows[at.policy] = appendClaim(p.allows[at.policy], c)
		}
	}
	return p
}

// appendClaim leaves out what stands there already, and what a claim that asks
// for less says.
func appendClaim(claims []claim, c claim) []claim {
	if len(claims) > 0 && len(claims[0].lits) == 0 {
		return claims
	}
	if len(c.lits) == 0 {
		return append(claims[:0], c)
	}
	const few = 32
	for i := range claims[:min(few, len(claims))] {
		if slices.Equal(claims[i].lits, c.lits) {
			return claims
		}
	}
	return append(claims, c)
}

// claim narrows one statement. It is false where it cannot hold.
func (q *query) claim(s *statement) (claim, bool) {
	extra, possible := q.applies(s, q.who)
	if !possible {
		return claim{}, false
	}
	start := len(q.lits)
	for _, l := range s.lits {
		if s.open {
			l = q.close(l)
		}
		if !q.keep(l) {
			q.lits = q.lits[:start]
			return claim{}, false
		}
	}
	if extra != 0 && !q.keep(extra) {
		q.lits = q.lits[:start]
		return claim{}, false
	}
	return claim{q.lits[start:len(q.lits):len(q.lits)]}, true
}

// keep adds a literal unless it is true anyway; false where it is false anyway.
func (q *query) keep(l lit) bool {
	t := q.truth(l.test(), q.who, q.actions)
	if l.negated() {
		t = -t
	}
	if t == 0 {
		q.lits = append(q.lits, l)
	}
	return t >= 0
}

// applies reports whether a statement may be about the caller, and what must
// hold for that; 0 where nothing must.
func (q *query) applies(s *statement, c *caller) (lit, bool) {
	// An Allow that does not name the caller may take a permission in IAM.
	short := !s.deny && q.silent && c.kind < service && c.kind != rootUser
	strict := short && q.question.Callers == ByNameOnly
	switch {
	case s.notPrincipal && strict:
		return 0, false
	case s.notPrincipal:
		return q.appliesToOthers(s, c)
	case slices.ContainsFunc(c.entries, s.lists), s.everyone && !strict:
		return 0, true
	case c.home != none && s.lists(c.home) && !short:
		return 0, true
	case s.perhaps != 0:
		return s.perhaps, true
	case s.federated != 0 && c.kind == role:
		return s.federated, true
	}
	return 0, false
}

// names is how many names a statement must list to leave a caller out by
// NotPrincipal: its account, its user or role, its session.
var names = [...]int{rootUser: 1, user: 2, role: 3, federatedUser: 2, service: 1, nobodyKnown: 1}

// appliesToOthers reads NotPrincipal.
func (q *query) appliesToOthers(s *statement, c *caller) (lit, bool) {
	listed := 0
	for _, e := range c.entries {
		if s.lists(e) {
			listed++
		}
	}
	if c.home != none && s.lists(c.home) {
		listed++
	}
	switch {
	case s.everyone:
		return q.space.unknown("what NotPrincipal does with * is not documented"), true
	case s.perhaps != 0:
		return s.perhaps.not(), true
	case s.federated != 0:
		return q.space.unknown("what NotPrincipal does with a provider is not documented"), true
	case listed == names[c.kind]:
		return 0, false
	case c.kind == role && c.shown == "" && listed == names[role]-1, c.shown != "" && listed == names[role]-1 && !s.lists(c.entries[0]):
		// IAM's documentation says that the session must be listed too, and then
		// recommends to list these two.
		return q.space.unknown("whether NotPrincipal that lists a role and its account leaves out the role's sessions is documented both ways"), true
	case !s.deny && listed > 0:
		return q.space.unknown("what an Allow does with a NotPrincipal that lists some of the names of a caller is not documented"), true
	}
	return 0, true
}
