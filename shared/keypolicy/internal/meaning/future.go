package meaning

import (
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// unlisted asks whether what is proven of the actions of the table also holds of
// those that it does not have: one that KMS added since, or may add. A policy may
// name them, or mean them by a pattern. What is not proven of them is undecided,
// since nobody knows whether there is such an action.
func unlisted(k facts.Key, b *decide.Budget, ask question, policies []*document.Policy) decide.Proof {
	s := decide.NewSpace(Facts(k), b)
	q := ask(s, newcomersOf(policies, b).policy)
	q.Actions = catalog.Newcomer
	p := s.Ask(&q)
	if p.Verdict == decide.Refuted {
		return decide.Proof{Verdict: decide.Undecided, Reason: "it is proven of today's actions only: the policy also allows future actions, those that KMS may add"}
	}
	return p
}

// newcomers reads policies as they are about one action that the table does not
// have. Which one it is, is not known: whether an entry other than kms:* means it
// is an unknown, the same one wherever the entry stands, and one that also holds
// where a narrower entry means it.
type newcomers struct {
	budget  *decide.Budget
	entries []string          // in small letters
	written map[string]string // each as it is written
}

func newcomersOf(policies []*document.Policy, b *decide.Budget) *newcomers {
	n := &newcomers{budget: b, written: map[string]string{}}
	for _, p := range policies {
		if p == nil {
			continue
		}
		for i := range p.Statements {
			for j := range p.Statements[i].Actions {
				if a := &p.Statements[i].Actions[j]; reach(a) == meansSome {
					lower := wildcard.ToLower(a.Text)
					n.entries, n.written[lower] = append(n.entries, lower), a.Text
				}
			}
		}
	}
	slices.Sort(n.entries)
	n.entries = slices.Compact(n.entries)
	return n
}

// reached says how many of the actions that the table does not have an entry means.
type reached uint8

const (
	meansNone reached = iota
	meansSome
	meansAll
)

func reach(a *document.Action) reached {
	lower := wildcard.ToLower(a.Text)
	service, _, _ := strings.Cut(lower, ":")
	switch {
	case lower == "*" || strings.HasPrefix(lower, kmsPrefix) && wildcard.Covers(lower, kmsPrefix+"*"):
		return meansAll
	case a.Vague:
		return meansSome
	case kmsPrefix != service+":", !a.Pattern && a.Set != 0:
		return meansNone
	}
	return meansSome
}

const kmsPrefix = "kms:"

// policy reads a policy for the procedure.
func (n *newcomers) policy(p *document.Policy) *decide.Policy {
	out := &decide.Policy{Variables: p.Version == document.CurrentVersion}
	for i := range p.Statements {
		s := &p.Statements[i]
		reasons := n.reasons(s)
		if len(reasons) == 0 {
			continue
		}
		st := statement(s, i)
		st.Actions = catalog.Newcomer
		bare := st.Unknown
		for _, unknown := range reasons {
			st.Unknown = strings.Trim(bare+"; "+unknown, "; ")
			out.Statements = append(out.Statements, st)
		}
	}
	return out
}

// reasons lists what has to hold for a statement to be about the action, one of
// which suffices; an empty one always holds.
func (n *newcomers) reasons(s *document.Statement) []string {
	var texts []string
	all := false
	for i := range s.Actions {
		switch a := &s.Actions[i]; reach(a) {
		case meansAll:
			all = true
		case meansSome:
			texts = append(texts, wildcard.ToLower(a.Text))
		}
	}
	slices.Sort(texts)
	texts = slices.Compact(texts)
	switch {
	case all && s.NotAction:
		return nil
	case all, s.NotAction && len(texts) == 0:
		return []string{""}
	case s.NotAction:
		return []string{"whether NotAction with " + strings.Join(texts, ", ") + " means an action that is not known today is not known"}
	}
	return n.narrower(texts)
}

// narrower gives the reasons of entries and of all those that they take in.
func (n *newcomers) narrower(texts []string) []string {
	const perStep = 8 // bytes
	var out []string
	for _, entry := range n.entries {
		if !n.budget.Spend(len(texts) * (2 + len(entry)/perStep)) { // no question will be answered
			break
		}
		if slices.ContainsFunc(texts, func(t string) bool { return t == entry || wildcard.Covers(t, entry) }) {
			out = append(out, about(n.written[entry]))
		}
	}
	return out
}

func about(entry string) string {
	if wildcard.Has(entry) {
		return "future actions, those that KMS may add, are not known, and " + entry + " means some of them"
	}
	return "the action " + entry + " is unknown: it is not in the table of KMS actions, so nothing is known of what it gives"
}
