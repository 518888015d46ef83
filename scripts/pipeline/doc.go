// Package pipeline is a repository of key policies as a team would have it, and
// the test that it works: the same shell scripts that its workflow runs, as the
// same roles, against the built functions.
package pipeline
