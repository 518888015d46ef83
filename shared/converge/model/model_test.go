package model

import (
	"flag"
	"fmt"
	"maps"
	"strings"
	"testing"
)

var deep = flag.Bool("deep", false, "explore larger scenarios as well (a minute, a few GB)")

// A bound is a scenario that is explored to its end, with a name for the reader.
type bound struct {
	name string
	scenario
}

func bounds() []bound {
	aba := uploadsOf(policyA, policyB, policyA)
	ab := uploadsOf(policyA, policyB)
	request := []action{put(policyA), {requests, policyC}, put(policyB)}
	return []bound{
		{"the third upload is the first again", scenario{actions: aba, stale: true, crashes: 1, duplicates: 1}},
		{"two crashes", scenario{actions: ab, stale: true, crashes: 2, duplicates: 1}},
		{"a typo in between", scenario{actions: uploadsOf(policyA, typo, policyB), stale: true, crashes: 1, duplicates: 1}},
		{"a typo at the end", scenario{actions: uploadsOf(policyA, policyB, typo), stale: true, crashes: 1}},
		{"KMS refuses what the check accepts", scenario{actions: uploadsOf(policyA, refused, policyB), stale: true, crashes: 1}},
		{"KMS and the check refuse, and a put lands late", scenario{actions: uploadsOf(policyA, refused, typo), unknown: 1, crashes: 1}},
		{"the object is deleted", scenario{actions: []action{put(policyA), put(policyB), {do: deletes}}, stale: true, crashes: 1}},
		{"a put lands late or never", scenario{actions: ab, stale: true, crashes: 1, unknown: 1}},
		{"a put lands late among three uploads", scenario{actions: aba, unknown: 1}},
		{"a look from the sweep", scenario{actions: []action{put(policyA), {do: sweeps}, put(policyB)}, stale: true, crashes: 1, duplicates: 1}},
		{"somebody puts by hand", scenario{actions: []action{put(policyA), {putsByHand, foreign}, put(policyB)}, stale: true}},
		{"a request among uploads", scenario{actions: request, coarse: true, crashes: 1}},
		{"a request delivered twice", scenario{actions: request, duplicates: 1}},
		{"a request and a deletion", scenario{actions: []action{put(policyA), {requests, policyA}, {do: deletes}}, coarse: true, crashes: 1, duplicates: 1}},
	}
}

// deepBounds are explored on demand.
func deepBounds() []bound {
	ab := uploadsOf(policyA, policyB)
	request := []action{put(policyA), {requests, policyC}, put(policyB)}
	return []bound{
		{"two puts land late or never", scenario{actions: ab, stale: true, unknown: 2}},
		{"a late put, a crash and a duplicate", scenario{actions: ab, stale: true, crashes: 1, duplicates: 1, unknown: 1}},
		{"a late put among three uploads", scenario{actions: uploadsOf(policyA, policyB, policyA), stale: true, unknown: 1}},
		{"a late put and a deletion", scenario{actions: []action{put(policyA), put(policyB), {do: deletes}}, stale: true, crashes: 1, unknown: 1}},
		{"a late put and a sweep", scenario{actions: []action{put(policyA), {do: sweeps}, put(policyB)}, stale: true, crashes: 1, unknown: 1}},
		{"a late put and one by hand", scenario{actions: []action{put(policyA), {putsByHand, foreign}, put(policyB)}, stale: true, unknown: 1}},
		{"a request with everything", scenario{actions: request, stale: true, coarse: true, crashes: 1, duplicates: 1}},
	}
}

func TestOursKeepsEveryPromise(t *testing.T) {
	cases := bounds()
	if *deep {
		cases = append(cases, deepBounds()...)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			res := explore(ours(), c.scenario, promised)
			t.Logf("%d states, %d ways to be at rest", res.states, len(res.rests))
			if res.broken != 0 {
				t.Errorf("broken: %v\n%s", res.broken, strings.Join(res.trace, "\n"))
			}
		})
	}
}

func TestEachWrongProtocolHasACounterexample(t *testing.T) {
	for _, c := range wrongProtocols() {
		t.Run(c.name, func(t *testing.T) {
			requireCounterexample(t, c, promised)
			if res := explore(ours(), c.scenario, promised); res.broken != 0 {
				t.Errorf("ours breaks there too: %v", res.broken)
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

func requireCounterexample(t *testing.T, c counterexample, watched promise) {
	t.Helper()
	res := explore(c.protocol, c.scenario, watched)
	if res.broken != c.against {
		t.Fatalf("broken: %q after %d states; want %q", res.broken, res.states, c.against)
	}
	t.Logf("broken: %v\n%s", res.broken, strings.Join(res.trace, "\n"))
}

func TestARemedyMakesAPromiseOfALimit(t *testing.T) {
	for _, l := range limits() {
		if l.remedy == 0 {
			continue
		}
		t.Run(l.against.String(), func(t *testing.T) {
			p := protocol{added: l.remedy}
			typoToo := l.scenario
			typoToo.actions = append(typoToo.actions, put(typo))
			for _, sc := range []scenario{l.scenario, typoToo} {
				if res := explore(p, sc, promised|l.against); res.broken != 0 {
					t.Errorf("broken: %v\n%s", res.broken, strings.Join(res.trace, "\n"))
				}
			}
		})
	}
}

func TestEveryRuleIsNeeded(t *testing.T) {
	var needed rule
	for _, c := range wrongProtocols() {
		needed |= c.protocol.broken
	}
	for _, l := range limits() {
		needed |= l.protocol.broken
	}
	if needed != allRules {
		t.Errorf("no counterexample without rules %b", allRules&^needed)
	}
}

func TestFromEveryStateThereIsAWayToRest(t *testing.T) {
	late := scenario{actions: uploadsOf(policyA, policyB), stale: true, unknown: 1}
	typos := scenario{actions: uploadsOf(policyA, typo, policyB), stale: true, crashes: 1}
	for _, sc := range []scenario{late, typos} {
		if res := explore(ours(), sc, promised|comesToRest); res.broken != 0 {
			t.Errorf("broken: %v\n%s", res.broken, strings.Join(res.trace, "\n"))
		}
	}
}

// The explorer takes some steps at once and does not tell the workers apart.
// Walking through every single state instead must come to the same ends.
func TestTheShortcutsHideNoOutcome(t *testing.T) {
	for _, p := range []protocol{ours(), {broken: reReads}} {
		sc := scenario{actions: uploadsOf(policyA, policyB), stale: true, crashes: 1}
		short := &machine{protocol: p, scenario: sc}
		long := &machine{protocol: p, scenario: sc, plain: true, named: true}
		got, want := short.explore(), long.explore()
		t.Logf("%d states instead of %d", got.states, want.states)
		if !maps.Equal(got.rests, want.rests) {
			t.Errorf("at rest: %v; want %v", got.rests, want.rests)
		}
	}
}

func TestTheStepsAreNamed(t *testing.T) {
	got := fmt.Sprint(Steps())
	want := "[ReadObject Check ReadInForce KeepHistory Put ReReadObject Prove Report Acknowledge StoreRequest Compare]"
	if got != want {
		t.Errorf("steps: %s; want %s", got, want)
	}
}
