// Package authz decides what a key policy lets a caller do, the way AWS
// decides it for one account: an explicit Deny wins, an Allow that names the
// caller grants, an Allow for the account hands the question on to IAM.
//
// It shares nothing with the packages that keysmith ships, on purpose: the
// fake and the product check each other.
package authz
