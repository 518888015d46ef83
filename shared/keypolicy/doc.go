// Package keypolicy reads, checks and compares AWS KMS key policies.
//
// It knows nothing about AWS clients, buckets or events: every function is a
// pure computation over bytes, so the whole package can be tested with files.
//
// [Check] parses a text and reports everything that is to be said about it, each
// finding with line, column and path; [Report.Reason] says whether it may be
// applied. [Policy.Canonical] digests a policy after undoing everything that KMS
// rewrites, so that what was sent can be compared with what is served. [Diff] and
// [CompareAccess] tell what a change does and to whom.
//
// [NoNewAccess], [Within], [Assert], [WhoCan] and [SamePermissions] are about all
// requests that there can be. Each is a question to one decision procedure
// (internal/decide), which answers proven, refuted with a witness, or undecided with
// a reason. They take what is known of the key as a [Key]; what is not known of it,
// and matters, makes an answer undecided.
//
// Where the package cannot be sure it takes the side that locks nobody out and
// lets nobody in: a condition that it cannot judge counts as one that holds in a
// Deny and as one that does not in an Allow, and a document that readers could
// understand differently is opaque: refused, and equal to nothing.
//
// This package is the door. Behind it, in internal, each depending only on what
// stands above it:
//
//	wildcard, spell, jsontree   text: patterns, typing errors, JSON with positions
//	catalog                     the tables: what AWS documents
//	rule, finding               what can be said, and what was said where
//	facts                       what is known of the key, and what is declared
//	document                    the policy as it was read
//	canonical                   its one form: digests and differences
//	grammar                     rules about words
//	verdict                     what the policy does: the questions about requests
//
// Package awsid, which others use as well, tells accounts, ARNs and ids by their
// shape; packages value and phrase read operands and word messages.
package keypolicy
