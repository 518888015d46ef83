package keypolicy

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
func (p *Policy) Canonical(partition string) Canonical { return digest(p.document(), partition) }

// Diff tells what replacing old by new changes. Statements are matched without
// regard to their order. A nil policy has no statements; an opaque one cannot
// be compared and is replaced as a whole.
func Diff(old, new *Policy, partition string) []Change {
	return diff(old.document(), new.document(), partition)
}

// Accesses lists who may do what, sorted. It is empty for an opaque policy.
func (p *Policy) Accesses(partition string) []Access { return accesses(p.document(), partition) }

// CompareAccess tells who gains and who loses what when new replaces old. Old
// may be nil. An opaque policy cannot be compared, and nothing is said of it.
func CompareAccess(old, new *Policy, partition string) []AccessChange {
	return compareAccess(old.document(), new.document(), partition)
}

// StandingOf judges kms:PutKeyPolicy for a caller (the ARN of a user, role or
// role session) as far as the key policy alone tells. An opaque policy fails.
func (p *Policy) StandingOf(caller string, k Key) Standing {
	return standingOf(p.document(), caller, k)
}

// Repairers lists the principals that certainly may put another policy: each
// is allowed kms:PutKeyPolicy without a condition, and no Deny may reach it.
func (p *Policy) Repairers(k Key) []string { return repairers(p.document(), k) }
