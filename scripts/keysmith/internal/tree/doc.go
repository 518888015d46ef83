// Package tree finds the policies in a working tree, and knows which object of
// the bucket each file is.
//
// All commands that take paths find the same files by it: the *.json files below
// a folder, without hidden folders, and templates that hold key policies. A file
// under policies/ or plans/ is an object of the bucket; in the tree its name may
// begin with a label, as in policies/orders.1234abcd-….json. A file elsewhere has
// no object name.
package tree
