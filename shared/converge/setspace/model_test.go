package setspace

import (
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/effort"
)

type bound struct {
	name string
	scenario
	large bool // there are more states than a brief run affords
}

// bounds are explored to their end in each run of the tests.
func bounds() []bound {
	return []bound{
		{"two uploads, two workers, a message twice", scenario{actions: []deed{uploads, uploads}, workers: 2, keys: 2, twice: 1}, true},
		{"two uploads, reads are stale", scenario{actions: []deed{uploads, uploads}, workers: 2, keys: 2, stale: true}, false},
		{"two uploads, reads are stale, and a killed worker", scenario{actions: []deed{uploads, uploads}, workers: 2, keys: 2, stale: true, crashes: 1}, true},
		{"an upload, and a worker is killed", scenario{actions: []deed{uploads}, workers: 2, keys: 3, stale: true, crashes: 1}, true},
		{"a replica that appears", scenario{actions: []deed{uploads, replicates}, workers: 1, keys: 2, stale: true, crashes: 1}, true},
		{"a replica that appears, and two workers", scenario{actions: []deed{uploads, replicates}, workers: 2, keys: 2}, true},
		{"a replica that appears between two uploads", scenario{actions: []deed{uploads, replicates, uploads}, workers: 1, keys: 2}, true},
		{"a replica that appears in a Region that is no target", scenario{actions: []deed{uploads, replicates}, workers: 1, keys: 2, stale: true, noTarget: true}, false},
		{"a Region that is down for a while", scenario{actions: []deed{uploads, goesDownThere, comesBack}, workers: 2, keys: 2}, false},
		{"the stack's Region is down for a while", scenario{actions: []deed{goesDownHere, uploads, comesBack}, workers: 1, keys: 3, stale: true}, false},
		{"a Region that refuses", scenario{actions: []deed{uploads, refusesThere, uploads}, workers: 1, keys: 3}, false},
		{"another primary", scenario{actions: []deed{uploads, changesPrimary, putsHere}, workers: 1, keys: 2, stale: true, crashes: 1}, false},
		{"somebody puts by hand", scenario{actions: []deed{uploads, putsThere}, workers: 2, keys: 2, stale: true}, false},
		{"somebody puts by hand between two uploads", scenario{actions: []deed{uploads, putsThere, uploads}, workers: 1, keys: 2, stale: true, crashes: 1}, false},
		{"drift of two keys, one of which ends", scenario{actions: []deed{uploads, putsHere, putsThere, putsBackThere}, workers: 1, keys: 2, sweeps: 2}, true},
		{"drift, and a new replica", scenario{actions: []deed{uploads, putsThere, replicates}, workers: 1, keys: 2, sweeps: 1}, true},
		{"drift, and a Region that is down", scenario{actions: []deed{uploads, putsThere, goesDownHere, comesBack}, workers: 1, keys: 2, sweeps: 2}, true},
		{"a role that vanishes, credentials that expire", scenario{actions: []deed{uploads, removesRole, deploysRole}, workers: 1, keys: 2, account: true, expires: 1, crashes: 1}, false},
		{"a key of another account in between", scenario{actions: []deed{uploadsElsewhere, uploads, uploadsElsewhere}, workers: 2, keys: 2, account: true, expires: 1}, false},
		{"refused for one key", scenario{actions: []deed{uploads, uploadsRefusedThere, uploads}, workers: 1, keys: 2, crashes: 1}, false},
		{"the object is deleted", scenario{actions: []deed{uploads, deletes}, workers: 2, keys: 2}, false},
		{"statuses that cannot be written", scenario{actions: []deed{uploads, putsThere}, workers: 1, keys: 2, losses: 2}, false},
	}
}

// deepBounds are for make test-full.
func deepBounds() []bound {
	return []bound{
		{"a replica that appears between two uploads, reads are stale", scenario{actions: []deed{uploads, replicates, uploads}, workers: 1, keys: 2, stale: true}, false},
		{"three uploads, and a killed worker", scenario{actions: []deed{uploads, uploads, uploads}, workers: 1, keys: 3, stale: true, crashes: 1, twice: 1}, true},
		{"a Region that is down, reads are stale", scenario{actions: []deed{uploads, goesDownThere, uploads, comesBack}, workers: 2, keys: 2, stale: true}, false},
		{"drift, a new replica and two workers", scenario{actions: []deed{uploads, putsThere, replicates}, workers: 2, keys: 2, stale: true}, true},
		{"a role that vanishes, and two workers", scenario{actions: []deed{uploads, removesRole, uploads, deploysRole}, workers: 2, keys: 2, account: true, expires: 1}, true},
		{"somebody puts by hand, and two workers", scenario{actions: []deed{uploads, putsThere, uploads}, workers: 2, keys: 2, stale: true}, true},
	}
}

func TestOursKeepsEveryPromise(t *testing.T) {
	cases := bounds()
	if effort.Full() {
		cases = append(cases, deepBounds()...)
	}
	for _, b := range cases {
		if b.large && effort.Brief() {
			continue
		}
		t.Run(b.name, func(t *testing.T) { requireNone(t, b.scenario) })
	}
}

func requireNone(t *testing.T, sc scenario) {
	t.Helper()
	res := explore(protocol{}, sc, true)
	if res.Broken != 0 {
		t.Fatalf("broken: %v\n%s", res.Broken, strings.Join(res.Trace, "\n"))
	}
	t.Logf("no counterexample in %d states, %d ways to be at rest", res.States, res.Rests)
}

// A wrong protocol is ours without one of its rules, and what breaks then.
type wrong struct {
	name   string
	broken rule
	scenario
	against promise
}

func wrongProtocols() []wrong {
	return []wrong{
		{"report after the primary key", waitsForAll, scenario{actions: []deed{uploads}, workers: 1, keys: 2}, tellsTrue},
		{"stop at the first Region that fails", triesEach, scenario{actions: []deed{refusesThere, uploads}, workers: 1, keys: 2}, leavesOthers},
		{"remember which keys there are", asksEachTime, scenario{actions: []deed{uploads, replicates}, workers: 1, keys: 2}, comesToRest},
		{"remember which keys there are, and miss a new one", asksEachTime | holdsEachView, scenario{actions: []deed{uploads, replicates}, workers: 1, keys: 2}, describes},
		{"believe one Region about which keys there are", holdsEachView, scenario{actions: []deed{uploads, replicates}, workers: 1, keys: 2, stale: true, noTarget: true}, putsInTargets},
		{"put where it is no target", keepsToTargets, scenario{actions: []deed{uploads}, workers: 1, keys: 3, noTarget: true}, putsInTargets},
		{"use any credentials that there are", callsAsTheAccount, scenario{actions: []deed{uploadsElsewhere, uploads}, workers: 1, keys: 2, account: true}, usesOwnCredentials},
		{"never replace credentials", renews, scenario{actions: []deed{uploads}, workers: 1, keys: 2, account: true, expires: 1}, comesToRest},
		{"acknowledge before the report", reportsFirst, scenario{actions: []deed{uploads}, workers: 1, keys: 2, crashes: 1}, answersEach},
		{"read the primary key to prove a replica", provesEach, scenario{actions: []deed{uploads, putsThere}, workers: 1, keys: 2}, tellsTrue},
		{"take a change of primary for drift", knowsThePrimary, scenario{actions: []deed{uploads, changesPrimary}, workers: 1, keys: 2}, driftIsReal},
		{"call in sync what has another version", tellsVersionsApart, scenario{actions: []deed{uploads, uploads}, workers: 1, keys: 2}, tellsTrue},
		{"call in sync what could not be read", tellsUnknownApart, scenario{actions: []deed{uploads, putsThere, goesDownHere, comesBack}, workers: 1, keys: 2}, tellsTrue},
		{"take a key that drifts for a new replica", coversDrift, scenario{actions: []deed{uploads, putsThere, replicates}, workers: 1, keys: 2, sweeps: 1}, leavesDrift},
		{"take a new replica for one that drifts", coversEach, scenario{actions: []deed{uploads, replicates}, workers: 1, keys: 2}, driftIsReal},
		{"give up what may pass", retries, scenario{actions: []deed{uploads, goesDownThere, comesBack}, workers: 1, keys: 2}, heals},
		{"put for one key what is refused for another", agreesFirst, scenario{actions: []deed{uploadsRefusedThere}, workers: 1, keys: 2}, putsTogether},
		{"compare what a killed worker may have undone", reminds, scenario{actions: []deed{uploads, putsHere, uploads}, workers: 2, keys: 1, crashes: 1}, comesToRest},
		{"remember the drift of one key only", remembersEach, scenario{actions: []deed{uploads, putsHere, putsAnotherThere}, workers: 1, keys: 2, sweeps: 2}, tellsOnce},
		{"end the drift of one key when another gets its policy", keepsOpenDrift, scenario{actions: []deed{uploads, putsThere, replicates}, workers: 1, keys: 2, sweeps: 1}, tellsOnce},
	}
}

func TestEachWrongProtocolHasACounterexample(t *testing.T) {
	for _, c := range wrongProtocols() {
		t.Run(c.name, func(t *testing.T) {
			requireNone(t, c.scenario)
			res := explore(protocol{c.broken}, c.scenario, c.against == comesToRest)
			if res.Broken != c.against {
				t.Fatalf("broken: %q after %d states; want %q\n%s", res.Broken, res.States, c.against, strings.Join(res.Trace, "\n"))
			}
			t.Logf("broken: %v\n%s", res.Broken, strings.Join(res.Trace, "\n"))
		})
	}
}

func TestEveryRuleIsNeeded(t *testing.T) {
	var needed rule
	for _, c := range wrongProtocols() {
		needed |= c.broken
	}
	if needed != allRules {
		t.Errorf("no counterexample without rules %b", allRules&^needed)
	}
}

func TestWhatIsNotPromisedCannotBe(t *testing.T) {
	res := explore(protocol{}, scenario{actions: []deed{uploads, refusesThere, uploads, replicates}, workers: 1, keys: 2, late: servesLate}, false)
	if res.Broken != servesLate {
		t.Errorf("broken: %v", res.Broken)
	}
}
