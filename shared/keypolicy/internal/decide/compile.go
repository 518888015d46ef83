package decide

import (
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
)

// Compiled is a policy of a space.
type Compiled struct {
	space      *Space
	byDefault  bool
	statements []statement
}

// statement is one that can apply to the key.
type statement struct {
	number       int
	deny         bool
	notPrincipal bool
	everyone     bool // it names *
	actions      catalog.Set
	entries      []int32 // the principals that it names, sorted
	lits         []lit   // what must hold, all of it
	uses         []int32 // the keys whose variables it has
	open         bool    // a test in it differs from caller to caller
	federated    lit     // what makes a session one of the providers that it names; 0 where it names none
	perhaps      lit     // whether a principal of it that is not understood is the caller; 0 where there is none
}

// Compile reads a policy into the space. Where the budget does not suffice for that,
// all questions are undecided.
func (s *Space) Compile(p *Policy) *Compiled {
	c := &Compiled{space: s, byDefault: p.ByDefault, statements: make([]statement, 0, len(p.Statements))}
	if len(s.tests) == 0 {
		s.never() // so that no literal that is used is 0
	}
	for i := range p.Statements {
		if !s.budget.Spend(p.Statements[i].cost()) { // no question about it will be answered
			break
		}
		c.add(&p.Statements[i], p.Variables)
	}
	return c
}

func (c *Compiled) add(in *Statement, variables bool) {
	s := c.space
	out := statement{number: in.Number, deny: in.Deny, notPrincipal: in.NotPrincipal, actions: in.Actions &^ catalog.Ineffective}
	if in.Unknown != "" {
		out.lits = append(out.lits, s.unknown(in.Unknown))
	}
	switch applies := s.resource(in, variables); {
	case applies == elsewhere:
		return
	case applies == perhaps:
		out.lits = append(out.lits, s.unknown("whether the key is "+strings.Join(in.Resources, ", ")+" is not known"))
	}
	if out.actions == 0 {
		return
	}
	for i := range in.Conditions {
		if l, matters := s.condition(&in.Conditions[i], variables); matters {
			out.lits = append(out.lits, l)
		}
	}
	if variables {
		out.uses = s.uses(in.Conditions)
	}
	slices.Sort(out.lits)
	out.lits = slices.Compact(out.lits)
	for _, l := range out.lits {
		out.open = out.open || len(s.languages[s.tests[l.test()].language].open) > 0
	}
	s.names(&out, in.Principals)
	c.statements = append(c.statements, out)
}

// uses lists the keys that stand in the values as variables, and those that are
// compared with such values.
func (s *Space) uses(conditions []Condition) []int32 {
	var out []int32
	for _, c := range conditions {
		for _, v := range c.Values {
			if !strings.Contains(v, "${") {
				continue
			}
			id, _ := s.variable(c.Key)
			out = append(out, id)
			for _, part := range pieces(v) {
				if part.variable != "" {
					id, _ := s.variable(part.variable)
					out = append(out, id)
				}
			}
		}
	}
	return out
}

// names reads the principals of a statement.
func (s *Space) names(out *statement, principals []Principal) {
	var providers []string
	for _, p := range principals {
		switch id := identify(p, s.facts.partition()); id.form {
		case formNobody:
		case formEveryone:
			out.everyone = true
		case formProvider:
			providers = append(providers, p.Text)
		case formUnknown:
			out.perhaps = s.unknown("who the principal " + p.Text + " is, is not known")
		default:
			out.entries = append(out.entries, s.entry(id))
		}
	}
	slices.Sort(out.entries)
	out.entries = slices.Compact(out.entries)
	if len(providers) > 0 {
		id := s.ownVariable("aws:federatedprovider")
		s.variables[id].show("aws:FederatedProvider", whole)
		l := s.language(operator{relation: equal}, "aws:federatedprovider", providers, false)
		out.federated = s.test(testKey{key: id, language: l})
	}
}

// lists reports whether the statement names a principal.
func (s *statement) lists(entry int32) bool {
	_, found := slices.BinarySearch(s.entries, entry)
	return found
}

func (s *Space) entry(id identity) int32 {
	name := id.name()
	n, ok := s.entryIDs[name]
	if !ok {
		n = int32(len(s.principals))
		s.principals = append(s.principals, id)
		s.entryIDs[name] = n
	}
	return n
}

// fit says whether a statement's resource is the key.
type fit uint8

const (
	elsewhere fit = iota
	perhaps
	thisKey
)

func (s *Space) resource(in *Statement, variables bool) fit {
	best := elsewhere
	for _, r := range in.Resources {
		best = max(best, s.facts.fits(r, variables))
	}
	if in.NotResource {
		return thisKey - best
	}
	return best
}

// fits compares a resource with what is known of the key.
func (f *Facts) fits(resource string, variables bool) fit {
	if resource == "*" {
		return thisKey
	}
	if variables && strings.Contains(resource, "${") {
		return perhaps
	}
	pattern, steps := compileGlob([]piece{{text: resource}}), 0
	if own := f.arn(); own != "" {
		if pattern.matches(own, &steps) {
			return thisKey
		}
		return elsewhere
	}
	return f.could(resource, &pattern)
}

// could compares part by part with a key of which something is unknown.
func (f *Facts) could(resource string, pattern *pattern) fit {
	const anything = "\x00"
	steps := 0
	filled := func(s string) string {
		if s == "" {
			return anything
		}
		return s
	}
	// Only a wildcard matches what stands for an unknown part.
	if pattern.matches("arn:"+f.partition()+":kms:"+filled(f.Region)+":"+filled(f.Account)+":key/"+filled(f.ID), &steps) {
		return thisKey
	}
	known := [...]string{"arn", f.partition(), "kms", f.Region, f.Account, ""}
	parts := strings.SplitN(resource, ":", len(known))
	if len(parts) < len(known) {
		return elsewhere
	}
	for i, part := range parts {
		if glob := compileGlob([]piece{{text: part}}); known[i] != "" && !glob.matches(known[i], &steps) {
			return elsewhere
		}
	}
	if id, isKey := strings.CutPrefix(parts[len(parts)-1], "key/"); isKey && f.ID != "" {
		if glob := compileGlob([]piece{{text: id}}); !glob.matches(f.ID, &steps) {
			return elsewhere
		}
	} else if !isKey && !strings.ContainsAny(parts[len(parts)-1], "*?") {
		return elsewhere
	}
	return perhaps
}
