package meaning

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
)

// Holder is somebody who may do an action.
type Holder struct {
	// Principal is an ARN or the name of a service. The root's ARN stands for all
	// of an account, and * for everybody who is not named.
	Principal string `json:"principal"`
	// Through tells what lets it in: "policy", the key policy by itself, or "iam",
	// an IAM policy of the account, which the key policy lets decide. In other
	// accounts it always takes both.
	Through string `json:"through"`
	// Always tells that no condition has to hold.
	Always bool `json:"always"`
	// When are the conditions of the statements that allow it, one of which must
	// hold; Unless those of the statements that deny it.
	When   []string `json:"when,omitempty"`
	Unless []string `json:"unless,omitempty"`
	// Undecided tells that it is not known whether any request is allowed.
	Undecided bool `json:"undecided,omitempty"`
}

// WhoCan lists who may do an action, or one of those that a pattern stands for.
func WhoCan(action string, p *document.Policy, k facts.Key) ([]Holder, error) {
	set, _ := catalog.Match(action)
	switch set &^= catalog.Ineffective; {
	case set == 0:
		return nil, fmt.Errorf("a key policy does not govern the action %q: write one that it governs, such as kms:Decrypt", action)
	case set.Len() > 1:
		return nil, fmt.Errorf("the action %q stands for several: ask for one of %s", action, strings.Join(set.Names(), ", "))
	case p.Opaque():
		return nil, fmt.Errorf("the policy cannot be read in one way only, so nothing is known of it")
	}
	s := decide.NewSpace(Facts(k), decide.NewBudget())
	holdings := s.Holders(s.Compile(Policy(p)), set)
	accounts := map[string]*decide.Holding{}
	for i := range holdings {
		if h := &holdings[i]; h.Account {
			accounts[h.Who] = h
		}
	}
	var out []Holder
	for i := range holdings {
		out = append(out, holders(&holdings[i], accounts[holdings[i].Home], p)...)
	}
	return out, nil
}

// holders tells of one class what the policy gives it, and what IAM may unless
// that is so of its whole account, which is nil where the policy gives it nothing.
func holders(h, account *decide.Holding, p *document.Policy) []Holder {
	var out []Holder
	if h.ByName.Degree != decide.Never && !h.Account {
		out = append(out, holder(h, h.ByName, "policy", p))
	}
	byAccount := slices.DeleteFunc(slices.Clone(h.IAM.Statements), func(n int) bool { return slices.Contains(h.ByName.Statements, n) })
	as := account != nil && account.IAM.Degree == h.IAM.Degree && (account.IAM.Degree == decide.Always || slices.Equal(account.IAM.Statements, byAccount))
	switch {
	case h.Account:
		out = append(out, holder(h, h.IAM, "iam", p))
	case !as && h.ByName.Degree != h.IAM.Degree:
		out = append(out, holder(h, h.IAM, "iam", p))
	}
	return out
}

func holder(h *decide.Holding, part decide.Part, through string, p *document.Policy) Holder {
	out := Holder{Principal: h.Who, Through: through, Always: part.Degree == decide.Always, Undecided: part.Degree == decide.Perhaps}
	if !out.Always {
		out.Unless = words(h.Denies, p)
	}
	if !part.Open { // else no condition of a statement that allows it has to hold
		out.When = words(part.Statements, p)
	}
	return out
}

// words tells the conditions of statements, leaving out those without any.
func words(numbers []int, p *document.Policy) []string {
	var out []string
	for _, n := range numbers {
		if w := p.Statements[n].When(); w != "" && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// AccessChange is what one principal gains and loses.
type AccessChange struct {
	Principal string   `json:"principal"`
	Gains     []string `json:"gains,omitempty"`
	Loses     []string `json:"loses,omitempty"`
}

// Compare tells who gains and who loses what when new replaces old. Either may be
// nil, a policy that allows nothing; of an opaque one nothing is said.
func Compare(old, new *document.Policy, k facts.Key) []AccessChange {
	nothing := &document.Policy{}
	if old == nil {
		old = nothing
	}
	if new == nil {
		new = nothing
	}
	if old != nothing && old.Opaque() || new != nothing && new.Opaque() {
		return nil
	}
	s := decide.NewSpace(Facts(k), decide.NewBudget())
	was, is := s.Compile(Policy(old)), s.Compile(Policy(new))
	gains, losses := beyond(s, is, was), beyond(s, was, is)
	changes := map[string]*AccessChange{}
	of := func(who string) *AccessChange {
		if changes[who] == nil {
			changes[who] = &AccessChange{Principal: who}
		}
		return changes[who]
	}
	for _, d := range without(gains, losses) {
		of(d.Who).Gains = append(of(d.Who).Gains, told(&d, new, old)...)
	}
	for _, d := range without(losses, gains) {
		of(d.Who).Loses = append(of(d.Who).Loses, told(&d, old, new)...)
	}
	out := make([]AccessChange, 0, len(changes))
	for _, c := range changes {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b AccessChange) int { return strings.Compare(a.Principal, b.Principal) })
	return out
}

// without leaves out what IAM could make up for: whoever loses an action by name
// does not gain it because IAM may now allow it, nor the other way round.
func without(some, others []decide.Difference) []decide.Difference {
	byName := map[string]catalog.Set{}
	for _, o := range others {
		if !o.IAM {
			byName[o.Who] |= o.Actions
		}
	}
	var out []decide.Difference
	for _, d := range some {
		if d.IAM {
			d.Actions &^= byName[d.Who]
		}
		if d.Actions != 0 {
			out = append(out, d)
		}
	}
	return out
}

// beyond lists what one policy allows and the other does not. Where it is proven
// that there is no such request, nobody needs to be looked at.
func beyond(s *decide.Space, is, was *decide.Compiled) []decide.Difference {
	if s.Ask(&decide.Question{Allowed: []*decide.Compiled{is}, Refused: []*decide.Compiled{was}}).Verdict == decide.Proven {
		return nil
	}
	return s.Beyond(is, was)
}

// told writes a difference, one line for each action.
func told(d *decide.Difference, p, other *document.Policy) []string {
	names := d.Actions.Names()
	if d.Actions == catalog.All&^catalog.Ineffective {
		names = []string{"kms:*"}
	}
	how := ""
	if d.IAM {
		how = " through IAM"
	}
	switch {
	case d.Unsure:
		how += " perhaps: it is not decided"
	case !d.Always:
		how += circumstances(d, p, other)
	}
	for i := range names {
		names[i] += how
	}
	return names
}

// circumstances says under which conditions there is a difference: those of what
// allows it here, without those of what denies it here, and without those of what
// allows it there, unless something denies it there.
func circumstances(d *decide.Difference, p, other *document.Policy) string {
	var when []string
	add := func(conditions []string) {
		if len(conditions) > 0 {
			when = append(when, alternatives(conditions))
		}
	}
	before, denied, unless := words(d.Before, other), words(d.Denies, other), words(d.Except, p)
	if conditionless(d.Denies, other) {
		denied = nil
	}
	if !d.Denied {
		unless = append(before, unless...)
	}
	if !d.Open { // what is left out again is no circumstance of it
		add(slices.DeleteFunc(words(d.Statements, p), func(w string) bool { return slices.Contains(unless, w) }))
	}
	switch {
	case !d.Denied:
	case !d.Unallowed:
		add(slices.DeleteFunc(denied, func(w string) bool { return slices.Contains(unless, w) }))
	case len(before) > 0 && len(denied) > 0:
		unless = append(unless, "("+alternatives(before)+" and not "+alternatives(denied)+")")
	}
	var parts []string
	if len(when) > 0 {
		parts = append(parts, "when "+strings.Join(when, " and "))
	}
	if len(unless) > 0 {
		parts = append(parts, "unless "+strings.Join(unless, " or "))
	}
	if len(parts) == 0 {
		return " for some requests"
	}
	return " " + phrase.Shorten(strings.Join(parts, " "))
}

// alternatives joins conditions of which one must hold, so that they can stand
// beside others.
func alternatives(conditions []string) string {
	if len(conditions) == 1 {
		return conditions[0]
	}
	return "(" + strings.Join(conditions, " or ") + ")"
}

// conditionless reports whether one of the statements has no condition.
func conditionless(numbers []int, p *document.Policy) bool {
	return slices.ContainsFunc(numbers, func(n int) bool { return p.Statements[n].When() == "" })
}
