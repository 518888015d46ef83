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
	Home    string // the root's ARN of its account, "" where it has none
	Account bool   // Who stands for an account
	ByName  Part   // what the policy allows by itself
	IAM     Part   // what it allows those to whom IAM allows the action as well
	Denies  []int  // numbers of the statements that may deny it
}

// Part is a part of what a class may do.
type Part struct {
	Degree     Degree
	Statements []int // numbers of those that allow it, perhaps under conditions
	// Open tells that the statements which allow it allow every request together,
	// so that only a Deny refuses one.
	Open bool
}

// Holders lists who may do an action.
func (s *Space) Holders(p *Compiled, action catalog.Set) []Holding {
	policies := []*Compiled{p}
	w := holding{
		allowed:    s.prepare(&Question{Allowed: policies}),
		refused:    s.prepare(&Question{Refused: policies}),
		notAllowed: s.prepare(&Question{Refused: []*Compiled{p.withoutDenies()}, Among: policies}),
	}
	var out []Holding
	callers := w.allowed.callers()
	for i := range callers {
		c := &callers[i]
		h := Holding{Who: w.allowed.nameOf(c), Home: w.allowed.homeOf(c), Account: c.isAccount()}
		h.IAM = w.part(c, action, false)
		if h.ByName = h.IAM; c.own && c.kind < service && c.kind != rootUser {
			h.ByName = w.part(c, action, true)
		}
		if h.IAM.Degree != Never || h.Account || h.Who == "*" { // who stands for several counts as what all of them may
			h.Denies = w.allowed.applying(0, c, action, true)
			s.budget.Spend(len(out) / 2)
			out = join(out, h)
		}
	}
	out = slices.DeleteFunc(out, func(h Holding) bool { return h.IAM.Degree == Never })
	if s.budget.Exhausted() { // others may do it as well
		out = append(out, Holding{Who: "*", IAM: Part{Degree: Perhaps}, ByName: Part{Degree: Perhaps}})
	}
	return out
}

// holding asks of one policy which requests it allows, which it refuses, and
// which none of its Allow statements is about.
type holding struct{ allowed, refused, notAllowed *query }

func (w *holding) part(c *caller, action catalog.Set, silent bool) Part {
	p := Part{Degree: w.degree(c, action, silent)}
	if w.allowed.silent = silent; p.Degree != Never {
		p.Statements = w.allowed.applying(0, c, action, false)
		p.Open = p.Degree == Always || w.notAllowed.ask(c, action, silent) == no
	}
	return p
}

// degree asks whether some request of a class is allowed, and whether some is
// not.
func (w *holding) degree(c *caller, action catalog.Set, silent bool) Degree {
	is := w.allowed.ask(c, action, silent)
	if is != yes {
		return map[answer]Degree{no: Never, unsure: Perhaps}[is]
	}
	if w.refused.ask(c, action, silent) == no {
		return Always
	}
	return Sometimes
}

// withoutDenies is the policy with its Allow statements only.
func (c *Compiled) withoutDenies() *Compiled {
	out := *c
	out.statements = slices.DeleteFunc(slices.Clone(c.statements), func(s statement) bool { return s.deny })
	return &out
}

// join puts the classes of one name together.
func join(out []Holding, h Holding) []Holding {
	for i := range out {
		if o := &out[i]; o.Who == h.Who {
			o.ByName, o.IAM, o.Denies = o.ByName.and(h.ByName), o.IAM.and(h.IAM), union(o.Denies, h.Denies)
			return out
		}
	}
	return append(out, h)
}

func (p Part) and(o Part) Part {
	degree := p.Degree
	if degree != o.Degree {
		degree = min(max(degree, o.Degree), Sometimes)
	}
	return Part{degree, union(p.Statements, o.Statements), p.Open && o.Open}
}

func union(a, b []int) []int {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// homeOf is the root's ARN of a caller's account.
func (q *query) homeOf(c *caller) string {
	if c.account == "" {
		return ""
	}
	return "arn:" + q.space.facts.partition() + ":iam::" + c.account + ":root"
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
	return q.homeOf(c)
}

// isAccount reports whether a class is called by an account's name.
func (c *caller) isAccount() bool {
	return c.account != "" && c.shown == "" && (c.arn == "" || c.kind == rootUser)
}

// applying lists the statements of a policy that may allow an action to a class,
// or deny it.
func (q *query) applying(policy int, c *caller, action catalog.Set, deny bool) []int {
	var out []int
	for _, at := range q.statementsFor(c) {
		s := &q.policies[at.policy].statements[at.statement]
		if _, applies := q.applies(s, c); applies && at.policy == policy && s.deny == deny && s.actions&action != 0 {
			out = append(out, s.number)
		}
	}
	return union(out, nil)
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
		q.tryActions(places)
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
