package meaning

import (
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
)

// NoNewAccess asks whether every request that the new policy allows was allowed
// by the old one; nil is a policy that allows nothing.
func NoNewAccess(old, new *document.Policy, k facts.Key, b *decide.Budget) decide.Proof {
	switch {
	case new == nil:
		return decide.Proof{Verdict: decide.Proven}
	case new.Opaque():
		return unreadable("the new policy")
	case old != nil && old.Opaque():
		return unreadable("the old policy")
	}
	ask := func(s *decide.Space, read func(*document.Policy) *decide.Policy) decide.Question {
		q := decide.Question{Allowed: []*decide.Compiled{s.Compile(read(new))}}
		if old != nil {
			q.Refused = []*decide.Compiled{s.Compile(read(old))}
		}
		return q
	}
	return answer(k, b, ask, old, new)
}

// Within asks whether a policy stays inside a baseline: a policy in the syntax of
// resource control policies, of which the Deny statements count.
func Within(baseline, p *document.Policy, k facts.Key, b *decide.Budget) decide.Proof {
	switch {
	case p.Opaque():
		return unreadable("the policy")
	case baseline.Opaque():
		return unreadable("the baseline")
	}
	ask := func(s *decide.Space, read func(*document.Policy) *decide.Policy) decide.Question {
		within := read(baseline)
		within.ByDefault = true
		return decide.Question{
			Allowed: []*decide.Compiled{s.Compile(read(p))},
			Refused: []*decide.Compiled{s.Compile(within)},
			Callers: decide.IAMAllows,
		}
	}
	return answer(k, b, ask, baseline, p)
}

// answer asks of the actions of the table, and then of all others.
func answer(k facts.Key, b *decide.Budget, ask question, policies ...*document.Policy) decide.Proof {
	s := decide.NewSpace(Facts(k), b)
	q := ask(s, Policy)
	proof := s.Ask(&q)
	if proof.Verdict != decide.Proven {
		return proof
	}
	return unlisted(k, b, ask, policies)
}

// question puts policies into a space, in which a function reads them.
type question func(s *decide.Space, read func(*document.Policy) *decide.Policy) decide.Question

func unreadable(what string) decide.Proof {
	return decide.Proof{Verdict: decide.Undecided, Reason: what + " cannot be read in one way only, so nothing is known of it"}
}
