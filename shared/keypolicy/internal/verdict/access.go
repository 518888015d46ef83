package verdict

import (
	"cmp"
	"slices"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/canonical"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/meaning"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
)

// Access is what one principal may do by the key policy alone: grants and IAM
// policies are not seen. An account root means what IAM allows in the account.
type Access struct {
	Principal string   `json:"principal"`
	Denied    bool     `json:"denied,omitempty"` // a Deny that holds under a condition
	Condition string   `json:"condition,omitempty"`
	Actions   []string `json:"actions"`
}

// AccessChange is what one principal gains and loses.
type AccessChange = meaning.AccessChange

// effective are the actions that a key policy can allow at all.
const effective = catalog.All &^ catalog.Ineffective

// grant is a set of actions for one principal under one condition.
type grant struct {
	principal string
	account   string
	condition string // canonical, for comparing; "" where there is none
	words     string
	denied    bool
	set       catalog.Set
}

// Accesses lists who may do what, sorted. It is empty for an opaque policy.
func Accesses(p *document.Policy, partition string) []Access {
	var out []Access
	for _, g := range grants(p, partition) {
		out = append(out, Access{g.principal, g.denied, g.words, names(g.set)})
	}
	return out
}

func names(set catalog.Set) []string {
	if set == effective {
		return []string{"kms:*"}
	}
	return set.Names()
}

// grants works out the permissions: what statements allow, less what is denied
// without a condition, and beside it what is denied under one.
func grants(p *document.Policy, partition string) []grant {
	if p.Opaque() {
		return nil
	}
	var all []grant
	e := canonical.NewEncoder(p, partition)
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.Effect == document.Allow || len(s.Conditions) > 0 {
			all = append(all, grantsOf(s, e)...)
		}
	}
	for i := range p.Statements {
		if s := &p.Statements[i]; s.Effect == document.Deny && len(s.Conditions) == 0 {
			subtract(all, s, partition)
		}
	}
	return merge(all)
}

func grantsOf(s *document.Statement, e *canonical.Encoder) []grant {
	condition, words := "", ""
	if len(s.Conditions) > 0 {
		condition, words = e.ConditionsOf(s), phrase.Shorten(s.When())
	}
	g := grant{condition: condition, words: words, denied: s.Effect == document.Deny, set: s.Acts & effective}
	if s.NotPrincipal {
		texts := s.PrincipalTexts(e.Partition)
		slices.Sort(texts)
		g.principal = "everybody but " + phrase.Some(slices.Compact(texts))
		return []grant{g}
	}
	out := make([]grant, len(s.Principals))
	for i := range s.Principals {
		out[i] = g
		out[i].principal, out[i].account = s.Principals[i].Canonical(e.Partition), s.Principals[i].Account
	}
	return out
}

// subtract takes away what a statement denies to everybody it names.
func subtract(all []grant, s *document.Statement, partition string) {
	for i := range all {
		g := &all[i]
		if g.denied || !deniesTo(s, g, partition) {
			continue
		}
		g.set &^= s.Acts
	}
}

func deniesTo(s *document.Statement, g *grant, partition string) bool {
	for i := range s.Principals {
		p := &s.Principals[i]
		if p.Form == document.Anyone || p.Canonical(partition) == g.principal || p.WholeAccount() && p.Account == g.account {
			return !s.NotPrincipal
		}
	}
	return s.NotPrincipal
}

// merge joins grants of one principal under one condition.
func merge(all []grant) []grant {
	slices.SortStableFunc(all, compareGrants)
	out := all[:0]
	for _, g := range all {
		if n := len(out); n > 0 && compareGrants(out[n-1], g) == 0 {
			out[n-1].set |= g.set
			continue
		}
		out = append(out, g)
	}
	return slices.DeleteFunc(out, func(g grant) bool { return g.set == 0 })
}

func compareGrants(a, b grant) int {
	denied := 0
	if a.denied != b.denied {
		denied = map[bool]int{false: -1, true: 1}[a.denied]
	}
	return cmp.Or(cmp.Compare(a.principal, b.principal), denied, cmp.Compare(a.condition, b.condition))
}

// CompareAccess tells who gains and who loses what when new replaces old. Old
// may be nil. An opaque policy cannot be compared, and nothing is said of it.
func CompareAccess(old, new *document.Policy, partition string) []AccessChange {
	if old != nil && old.Opaque() || new != nil && new.Opaque() {
		return nil
	}
	was, is := grants(old, partition), grants(new, partition)
	var out []AccessChange
	for _, g := range beyond(is, was) {
		out = note(out, g, g.denied)
	}
	for _, g := range beyond(was, is) {
		for _, part := range kept(g, is) {
			out = note(out, part, !g.denied)
		}
	}
	slices.SortFunc(out, func(a, b AccessChange) int { return cmp.Compare(a.Principal, b.Principal) })
	return out
}

// beyond returns what is in a and not covered by b. What is allowed without a
// condition covers the same under one.
func beyond(a, b []grant) []grant {
	var out []grant
	for _, g := range a {
		for _, h := range of(b, g.principal) {
			if h.denied == g.denied && (h.condition == g.condition || h.condition == "" && !g.denied) {
				g.set &^= h.set
			}
		}
		if g.set != 0 {
			out = append(out, g)
		}
	}
	return out
}

// kept splits what was always allowed and is no longer: some of it may still be
// allowed under a condition, and the words say so.
func kept(g grant, now []grant) []grant {
	if g.denied || g.condition != "" {
		return []grant{g}
	}
	var parts []grant
	for _, h := range of(now, g.principal) {
		if still := g.set & h.set; still != 0 && !h.denied {
			g.set &^= still
			parts = append(parts, grant{principal: g.principal, set: still, words: "not " + h.words})
		}
	}
	if g.set != 0 {
		parts = append(parts, g)
	}
	return parts
}

// of returns the grants of one principal; all are sorted by principal.
func of(all []grant, principal string) []grant {
	from, _ := slices.BinarySearchFunc(all, principal, func(g grant, p string) int { return cmp.Compare(g.principal, p) })
	to := from
	for to < len(all) && all[to].principal == principal {
		to++
	}
	return all[from:to]
}

// note adds a grant to what is said about its principal.
func note(out []AccessChange, g grant, loses bool) []AccessChange {
	i := slices.IndexFunc(out, func(c AccessChange) bool { return c.Principal == g.principal })
	if i < 0 {
		i = len(out)
		out = append(out, AccessChange{Principal: g.principal})
	}
	list := &out[i].Gains
	if loses {
		list = &out[i].Loses
	}
	for _, name := range names(g.set) {
		if g.words != "" {
			name += " when " + g.words
		}
		*list = append(*list, name)
	}
	return out
}
