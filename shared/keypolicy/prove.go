package keypolicy

import (
	"cmp"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/meaning"
)

// Proof is the answer to a question about all requests, with its evidence.
// Undecided is never to be taken for safe.
type Proof = decide.Proof

// Witness is a request that refutes what was asked: the smallest that was found.
type Witness = decide.Witness

// Verdict is proven, refuted or undecided.
type Verdict = decide.Verdict

const (
	Proven    = decide.Proven
	Refuted   = decide.Refuted
	Undecided = decide.Undecided
)

// NoNewAccess asks whether every request that the new policy allows was allowed
// by the old one. Old may be nil: a key without a policy, where all is new.
//
// In the key's own account, what a role or user gets by name counts as new where
// before only the account was named: it then needed a permission in IAM. Such a
// witness is one to whom IAM allows nothing, and Proof.Reason says so.
func NoNewAccess(old, new *Policy, k Key) Proof {
	return meaning.NoNewAccess(old.document(), new.document(), k, decide.NewBudget())
}

// Within asks whether every request that a policy allows is one that a baseline
// does not deny. The baseline is written in the syntax of resource control
// policies: what it does not deny is allowed.
func Within(baseline, p *Policy, k Key) Proof {
	return meaning.Within(baseline.document(), p.document(), k, decide.NewBudget())
}

// Assertion says what must be possible or impossible for whom.
type Assertion = meaning.Assertion

// Claim is what an assertion says of those whom it is about.
type Claim = meaning.Claim

const (
	Can    = meaning.Can
	Cannot = meaning.Cannot
	Only   = meaning.Only
)

// Assert asks whether a policy is as an assertion says. The error names what in
// the assertion is not understood.
func Assert(a *Assertion, p *Policy, k Key) (Proof, error) {
	return meaning.Assert(a, p.document(), k, decide.NewBudget())
}

// Holder is somebody who may do an action.
type Holder = meaning.Holder

// WhoCan lists who may do an action by a key policy, and under which conditions.
// The error says what is wrong with the action or the policy.
func WhoCan(action string, p *Policy, k Key) ([]Holder, error) {
	return meaning.WhoCan(action, p.document(), k)
}

// SamePermissions asks whether two policies allow the same requests, however they are
// written. A witness is a request that one of them allows and the other does not;
// Proof.Reason says which, where it says nothing else.
//
// It is a weaker claim than Canonical.Equal, which is what a put is verified by, and
// never contradicts it: equal canonical forms are never refuted.
func SamePermissions(a, b *Policy, k Key) Proof {
	if x, y := a.Canonical(k.PartitionName()), b.Canonical(k.PartitionName()); x.Permissions != "" && x.Permissions == y.Permissions {
		return Proof{Verdict: Proven}
	}
	budget := decide.NewBudget()
	more := meaning.NoNewAccess(a.document(), b.document(), k, budget)
	less := meaning.NoNewAccess(b.document(), a.document(), k, budget)
	for _, p := range [...]struct {
		Proof
		which string
	}{{more, "the second policy allows it"}, {less, "the first policy allows it"}} {
		if p.Verdict == Refuted {
			p.Reason = cmp.Or(p.Reason, p.which)
			return p.Proof
		}
	}
	if more.Verdict == Proven {
		return less
	}
	return more
}
