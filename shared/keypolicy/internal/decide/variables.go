package decide

import (
	"slices"
	"strings"
)

// close replaces the variables of a test for the caller, where they are known.
func (q *query) close(l lit) lit {
	x := q.space.tests[l.test()]
	from := &q.space.languages[x.language]
	if len(from.open) == 0 {
		return l
	}
	to := language{family: from.family, relation: from.relation, patterns: slices.Clone(from.patterns), unsure: slices.Clone(from.unsure)}
	for _, v := range from.open {
		q.closeValue(&to, from.relation, v, &x, l.negated())
	}
	x.language = q.space.intern(&to)
	closed := q.space.test(x.testKey)
	if l.negated() {
		return closed.not()
	}
	return closed
}

// closeValue adds one value with its variables replaced. One whose key is
// missing makes a comparison fail; what a negated one does then is not known.
func (q *query) closeValue(to *language, rel relation, v openValue, x *test, negated bool) {
	parts := slices.Clone(v.parts)
	for i := range parts {
		part := &parts[i]
		if part.variable == "" {
			continue
		}
		switch value, state := q.valueOf(part.variable, v, i, x); {
		case state == fixed:
			*part = piece{text: value, quoted: true}
		case state == anyAccount && (rel == like || rel == arnLike):
			*part = piece{text: "*"}
		case state == itself && !negated && rel != arnLike:
			to.addText(operator{relation: like}, []piece{{text: "*"}})
			return
		case state == gone && part.hasOther:
			*part = piece{text: part.standby, quoted: true}
		case state == gone && !negated || state == notThis:
			return
		default:
			to.unsure = append(to.unsure, "the value of "+v.text+" is not known")
			return
		}
	}
	to.addText(operator{relation: rel}, parts)
}

// States of a variable beyond those of a key.
const (
	itself     state = 253 // it is the value that it is compared with
	notThis    state = 254 // it is certainly not the value that it is compared with
	anyAccount state = 255 // whatever it is, it fits
)

// valueOf returns the value of a variable for the caller.
func (q *query) valueOf(key string, v openValue, i int, x *test) (string, state) {
	canonical := canonicalKey(key)
	id, part := q.space.variable(canonical)
	d := q.domainNow(id)
	switch {
	case id == identityVariable && (!q.who.shows(part) || q.who.kind >= service):
		return "", gone // or none that is compared with anything that is known
	case d.state == gone:
		return "", gone
	case d.state == fixed && len(d.values) == 1 && d.unknown == "":
		return part.part(d.values[0]), fixed
	case part == accountPart && q.who.account != "":
		return q.who.account, fixed
	case id == x.key && part == x.view && len(v.parts) == 1 && !q.space.variables[id].many:
		return "", itself
	case part == accountPart && q.widens(v, i, x):
		return "", anyAccount
	case part == accountPart && len(v.parts) == 1 && q.isNamedAccount(x):
		return "", notThis
	}
	return "", d.state
}

// widens reports whether a variable stands for the account in a pattern for the
// caller's own ARN, which then says nothing: any account fits.
func (q *query) widens(v openValue, i int, x *test) bool {
	if x.key != identityVariable || x.view != whole || i+1 >= len(v.parts) {
		return false
	}
	const before = 4
	colons := 0
	for _, part := range v.parts[:i] {
		colons += strings.Count(part.text, ":")
	}
	return colons == before && strings.HasSuffix(v.parts[i-1].text, ":") && strings.HasPrefix(v.parts[i+1].text, ":")
}

// isNamedAccount reports whether a test is about a key that holds an account
// which a class of its own has, so that no other class is of it.
func (q *query) isNamedAccount(x *test) bool {
	d := q.domainNow(x.key)
	return d.state == fixed && len(d.values) == 1 && (d.values[0] == q.space.facts.Account || q.home(d.values[0]) != none)
}

// domainNow is the domain of a variable that may have been added since.
func (q *query) domainNow(id int32) domain {
	for int(id) >= len(q.domains) {
		q.domains = append(q.domains, q.domain(int32(len(q.domains)), q.who))
	}
	return q.domains[id]
}
