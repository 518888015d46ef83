// Package effort says how much a test does that gets surer the longer it runs:
// how many objects a fleet has, how many random schedules are played.
//
// There are three efforts. A brief run, with -short or under the race detector,
// which makes everything several times slower, does just enough to meet each
// case. A usual one, as in make test, does what fits into seconds. A full one, as
// in make test-full, does all of it. KEYSMITH_EFFORT says which one it is, as
// make test-race does. So the numbers stand in one place, beside the test, and
// what a short run leaves out has a command.
package effort

import (
	"os"
	"testing"
)

// Variable names the environment variable; its values are "full" and "usual".
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
func Brief() bool { return os.Getenv(Variable) == "" && (racing || testing.Short()) }
