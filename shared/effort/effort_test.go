package effort_test

import (
	"testing"

	"github.com/keysmith/keysmith/shared/effort"
)

func TestTheVariableAsksForAllOfIt(t *testing.T) {
	t.Setenv(effort.Variable, "full")
	if n := effort.Of(3, 2, 1); n != 3 || effort.Brief() {
		t.Errorf("%d, brief: %t", n, effort.Brief())
	}
}

func TestWithoutTheVariableARunIsShorter(t *testing.T) {
	t.Setenv(effort.Variable, "")
	want := 2
	if effort.Brief() {
		want = 1
	}
	if n := effort.Of(3, 2, 1); n != want {
		t.Errorf("%d; want %d", n, want)
	}
}
