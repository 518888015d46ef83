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
// Where the package cannot be sure it takes the side that locks nobody out and
// lets nobody in: a condition that it cannot judge counts as one that holds in a
// Deny and as one that does not in an Allow, and a document that readers could
// understand differently is opaque: refused, and equal to nothing.
package keypolicy
