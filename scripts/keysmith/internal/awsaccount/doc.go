// Package awsaccount reaches the accounts and Regions that a command is asked
// about, with the AWS credentials of the person who runs it.
//
// In the caller's own account the credentials are used as they are; in every
// other account a role is assumed. There is one client for each account and
// Region, and the credentials of an account are kept until they expire. What AWS
// refuses is put in words that name the account, the Region, the key and what to
// do about it.
package awsaccount
