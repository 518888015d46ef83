package repairspace

import (
	"strings"
	"testing"
)

// bounds are explored to their end.
func bounds() map[string]scenario {
	return map[string]scenario{
		"a put by hand, its event twice, reads are stale": {actions: []deed{uploads, widens}, workers: 2, stale: true, twice: 1},
		"a fight":                                 {actions: []deed{uploads, widens, widens, widens}, workers: 1, stale: true, twice: 1},
		"a fight, and a worker is killed":         {actions: []deed{uploads, widens, widens, widens}, workers: 1, crashes: 1},
		"a fight that outlasts a day":             {actions: []deed{uploads, widens, widens, widens, widens}, workers: 1, days: 1},
		"a removal":                               {actions: []deed{uploads, narrows, widens}, workers: 1, stale: true},
		"a hold under an upload":                  {actions: []deed{holds, uploads, releases}, workers: 2, crashes: 1},
		"a hold under drift":                      {actions: []deed{uploads, widens, holds, releases}, workers: 2},
		"an upload that expects":                  {actions: []deed{uploads, uploads}, workers: 2, stale: true, crashes: 1, expects: first},
		"an upload that expects, and a fighter":   {actions: []deed{uploads, widens, uploads}, workers: 1, stale: true, crashes: 1, expects: first},
		"the brake":                               {actions: []deed{uploads, uploads, widens}, workers: 2, tokens: 1},
		"an upload between the rounds of a fight": {actions: []deed{uploads, widens, uploads, widens}, workers: 1, stale: true},
	}
}

func TestOursKeepsEveryPromise(t *testing.T) {
	for name, sc := range bounds() {
		t.Run(name, func(t *testing.T) {
			res := explore(protocol{}, sc)
			if res.Broken != 0 {
				t.Fatalf("broken: %v\n%s", res.Broken, strings.Join(res.Trace, "\n"))
			}
			t.Logf("no counterexample in %d states", res.States)
		})
	}
}

// wrong are the protocols without one of the rules, and what breaks then.
func wrong() []struct {
	name   string
	broken rule
	scenario
	against promise
} {
	return []struct {
		name   string
		broken rule
		scenario
		against promise
	}{
		{"repair what is in sync", comparesFirst, scenario{actions: []deed{uploads, widens}, workers: 1, twice: 1}, leavesSync},
		{"repair what stale reads show", knowsThePast, scenario{actions: []deed{uploads, widens}, workers: 2, twice: 1, stale: true}, leavesSync},
		{"put over what it does not expect", expects, scenario{actions: []deed{uploads, widens, uploads}, workers: 1, expects: first}, replacesTheExpected},
		{"believe one read about what it expects", doubtsOneRead, scenario{actions: []deed{uploads, uploads}, workers: 1, stale: true, expects: first}, refusesTruly},
		{"fight for ever", countsRounds, scenario{actions: []deed{uploads, widens, widens, widens}, workers: 1}, endsFights},
		{"go on with a fight a day later", keepsContested, scenario{actions: []deed{uploads, widens, widens, widens}, workers: 1, days: 1}, staysContested},
		{"take a run that was killed for a round", tellsRoundsApart, scenario{actions: []deed{uploads, widens, widens}, workers: 1, crashes: 1}, fightsBack},
		{"repair a held key", readsHoldsLast, scenario{actions: []deed{uploads, widens, holds}, workers: 1}, keepsToHolds},
		{"forget what a hold refused", appliesAfterHolds, scenario{actions: []deed{holds, uploads, releases}, workers: 1}, converges},
		{"repair what only removes access", leavesRemovals, scenario{actions: []deed{uploads, narrows}, workers: 1}, leavesTheRest},
		{"refuse its own success when it comes again", expectsOnce, scenario{actions: []deed{uploads, uploads, widens}, workers: 1, crashes: 1, expects: first}, refusesOnce},
		{"acknowledge what the brake stops", handsBackBraked, scenario{actions: []deed{uploads, uploads}, workers: 1, tokens: 1}, converges},
		{"put without a token", takesTokens, scenario{actions: []deed{uploads, uploads}, workers: 1, tokens: 1}, keepsToTheBrake},
	}
}

func TestEveryRuleIsNeeded(t *testing.T) {
	var needed rule
	for _, c := range wrong() {
		needed |= c.broken
	}
	if needed != allRules {
		t.Errorf("no counterexample without rules %b", allRules&^needed)
	}
}

func TestEachWrongProtocolHasACounterexample(t *testing.T) {
	for _, c := range wrong() {
		t.Run(c.name, func(t *testing.T) {
			if ours := explore(protocol{}, c.scenario); ours.Broken != 0 {
				t.Fatalf("ours breaks %v\n%s", ours.Broken, strings.Join(ours.Trace, "\n"))
			}
			res := explore(protocol{c.broken}, c.scenario)
			if res.Broken != c.against {
				t.Fatalf("broken: %q after %d states; want %q\n%s", res.Broken, res.States, c.against, strings.Join(res.Trace, "\n"))
			}
			t.Logf("broken: %v\n%s", res.Broken, strings.Join(res.Trace, "\n"))
		})
	}
}
