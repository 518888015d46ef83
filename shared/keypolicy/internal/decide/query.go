package decide

import (
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
)

// query is one question while it is being answered.
type query struct {
	space       *Space
	question    *Question
	policies    []*Compiled // those of Allowed, then those of Refused
	context     map[string][]string
	named       []int32
	identities  bool    // conditions look at who calls
	mentioned   []int32 // the variables that statements test
	isMentioned []bool
	restricted  []catalog.Set
	links       []link
	serviceName int32
	byEntry     [][]place       // the statements that name an entry
	wide        []place         // those that may apply whatever the entry
	seen        map[string]bool // classes that were looked at
	callersNow  []caller

	who       *caller  // the class that is looked at
	domains   []domain // its domains by variable
	shaped    [][]elem // what its ARNs look like, where there are several
	taken     *trie
	outcomes  map[outcomeKey]outcome // that hold for this class only
	model     []outcome              // the values of each variable that were found last
	silent    bool                   // IAM allows the caller nothing
	certainly bool                   // nothing unknown may be relied on
	actions   catalog.Set

	search
	exhausted bool   // the budget has run out
	doubt     string // what a request that was found depends on
	found     *Witness
	byName    bool
}

// place is a statement of a policy of the question.
type place struct {
	policy    int
	statement int
}

// Ask answers a question.
func (s *Space) Ask(question *Question) Proof {
	switch {
	case s.budget.Exhausted(): // perhaps while the policies were read
		return exhausted()
	case s.identical(question):
		return Proof{Verdict: Proven}
	}
	q := s.prepare(question)
	q.callersNow = q.callers()
	return q.answer()
}

// answer looks for a request as if everything unknown could be either way. If it
// finds one that depends on that, it looks for one that does not.
func (q *query) answer() Proof {
	if q.try(false); q.found == nil && !q.exhausted {
		return Proof{Verdict: Proven}
	}
	if q.found != nil && q.doubt == "" {
		return q.refuted()
	}
	doubt := q.doubt
	if !q.exhausted {
		q.found, q.doubt = nil, ""
		if q.try(true); q.found != nil && q.doubt == "" {
			return q.refuted()
		}
	}
	if q.exhausted {
		return exhausted()
	}
	return Proof{Verdict: Undecided, Reason: doubt}
}

func (q *query) refuted() Proof {
	p := Proof{Verdict: Refuted, Witness: q.found, ByName: q.byName}
	if q.byName {
		p.Reason = "without a permission in IAM, which was needed before"
	}
	return p
}

// identical answers the commonest question at once: every Allow of the one
// policy stands in the other, and every Deny of the other in the one.
func (s *Space) identical(q *Question) bool {
	if len(q.Allowed) != 1 || len(q.Refused) != 1 || q.Without != nil || q.Actions != 0 {
		return false
	}
	a, b := q.Allowed[0], q.Refused[0]
	return !a.byDefault && s.stand(a, b, false) && s.stand(b, a, true)
}

// stand reports whether every statement of an effect stands in another policy, where
// it is looked for at its own place first.
func (s *Space) stand(a, b *Compiled, deny bool) bool {
	for i := range a.statements {
		one := &a.statements[i]
		if one.deny != deny || i < len(b.statements) && one.equal(&b.statements[i]) {
			continue
		}
		s.budget.Spend(len(b.statements) / 2)
		if !slices.ContainsFunc(b.statements, func(t statement) bool { return one.equal(&t) }) {
			return false
		}
	}
	return true
}

func (s *statement) equal(t *statement) bool {
	return s.deny == t.deny && s.notPrincipal == t.notPrincipal && s.everyone == t.everyone && s.actions == t.actions &&
		s.federated == t.federated && s.perhaps == t.perhaps && slices.Equal(s.lits, t.lits) && slices.Equal(s.entries, t.entries)
}

// prepare looks at what the question's statements have in them.
func (s *Space) prepare(question *Question) *query {
	q := &query{space: s, question: question, outcomes: map[outcomeKey]outcome{}}
	q.policies = slices.Concat(question.Allowed, question.Refused, question.Among)
	for key, values := range question.Context {
		if q.context == nil {
			q.context = map[string][]string{}
		}
		q.context[canonicalKey(strings.ToLower(key))] = values
	}
	q.serviceName = s.ownVariable("aws:principalservicename")
	q.mention(identityVariable)
	q.mention(q.serviceName)
	q.named = q.namedEntries()
	q.byEntry = make([][]place, len(s.principals))
	for p := range q.policies {
		for i := range q.policies[p].statements {
			if !q.leftOut(p, i) {
				q.index(place{p, i})
			}
		}
	}
	if !question.Independent {
		q.linkKeys()
	}
	return q
}

func (q *query) mention(v int32) {
	if q.isMentioned = grow(q.isMentioned, int(v)+1); !q.isMentioned[v] {
		q.isMentioned[v] = true
		q.mentioned = append(q.mentioned, v)
	}
}

func (q *query) leftOut(p, i int) bool {
	number, without := q.question.Without[q.policies[p]]
	return without && q.policies[p].statements[i].number == number
}

// index notes where a statement is to be looked for.
func (q *query) index(at place) {
	s := &q.policies[at.policy].statements[at.statement]
	if s.everyone || s.notPrincipal || s.federated != 0 || s.perhaps != 0 {
		q.wide = append(q.wide, at)
	} else {
		for _, e := range s.entries {
			q.byEntry[e] = append(q.byEntry[e], at)
		}
	}
	q.identities = q.identities || s.federated != 0 || s.notPrincipal
	for _, v := range s.uses {
		q.mention(v)
	}
	for _, l := range append(s.lits[:len(s.lits):len(s.lits)], s.federated, s.perhaps) {
		x := &q.space.tests[l.test()]
		v := &q.space.variables[x.key]
		q.mention(x.key)
		q.identities = q.identities || s.open || v.tellsKinds()
		q.restrict(v.actions)
	}
}

// restrict notes that a key comes with some actions only.
func (q *query) restrict(to catalog.Set) {
	if to != 0 && !slices.Contains(q.restricted, to) {
		q.restricted = append(q.restricted, to)
	}
}

// spend counts work; false where there is no more to spend.
func (q *query) spend(steps int) bool {
	q.exhausted = !q.space.budget.Spend(steps)
	return !q.exhausted
}

// try looks for a request, class by class: first among callers whom IAM allows
// the action, then among those whom it does not.
func (q *query) try(certainly bool) {
	q.certainly = certainly
	for _, silent := range [...]bool{false, true} {
		if silent && q.question.Callers == IAMAllows || !silent && q.question.Callers >= IAMSilent {
			continue
		}
		q.silent, q.seen = silent, map[string]bool{}
		for i := range q.callersNow {
			if c := &q.callersNow[i]; !silent || q.silence(c) {
				q.tryCaller(c)
			}
			if q.exhausted || q.found != nil {
				q.byName = silent && q.question.Callers == AnyCallers
				return
			}
		}
	}
}

// silence reports whether a caller may be one to whom IAM allows nothing. Other
// accounts' callers always need its permission; the root user and services
// never do, so they are looked at once.
func (q *query) silence(c *caller) bool {
	if c.kind == rootUser || c.kind >= service {
		return q.question.Callers >= IAMSilent && (c.own || c.kind >= service)
	}
	return c.own
}
