package decide

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
)

// domain says what a key can be in the requests of one class of callers.
type domain struct {
	state  state
	values []string // of a fixed key
	// unknown tells that it is the same in every request, and not known what.
	unknown string
	own     bool // the values differ from class to class, beyond the state
}

type state uint8

const (
	optional state = iota // any value, or missing
	there                 // any value
	fixed                 // these values
	gone                  // never there
)

// domain works out what a key can be for the caller. Which keys an action's
// requests carry is looked at apart.
func (q *query) domain(id int32, c *caller) domain {
	v := &q.space.variables[id]
	switch {
	case v.unknown != "":
		return domain{state: there, unknown: v.unknown}
	case id == identityVariable:
		return q.identityDomain(c)
	case id == neverVariable:
		return domain{state: gone}
	}
	if values, told := q.context[v.lower]; told {
		if len(values) == 0 {
			return domain{state: gone}
		}
		return domain{state: fixed, values: values}
	}
	d := q.usual(v, c)
	if q.question.Closed && d.state == optional {
		d.state = gone
	}
	return d
}

func (q *query) identityDomain(c *caller) domain {
	switch {
	case c.kind >= service:
		return domain{state: gone}
	case c.arn != "":
		return domain{state: fixed, values: []string{c.arn}}
	}
	return domain{state: there}
}

// usual is what a key can be where the question does not say.
func (q *query) usual(v *variable, c *caller) domain {
	person := c.kind < service
	switch v.trait.origin {
	case everyRequest, moment:
		return domain{state: there}
	case callerIsService:
		return domain{state: fixed, values: []string{map[bool]string{true: "true", false: "false"}[c.kind == service]}}
	case callerKind:
		if name := c.kind.typeName(); name != "" {
			return domain{state: fixed, values: []string{name}}
		}
		return domain{state: gone}
	case fromCaller:
		return when(person, there)
	case fromPrincipal:
		return when(person, optional)
	case fromFederation:
		return when(c.kind == role, optional)
	case fromService:
		return when(c.kind == service, optional)
	case serviceName:
		return serviceDomain(c)
	case serviceNames:
		return when(c.kind == service, there) // the list has names that no policy tells
	case fromOrg:
		return q.orgDomain(v, c)
	case constantOfKey:
		return q.constantDomain(v)
	}
	return domain{}
}

func when(carries bool, s state) domain {
	if carries {
		return domain{state: s}
	}
	return domain{state: gone}
}

func serviceDomain(c *caller) domain {
	if c.service != "" {
		return domain{state: fixed, values: []string{c.service}}
	}
	d := when(c.kind == service, there)
	d.own = true
	return d
}

// orgDomain is the organization of the caller. That of the key's own account is
// one, known or not.
func (q *query) orgDomain(v *variable, c *caller) domain {
	f := &q.space.facts
	switch {
	case c.kind >= service:
		return domain{state: gone}
	case c.account == "" || c.account != f.Account:
		return domain{}
	case v.lower == "aws:principalorgid" && f.Org != "":
		return domain{state: fixed, values: []string{f.Org}}
	case v.lower == "aws:principalorgid":
		return domain{unknown: "the organization of the key's account is not known"}
	}
	return domain{unknown: "where the key's account stands in its organization is not known"}
}

func (q *query) constantDomain(v *variable) domain {
	value, known := q.space.facts.constant(v.lower)
	switch {
	case known && value == "":
		return domain{state: gone}
	case known:
		return domain{state: fixed, values: []string{value}}
	}
	s := there
	switch {
	case strings.HasPrefix(v.lower, "aws:resourceorg"), strings.HasPrefix(v.lower, "aws:resourcetag/"),
		v.lower == "kms:resourcealiases", v.lower == "kms:multiregionkeytype":
		s = optional
	}
	name := v.lower
	if len(v.shown) > 0 {
		name = v.shown[0].name
	}
	return domain{state: s, unknown: name + " of the key is not known"}
}

// carries reports whether requests of the actions can have the key. All of them
// are alike in this.
func (v *variable) carries(actions catalog.Set) bool {
	return v.actions == 0 || v.actions&actions != 0
}

// truth is what a test is for a caller and some actions, whatever the request
// is otherwise: 1 true, -1 false, 0 where that depends on the request.
func (q *query) truth(t int32, c *caller, actions catalog.Set) int8 {
	x := &q.space.tests[t]
	v := &q.space.variables[x.key]
	if !v.carries(actions) && q.context[v.lower] == nil {
		return sign(x.absent)
	}
	d := q.domainNow(x.key)
	if x.key == identityVariable && x.view == namePart && d.state != gone && c.kind != user {
		d.state = gone
	}
	if d.unknown != "" && d.state != gone {
		return 0
	}
	switch d.state {
	case gone:
		return sign(x.absent)
	case fixed:
		return q.fixedTruth(x, d.values)
	}
	return 0
}

func sign(b bool) int8 {
	if b {
		return 1
	}
	return -1
}

func (q *query) fixedTruth(x *test, values []string) int8 {
	l := &q.space.languages[x.language]
	q.spend(1 + len(l.patterns))
	all, some := true, false
	for _, value := range values {
		if l.matches(x.view.part(value)) {
			some = true
		} else {
			all = false
		}
	}
	holds := some
	if x.every {
		holds = all
	}
	if !holds && l.unsure {
		return 0 // it may match more than is listed
	}
	return sign(holds)
}
