// Package fakelambda is a local Lambda that invokes functions: at once, or
// later with the retries that asynchronous invocations have.
//
// A function that continues itself depends on them: an invocation that was
// accepted runs after the caller has ended, and comes again where it fails.
package fakelambda
