// Package keypolicy reads, checks and compares AWS KMS key policies.
//
// It knows nothing about AWS clients, buckets or events: every function is a
// pure computation over bytes, so the whole package can be tested with files.
package keypolicy
