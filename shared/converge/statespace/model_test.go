package statespace

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/effort"
)

func TestOursKeepsEveryPromise(t *testing.T) {
	cases := affordable(bounds())
	if effort.Full() {
		cases = append(cases, deepBounds()...)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			requireNone(t, ours(), c.scenario, promised)
		})
	}
}

func TestTheEventsTellTheTruth(t *testing.T) {
	cases := affordable(strictBounds())
	if effort.Full() {
		cases = slices.Concat(cases, bounds(), deepStrictBounds())
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			requireNone(t, ours(), c.scenario, promised|tellsTrue)
		})
	}
}

func TestEachWrongProtocolHasACounterexample(t *testing.T) {
	held := map[string]bool{} // where what keeps the rule holds, as this or another test shows
	for _, b := range bounds() {
		held[fmt.Sprint(b.scenario, promise(0))] = true
	}
	for _, b := range strictBounds() {
		held[fmt.Sprint(b.scenario, appliedWasInForce)] = true
	}
	for _, c := range slices.Concat(wrongProtocols(), wrongEndings(), wrongStatuses()) {
		if effort.Brief() && c.large() {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			requireCounterexample(t, c, promised|c.against)
			if sc := fmt.Sprint(c.scenario, c.against&tellsTrue); !held[sc] && !c.wide {
				held[sc] = true
				requireNone(t, ours(), c.scenario, promised|c.against)
			}
		})
	}
}

func TestWhatIsNotPromisedCannotBe(t *testing.T) {
	for _, l := range limits() {
		t.Run(l.against.String(), func(t *testing.T) {
			t.Log("because " + l.why)
			requireCounterexample(t, l.counterexample, l.against)
		})
	}
}

func requireNone(t *testing.T, p protocol, sc scenario, watched promise) {
	t.Helper()
	res := explore(p, sc, watched)
	if res.broken != 0 {
		t.Errorf("broken: %v\n%s", res.broken, strings.Join(res.trace, "\n"))
		return
	}
	t.Logf("no counterexample in %d states, %d ways to be at rest", res.states, len(res.rests))
}

func requireCounterexample(t *testing.T, c counterexample, watched promise) {
	t.Helper()
	res := explore(c.protocol, c.scenario, watched)
	if res.broken != c.against {
		t.Fatalf("broken: %q after %d states; want %q", res.broken, res.states, c.against)
	}
	t.Logf("broken: %v\n%s", res.broken, strings.Join(res.trace, "\n"))
}

func TestEveryRuleIsNeeded(t *testing.T) {
	var needed rule
	for _, c := range slices.Concat(wrongProtocols(), wrongEndings(), wrongStatuses()) {
		needed |= c.broken
	}
	for _, l := range limits() {
		needed |= l.broken
	}
	if needed != allRules {
		t.Errorf("no counterexample without rules %b", allRules&^needed)
	}
}

func TestFromEveryStateThereIsAWayToRest(t *testing.T) {
	late := scenario{actions: uploadsOf(policyA, policyB), unknown: 1}
	typos := scenario{actions: uploadsOf(policyA, typo), stale: true, crashes: 1}
	scenarios := []scenario{late, typos}
	if effort.Brief() {
		scenarios = []scenario{{actions: typos.actions, stale: true}}
	}
	for _, sc := range scenarios {
		requireNone(t, ours(), sc, promised|comesToRest)
	}
}

// The explorer takes some steps at once and does not tell the workers apart.
// Walking through every single state instead must come to the same ends.
func TestTheShortcutsHideNoOutcome(t *testing.T) {
	for _, p := range []protocol{ours(), {broken: reReads}} {
		sc := scenario{actions: uploadsOf(policyA, policyB), stale: true, crashes: uint8(effort.Of(1, 1, 0))} //nolint:gosec // a small number
		short := &machine{protocol: p, scenario: sc}
		long := &machine{protocol: p, scenario: sc, plain: true}
		got, want := short.explore(), long.explore()
		t.Logf("%d states instead of %d", got.states, want.states)
		if !maps.Equal(got.rests, want.rests) {
			t.Errorf("at rest: %v; want %v", got.rests, want.rests)
		}
	}
}

func TestTheStepsAreNamed(t *testing.T) {
	got := fmt.Sprint(Steps())
	want := "[ReadObject Check ReadInForce KeepHistory Put ReReadObject Prove Report Acknowledge StoreRequest Compare ReadStatus RecordStatus]"
	if got != want {
		t.Errorf("steps: %s; want %s", got, want)
	}
}
