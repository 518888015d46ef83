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
	// Always tells that every request is such a one: what follows but the witness is
	// left out then. Where it is false, Unsure may tell that it is not decided whether
	// any is.
	Always, Unsure bool
	// Open tells that the statements which allow it here allow every request.
	Open bool
	// Unallowed tells that no statement of the other policy allows some such request,
	// and Denied that one is allowed there but for a Deny.
	Unallowed, Denied bool
	// Witness is such a request, nil where it is not decided whether there is one.
	Witness *Witness
	// Statements are the numbers of those that allow it, where it is not open;
	// Except of those beside them that deny some of it. Before are those of the
	// other policy that allow some of what it does not all allow, and Denies those
	// that deny it.
	Statements, Except, Before, Denies []int
}

// Beyond lists what callers may do by one policy and not by another. What all
// members of an account have in common is reported for the account only, and what
// everybody has, of *.
func (s *Space) Beyond(is, was *Compiled) []Difference {
	a, b, both := []*Compiled{is}, []*Compiled{was}, []*Compiled{is, was}
	before := was.withoutDenies()
	d := differ{
		gained:     s.prepare(&Question{Allowed: a, Refused: b}),
		refused:    s.prepare(&Question{Refused: a, Among: b}),
		allowed:    s.prepare(&Question{Allowed: b, Among: a}),
		notAllowed: s.prepare(&Question{Refused: []*Compiled{is.withoutDenies()}, Among: both}),
		unallowed:  s.prepare(&Question{Allowed: a, Refused: []*Compiled{before}, Among: b}),
		denied:     s.prepare(&Question{Allowed: []*Compiled{is, before}, Refused: b}),
	}
	callers := d.gained.callers()
	for _, sessions := range [...]bool{false, true} { // the widest classes first, and roles before their sessions
		for i := len(callers) - 1; i >= 0; i-- {
			if c := &callers[i]; (c.shown != "") == sessions {
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
	gained, refused, allowed      *query
	notAllowed, unallowed, denied *query
	out                           []Difference
}

func (d *differ) class(c *caller) {
	q := d.gained
	places := q.statementsFor(c)
	if !q.worthwhile(places) {
		return
	}
	for _, actions := range q.actionGroups(places) {
		d.group(c, actions)
		if q.space.budget.Exhausted() { // what was found was not looked at to the end
			return
		}
	}
}

// group looks first for what is gained by name, then for what IAM has to allow.
func (d *differ) group(c *caller, actions catalog.Set) {
	bare := c.own && c.kind < service && c.kind != rootUser
	var byName *Difference
	for _, silent := range [...]bool{true, false} {
		if silent && !bare || byName != nil && byName.Always {
			continue
		}
		found := d.find(c, actions, silent)
		if d.gained.space.budget.Exhausted() {
			return
		}
		if found == nil || byName != nil && byName.alike(found) {
			continue
		}
		if found.IAM = bare && !silent && !c.isAccount(); silent {
			byName = found
		}
		if d.gained.spend(len(d.out)); !d.covered(found, c) {
			d.add(*found)
		}
	}
}

func (d *differ) find(c *caller, actions catalog.Set, silent bool) *Difference {
	q := d.gained
	is := q.ask(c, actions, silent)
	if is == no {
		return nil
	}
	out := &Difference{Who: q.nameOf(c), Account: c.isAccount(), Actions: actions, Unsure: is == unsure}
	if is == yes {
		out.Witness = q.found
		out.Always = d.refused.ask(c, actions, silent) == no && d.allowed.ask(c, actions, silent) == no
	}
	if !out.Always {
		out.Open = d.notAllowed.ask(c, actions, silent) == no
		out.Unallowed, out.Denied = d.unallowed.ask(c, actions, silent) != no, d.denied.ask(c, actions, silent) != no
		d.circumstances(out, c)
	}
	return out
}

// circumstances lists the statements that say for which requests there is a
// difference, and no others, so that what is said of two callers can be compared.
func (d *differ) circumstances(out *Difference, c *caller) {
	q := d.gained
	if out.Except = q.applying(0, c, out.Actions, true); !out.Open {
		out.Statements = q.applying(0, c, out.Actions, false)
	}
	if out.Unallowed {
		out.Before = q.applying(1, c, out.Actions, false)
	}
	if out.Denied {
		out.Denies = q.applying(1, c, out.Actions, true)
	}
}

// alike reports whether two differences have the same circumstances.
func (d *Difference) alike(o *Difference) bool {
	return d.Always == o.Always && d.Unsure == o.Unsure && d.Open == o.Open && d.Unallowed == o.Unallowed && d.Denied == o.Denied &&
		slices.Equal(d.Statements, o.Statements) && slices.Equal(d.Except, o.Except) && slices.Equal(d.Before, o.Before) && slices.Equal(d.Denies, o.Denies)
}

// covered reports whether something wider says the same already.
func (d *differ) covered(found *Difference, c *caller) bool {
	account := d.gained.homeOf(c)
	for i := range d.out {
		o := &d.out[i]
		wider := o.Who == "*" && found.Who != "*" || o.Account && o.Who == account && found.Who != account && (found.IAM || !c.own) ||
			c.shown != "" && o.Who == c.arn && o.IAM == found.IAM
		if wider && o.Actions&found.Actions == found.Actions && o.alike(found) {
			return true
		}
	}
	return false
}

// add joins differences that are alike but for their actions.
func (d *differ) add(found Difference) {
	for i := range d.out {
		o := &d.out[i]
		if o.Who == found.Who && o.IAM == found.IAM && o.alike(&found) {
			o.Actions |= found.Actions
			return
		}
	}
	d.out = append(d.out, found)
}
