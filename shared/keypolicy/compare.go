package keypolicy

import (
	"github.com/keysmith/keysmith/shared/keypolicy/internal/canonical"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/meaning"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/verdict"
)

// Canonical holds the two digests of a policy's canonical form (lower-case hex
// SHA-256). The zero value stands for a document that cannot be judged and is
// equal to nothing, not even itself.
type Canonical = canonical.Digest

// Change is one difference between two policies.
type Change = canonical.Change

// AccessChange is what one principal gains and loses.
type AccessChange = meaning.AccessChange

// Standing says whether a caller would still be able to put the next policy,
// which is what KMS asks of the caller that puts this one.
type Standing = verdict.Standing

const (
	Keeps              = verdict.Keeps
	Fails              = verdict.Fails
	DependsOnIAM       = verdict.DependsOnIAM       // only the account is allowed; the caller's IAM policy decides
	DependsOnCondition = verdict.DependsOnCondition // a condition decides that cannot be judged from here
)

// SameText reports whether two texts hold the same policy, after everything
// that KMS may rewrite. A text that cannot be judged is the same as none.
func SameText(a, b, partition string) bool {
	first, _ := Parse([]byte(a))
	second, _ := Parse([]byte(b))
	return first.Canonical(partition).Equal(second.Canonical(partition))
}

// Canonical digests the policy after undoing everything that KMS is known to
// rewrite. It is the zero value for an opaque policy
// and for none.
func (p *Policy) Canonical(partition string) Canonical {
	return canonical.Of(p.document(), partition)
}

// Diff tells what replacing old by new changes. Statements are matched without
// regard to their order. A nil policy has no statements; an opaque one cannot
// be compared and is replaced as a whole.
func Diff(old, new *Policy, partition string) []Change {
	return canonical.Diff(old.document(), new.document(), partition)
}

// CompareAccess tells who gains and who loses what when new replaces old, under
// which conditions. Either may be nil. An opaque policy cannot be compared, and
// nothing is said of it.
func CompareAccess(old, new *Policy, k Key) []AccessChange {
	return meaning.Compare(old.document(), new.document(), k)
}

// StandingOf judges kms:PutKeyPolicy for a caller (the ARN of a user, role or
// role session) as far as the key policy alone tells. An opaque policy fails.
func (p *Policy) StandingOf(caller string, k Key) Standing {
	return verdict.StandingOf(p.document(), caller, k)
}

// Repairers lists the principals that certainly may put another policy: each
// is allowed kms:PutKeyPolicy without a condition, and no Deny may reach it.
func (p *Policy) Repairers(k Key) []string { return verdict.Repairers(p.document(), k) }
