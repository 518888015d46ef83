package keypolicy

import "github.com/keysmith/keysmith/shared/keypolicy/internal/facts"

// Key is the KMS key that a policy is meant for. What is empty is unknown, and
// the rules that need it do not run.
type Key = facts.Key

// Options say what a policy is judged against.
type Options = facts.Options
