// Package pull is the command that brings the key policies in force into a working
// tree.
//
// It is the way in for keys that exist: every customer-managed key of the given
// accounts and Regions becomes a file, laid out readably and never changed in
// meaning. It holds the policies of a few keys at a time. What it cannot read, and
// what it leaves as it is, stands in pull.json with the reason; nothing is left
// out silently. A pull that was killed continues where it stopped.
package pull
