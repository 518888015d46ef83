// Package fakekms is KMS as far as key policies go: it refuses what KMS
// refuses, with KMS's error codes, and gives a policy back rewritten, as KMS
// does.
//
// Other emulators store any text and return it byte for byte. A program that
// was only tried there has never met a refused principal, a lockout check, or
// a read-back that differs from what was written.
package fakekms
