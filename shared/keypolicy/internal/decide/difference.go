package decide

import (
	"slices"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
)

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
	// Statements are the numbers of those that allow it, Except of those beside
	// them that deny some of it; Before and Denies, of the other policy, those that
	// allow some of it and those that deny it.
	Statements, Except, Before, Denies []int
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
	if s.budget.Exhausted() {
		d.out = append(d.out, Difference{Who: "*", Actions: catalog.All &^ catalog.Ineffective, Unsure: true})
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
		if q.space.budget.Exhausted() { // what was found was not looked at to the end
			return
		}
		if found == nil || d.covered(found, c) {
			continue
		}
		found.Statements = q.applying(0, c, actions, false)
		found.Except = q.applying(0, c, actions, true)
		found.Before, found.Denies = q.applying(1, c, actions, false), q.applying(1, c, actions, true)
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
	account := d.gained.homeOf(c)
	for i := range d.out {
		o := &d.out[i]
		wider := o.Who == "*" && found.Who != "*" || o.Account && o.Who == account && found.Who != account && (found.IAM || !c.own) ||
			c.shown != "" && o.Who == c.arn && o.IAM == found.IAM
		if wider && o.Actions&found.Actions == found.Actions && o.Always == found.Always && slices.Equal(o.Statements, d.gained.applying(0, c, found.Actions, false)) {
			return true
		}
	}
	return false
}

// add joins differences that are alike but for their actions.
func (d *differ) add(found Difference) {
	for i := range d.out {
		o := &d.out[i]
		if o.Who == found.Who && o.IAM == found.IAM && o.Always == found.Always && o.Unsure == found.Unsure &&
			slices.Equal(o.Statements, found.Statements) && slices.Equal(o.Except, found.Except) && slices.Equal(o.Before, found.Before) && slices.Equal(o.Denies, found.Denies) {
			o.Actions |= found.Actions
			return
		}
	}
	d.out = append(d.out, found)
}
