package decide

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
)

// request is what a witness is made of: the values of each variable.
type request struct {
	values map[int32][]string // missing where there are none
	beside []string           // keys that come with these values
	odd    bool               // some values do not go together
}

// witness makes a request of what was decided, and checks that it is one.
func (q *query) witness() bool {
	for v, chosen := range q.chosen {
		if len(chosen) == 0 {
			continue
		}
		if o := q.outcomeOf(int32(v)); o.doubt != "" {
			q.found, q.doubt = &Witness{}, o.doubt
			return true
		}
	}
	r := q.request()
	if q.exhausted {
		return false
	}
	q.found = &Witness{Principal: q.principal(r), Context: q.describe(r)}
	if q.actions != catalog.Newcomer {
		q.found.Action = q.actions.First().Name
	}
	if r.odd || !q.replays(r) {
		q.doubt = "a request was found, but it could not be confirmed"
	}
	return true
}

// request chooses the values of all that the question mentions.
func (q *query) request() *request {
	r := &request{values: map[int32][]string{}}
	for _, v := range q.mentioned {
		d := q.domainNow(v)
		switch {
		case !q.space.variables[v].carries(q.actions) && q.context[q.space.variables[v].lower] == nil, d.state == gone, d.unknown != "":
		case d.state == fixed:
			r.values[v] = d.values
		case d.state == there || len(q.chosen[v]) > 0:
			o := q.work(v, true)
			if !o.possible && !q.exhausted {
				o = q.outcomeOf(v)
			}
			r.values[v] = o.values
		}
	}
	r.odd = !q.align(r)
	return r
}

// principal is how the caller is called.
func (q *query) principal(r *request) string {
	c := q.who
	switch {
	case c.kind == nobodyKnown:
		return Anonymous
	case c.service != "":
		return c.service
	case c.kind == service:
		return r.values[q.serviceName][0]
	case c.shown != "":
		return c.shown
	}
	return r.values[identityVariable][0]
}

// describe writes the context as AWS names it.
func (q *query) describe(r *request) map[string]any {
	out := map[string]any{}
	for _, v := range q.mentioned {
		values := r.values[v]
		if len(values) == 0 {
			continue
		}
		x := &q.space.variables[v]
		for _, s := range x.shown {
			switch {
			case v == identityVariable && !q.who.shows(s.view):
			case x.many:
				out[s.name] = values
			case strings.EqualFold(s.name, "aws:EpochTime"), x.asNumber && x.trait.values == moments && !strings.EqualFold(s.name, "aws:CurrentTime"):
				seconds, _ := parseMoment(values[0])
				out[s.name] = write(seconds, false)
			default:
				out[s.name] = s.view.part(values[0])
			}
		}
	}
	for _, name := range r.beside {
		out[name] = "value"
	}
	if q.who.shown != "" { // the name of a session does not say where its role stands
		out["aws:PrincipalArn"] = r.values[identityVariable][0]
	}
	return out
}

// replays reports whether the policies answer the request as the question asks,
// evaluating each of their statements.
func (q *query) replays(r *request) bool {
	for i := range len(q.question.Allowed) + len(q.question.Refused) {
		allowed, denied := q.any(q.problem.allows[i], r), q.any(q.problem.denies[i], r)
		if i < len(q.question.Allowed) {
			if allowed != 1 || denied != -1 {
				return false
			}
		} else if allowed != -1 && denied != 1 {
			return false
		}
	}
	return true
}

// any reports whether a claim holds: 1 if one does, -1 if none does, 0 if it is
// not known.
func (q *query) any(claims []claim, r *request) int8 {
	best := int8(-1)
	for _, c := range claims {
		holds := int8(1)
		for _, l := range c.lits {
			t := q.evaluate(l.test(), r)
			if l.negated() {
				t = -t
			}
			holds = min(holds, t)
		}
		best = max(best, holds)
	}
	return best
}

// evaluate answers one test.
func (q *query) evaluate(t int32, r *request) int8 {
	x := &q.space.tests[t]
	values := r.values[x.key]
	switch {
	case q.domainNow(x.key).unknown != "":
		return 0
	case len(values) == 0 || x.key == identityVariable && !q.who.shows(x.view):
		return sign(x.absent)
	}
	return q.fixedTruth(x, values)
}
