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

// identityDomain is the caller's ARN. A service or nobody has none. AWS does not
// say whether they have an account; if so, it is none that a policy would name.
func (q *query) identityDomain(c *caller) domain {
	switch {
	case c.kind >= service:
		return domain{unknown: "whether requests of AWS services name an account is not documented"}
	case c.arn != "":
		return domain{state: fixed, values: []string{c.arn}}
	}
	return domain{state: there}
}

// usual is what a key can be where the question does not say.
func (q *query) usual(v *variable, c *caller) domain {
	switch v.trait.origin {
	case callerIsService:
		return domain{state: fixed, values: []string{map[bool]string{true: "true", false: "false"}[c.kind == service]}}
	case callerKind:
		if name := c.kind.typeName(); name != "" {
			return domain{state: fixed, values: []string{name}}
		}
		return domain{unknown: "whether requests of AWS services have aws:PrincipalType is not documented"}
	case callerID:
		if id := c.kind.idOf(c.arn); id != "" {
			return domain{state: fixed, values: []string{id}}
		}
	case serviceName:
		if c.service != "" {
			return domain{state: fixed, values: []string{c.service}}
		}
	case fromOrg:
		switch {
		case c.account == "":
		case c.account == q.space.facts.Account:
			return q.ownOrg(v)
		case q.space.facts.Account == "" && c.kind < service: // perhaps of the key's organization
			return domain{unknown: "whether account " + c.account + " is the key's is not known"}
		}
	case constantOfKey:
		return q.constantDomain(v)
	}
	if q.question.Actions == catalog.Newcomer && v.actions != 0 {
		return domain{} // nobody knows which requests of it carry the key
	}
	switch v.presence(c.kind) {
	case catalog.Present:
		return domain{state: there, own: v.trait.origin == serviceName || v.trait.origin == callerID}
	case catalog.Absent:
		return domain{state: gone}
	}
	return domain{}
}

// catalogued is the kind of caller as the catalogue calls it.
var catalogued = [...]catalog.Caller{
	rootUser: catalog.RootUser, user: catalog.IAMUser, role: catalog.RoleSession,
	federatedUser: catalog.FederatedUser, service: catalog.AWSServiceItself, nobodyKnown: catalog.AnonymousCaller,
}

// presence reports whether requests of the actions that can carry the key do.
func (v *variable) presence(k kind) catalog.Presence {
	if v.known&(1<<k) == 0 {
		actions := v.actions
		if actions == 0 {
			actions = catalog.All &^ catalog.SynchronizeMultiRegionKey
		}
		v.known |= 1 << k
		v.presences[k] = v.key.In(actions, catalogued[k])
	}
	return v.presences[k]
}

// tellsKinds reports whether the key tells users, roles and the root apart.
func (v *variable) tellsKinds() bool {
	if v.trait.origin == fromIdentity || v.trait.origin == callerKind || v.trait.origin == callerID {
		return true
	}
	for k := rootUser; k <= federatedUser; k++ {
		if v.presence(k) != v.presence(rootUser) {
			return true
		}
	}
	return false
}

// ownOrg is the organization of the key's own account: one, known or not.
func (q *query) ownOrg(v *variable) domain {
	switch {
	case v.lower == "aws:principalorgid" && q.space.facts.Org != "":
		return domain{state: fixed, values: []string{q.space.facts.Org}}
	case v.lower == "aws:principalorgid":
		return domain{unknown: "the organization of the key's account is not known"}
	}
	return domain{unknown: "the place of the key's account in its organization is not known"}
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
	return v.actions == 0 || v.actions&actions != 0 || actions == catalog.Newcomer
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
	if x.key == identityVariable && (!c.shows(x.view) || c.kind >= service && !x.absent && q.space.languages[x.language].family != present) {
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
	all, some, steps := true, false, 0
	for _, value := range values {
		if l.matches(x.view.part(value), &steps) {
			some = true
		} else {
			all = false
		}
	}
	q.spend(steps)
	holds := some
	if x.every {
		holds = all
	}
	if !holds && len(l.unsure) > 0 {
		return 0 // it may match more than is listed
	}
	return sign(holds)
}
