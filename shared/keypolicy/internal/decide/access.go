package decide

import (
	"slices"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
)

// Degree says for how many requests of a class something holds.
type Degree uint8

const (
	Never     Degree = iota
	Perhaps          // for some, or for none: it is not decided
	Sometimes        // for some at least
	Always
)

// Holding is what a class of callers may do.
type Holding struct {
	// Who is an ARN or the name of a service; the root's ARN stands for all of
	// an account who are not named, and * for all others.
	Who     string
	Account bool // Who stands for an account
	ByName  Degree
	IAM     Degree // for callers to whom IAM allows the action: what ByName says, and more
	// Statements are the numbers of those that allow it, perhaps under conditions.
	Statements []int
}

// Holders lists who may do an action.
func (s *Space) Holders(p *Compiled, action catalog.Set) []Holding {
	policies := []*Compiled{p}
	allowed, refused := s.prepare(&Question{Allowed: policies}), s.prepare(&Question{Refused: policies})
	var out []Holding
	for i := range allowed.callersNow {
		c := &allowed.callersNow[i]
		h := Holding{Who: allowed.nameOf(c), Account: c.isAccount()}
		h.IAM = degree(allowed, refused, c, action, false)
		h.ByName = h.IAM
		if c.own && c.kind < service && c.kind != rootUser {
			h.ByName = degree(allowed, refused, c, action, true)
		}
		if h.IAM != Never {
			h.Statements = allowed.allowing(0, c, action)
			out = join(out, h)
		}
	}
	return out
}

// degree asks whether some request of a class is allowed, and whether some is
// not.
func degree(allowed, refused *query, c *caller, action catalog.Set, silent bool) Degree {
	is := allowed.ask(c, action, silent)
	if is != yes {
		return map[answer]Degree{no: Never, unsure: Perhaps}[is]
	}
	if refused.ask(c, action, silent) == no {
		return Always
	}
	return Sometimes
}

// join puts the classes of one name together.
func join(out []Holding, h Holding) []Holding {
	for i := range out {
		if out[i].Who != h.Who {
			continue
		}
		o := &out[i]
		o.ByName, o.IAM = both(o.ByName, h.ByName), both(o.IAM, h.IAM)
		for _, n := range h.Statements {
			if !slices.Contains(o.Statements, n) {
				o.Statements = append(o.Statements, n)
			}
		}
		slices.Sort(o.Statements)
		return out
	}
	return append(out, h)
}

func both(a, b Degree) Degree {
	if a == b {
		return a
	}
	return min(max(a, b), Sometimes)
}

// nameOf is how a class of callers is called.
func (q *query) nameOf(c *caller) string {
	switch {
	case c.shown != "":
		return c.shown
	case c.service != "":
		return c.service
	case c.account == "":
		return "*"
	case c.arn != "":
		return c.arn
	}
	return "arn:" + q.space.facts.partition() + ":iam::" + c.account + ":root"
}

// isAccount reports whether a class is called by an account's name.
func (c *caller) isAccount() bool {
	return c.account != "" && c.shown == "" && (c.arn == "" || c.kind == rootUser)
}

// allowing lists the statements of a policy that may allow an action to a class.
func (q *query) allowing(policy int, c *caller, action catalog.Set) []int {
	var out []int
	for _, at := range q.statementsFor(c) {
		s := &q.policies[at.policy].statements[at.statement]
		if _, applies := q.applies(s, c); applies && at.policy == policy && !s.deny && s.actions&action != 0 && !slices.Contains(out, s.number) {
			out = append(out, s.number)
		}
	}
	return out
}

// answer is what is found of one class and some actions.
type answer uint8

const (
	no answer = iota
	unsure
	yes
)

// ask looks for a request of one class with one of some actions, which nothing
// must tell apart.
func (q *query) ask(c *caller, actions catalog.Set, silent bool) answer {
	q.who, q.actions, q.silent = c, actions, silent
	q.setDomains(c)
	places := q.statementsFor(c)
	for _, certainly := range [...]bool{false, true} {
		q.found, q.doubt, q.certainly = nil, "", certainly
		clear(q.outcomes)
		q.tryActions(places, actions)
		switch {
		case q.exhausted:
			return unsure
		case q.found == nil && !certainly:
			return no
		case q.found != nil && q.doubt == "":
			return yes
		}
	}
	return unsure
}

// Difference is something that a class of callers may do by one policy and not
// by another.
type Difference struct {
	Who     string
	Account bool
	Actions catalog.Set
	// IAM tells that it takes a permission in IAM: the account is named, not the
	// caller.
	IAM bool
	// Always tells that every request is such a one. Where it is false, Unsure may
	// tell that it is not decided whether any is.
	Always, Unsure bool
	// Statements are the numbers of those that allow it.
	Statements []int
}

// Beyond lists what callers may do by one policy and not by another. What all
// members of an account have in common is told of the account only, and what
// everybody has, of *.
func (s *Space) Beyond(is, was *Compiled) []Difference {
	a, b := []*Compiled{is}, []*Compiled{was}
	d := differ{
		gained:  s.prepare(&Question{Allowed: a, Refused: b}),
		refused: s.prepare(&Question{Refused: a, Among: b}),
		allowed: s.prepare(&Question{Allowed: b, Among: a}),
	}
	for _, sessions := range [...]bool{false, true} { // the widest classes first, and roles before their sessions
		for i := len(d.gained.callersNow) - 1; i >= 0; i-- {
			if c := &d.gained.callersNow[i]; (c.shown != "") == sessions {
				d.class(c)
			}
		}
	}
	return d.out
}

// differ collects differences.
type differ struct {
	gained, refused, allowed *query
	out                      []Difference
}

func (d *differ) class(c *caller) {
	q := d.gained
	places := q.statementsFor(c)
	if !q.worthwhile(places) {
		return
	}
	for _, actions := range q.actionGroups(places) {
		found := d.find(c, actions)
		if found == nil || d.covered(found, c) {
			continue
		}
		found.Statements = q.allowing(0, c, actions)
		d.add(*found)
	}
}

// find looks first for what is gained by name, then for what IAM has to allow.
func (d *differ) find(c *caller, actions catalog.Set) *Difference {
	bare := c.own && c.kind < service && c.kind != rootUser
	for _, silent := range [...]bool{true, false} {
		if silent && !bare {
			continue
		}
		is := d.gained.ask(c, actions, silent)
		if is == no {
			continue
		}
		out := &Difference{Who: d.gained.nameOf(c), Account: c.isAccount(), Actions: actions, IAM: bare && !silent && !c.isAccount(), Unsure: is == unsure}
		out.Always = is == yes && d.refused.ask(c, actions, silent) == no && d.allowed.ask(c, actions, silent) == no
		return out
	}
	return nil
}

// covered reports whether something wider says the same already.
func (d *differ) covered(found *Difference, c *caller) bool {
	account := "arn:" + d.gained.space.facts.partition() + ":iam::" + c.account + ":root"
	for i := range d.out {
		o := &d.out[i]
		wider := o.Who == "*" && found.Who != "*" || o.Account && o.Who == account && found.Who != account && (found.IAM || !c.own) ||
			c.shown != "" && o.Who == c.arn && o.IAM == found.IAM
		if wider && o.Actions&found.Actions == found.Actions && o.Always == found.Always && slices.Equal(o.Statements, d.gained.allowing(0, c, found.Actions)) {
			return true
		}
	}
	return false
}

// add joins differences that are alike but for their actions.
func (d *differ) add(found Difference) {
	for i := range d.out {
		o := &d.out[i]
		if o.Who == found.Who && o.IAM == found.IAM && o.Always == found.Always && o.Unsure == found.Unsure && slices.Equal(o.Statements, found.Statements) {
			o.Actions |= found.Actions
			return
		}
	}
	d.out = append(d.out, found)
}
