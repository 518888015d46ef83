// Package jsontree keeps a JSON text as a tree that remembers what a Go map
// forgets: the order of members, and members that appear twice.
//
// KMS gives a policy back in its own layout but with the owner's order; the
// fake must too, or a comparison by bytes would look right.
package jsontree
