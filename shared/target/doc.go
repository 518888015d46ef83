// Package target knows where keys are: which accounts and Regions a stack may
// write to, and with whose credentials.
//
// Every key is in one account and one Region. The stack's own are reached with the
// function's own role, other Regions of its account too; in every other account a
// role is assumed. Code that handles a key asks for its target and uses nothing else,
// so that own keys and those of others take the same path, and no call is made
// with the credentials of another account.
package target
