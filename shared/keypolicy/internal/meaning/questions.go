package meaning

import (
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
)

// NoNewAccess asks whether every request that the new policy allows was allowed
// by the old one; nil is a policy that allows nothing.
func NoNewAccess(old, new *document.Policy, k facts.Key) decide.Proof {
	switch {
	case new == nil:
		return decide.Proof{Verdict: decide.Proven}
	case new.Opaque():
		return unreadable("the new policy")
	case old != nil && old.Opaque():
		return unreadable("the old policy")
	}
	s := decide.NewSpace(Facts(k))
	q := decide.Question{Allowed: []*decide.Compiled{s.Compile(Policy(new))}}
	if old != nil {
		q.Refused = []*decide.Compiled{s.Compile(Policy(old))}
	}
	return s.Ask(&q)
}

// Within asks whether a policy stays inside a baseline: a policy in the syntax of
// resource control policies, of which the Deny statements count.
func Within(baseline, p *document.Policy, k facts.Key) decide.Proof {
	switch {
	case p == nil || p.Opaque():
		return unreadable("the policy")
	case baseline == nil || baseline.Opaque():
		return unreadable("the baseline")
	}
	s := decide.NewSpace(Facts(k))
	within := Policy(baseline)
	within.ByDefault = true
	return s.Ask(&decide.Question{
		Allowed: []*decide.Compiled{s.Compile(Policy(p))},
		Refused: []*decide.Compiled{s.Compile(within)},
		Callers: decide.IAMAllows,
	})
}

func unreadable(what string) decide.Proof {
	return decide.Proof{Verdict: decide.Undecided, Reason: what + " cannot be read in one way only, so nothing is known of it"}
}
