// Package effort says how much a test does that gets surer the longer it runs:
// how many objects a fleet has, how many random schedules are played.
//
// There are three efforts. With -short or under the race detector, which makes
// everything several times slower, a test does just enough to meet each case.
// Without, as in make test, it does what fits into seconds. KEYSMITH_EFFORT=full,
// as in make test-full and make race-full, does all of it. So a number is stated
// once, beside the test, and what a short run leaves out has a command.
package effort

import (
	"os"
	"testing"
)

// Variable names the environment variable; its only value is "full".
const Variable = "KEYSMITH_EFFORT"

// Of returns the count for this run.
func Of(full, usual, brief int) int {
	switch {
	case Full():
		return full
	case Brief():
		return brief
	}
	return usual
}

// Full reports that a test has all the time that it wants.
func Full() bool { return os.Getenv(Variable) == "full" }

// Brief reports that a test should only do what finds a data race or a broken
// build.
func Brief() bool { return !Full() && (racing || testing.Short()) }
