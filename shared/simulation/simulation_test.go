package simulation

import (
	"github.com/keysmith/keysmith/shared/effort"
	"github.com/keysmith/keysmith/shared/functest"

	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
)

// Random runs: the real handler, twice, over one fake AWS, in a bubble of its
// own time. Every API call waits at a gate until the dice let it through, so
// that a seed is a schedule: the same seed is the same run, step by step.
//
// CHAOS_RUNS=100000 plays that many seeds, from CHAOS_FROM on; CHAOS_SEED=7 plays
// one and prints its history.

func TestRandomRunsKeepEveryPromise(t *testing.T) {
	if seed := number(t, "CHAOS_SEED", 0); seed != 0 {
		s := playSeed(t, seed, nil)
		t.Log(s.story())
		if len(s.broken) > 0 {
			t.Error(strings.Join(s.broken, "\n"))
		}
		return
	}
	runs := number(t, "CHAOS_RUNS", uint64(effort.Of(20_000, 220, 60))) //nolint:gosec // never negative
	from := number(t, "CHAOS_FROM", 1)
	shards := uint64(runtime.GOMAXPROCS(0)) //nolint:gosec // never negative
	for shard := range shards {
		t.Run("part "+strconv.FormatUint(shard+1, 10), func(t *testing.T) {
			t.Parallel()
			var all tally
			for seed := from + shard; seed < from+runs; seed += shards {
				s := playSeed(t, seed, nil)
				all.add(s)
				if len(s.broken) > 0 {
					t.Fatalf("%s\nThe last moves of seed %d:\n%s\nAll of it: CHAOS_SEED=%d go test -run RandomRuns ./shared/simulation -v",
						strings.Join(s.broken, "\n"), seed, s.story(), seed)
				}
			}
			all.enough(t)
		})
	}
}

func TestTheSameSeedIsTheSameRun(t *testing.T) {
	for seed := uint64(1); seed <= uint64(effort.Of(100, 20, 5)); seed++ { //nolint:gosec // never negative
		first, second := playSeed(t, seed, nil).story(), playSeed(t, seed, nil).story()
		if first != second {
			t.Fatalf("seed %d does not replay:\n%s", seed, firstDifference(first, second))
		}
	}
}

func firstDifference(a, b string) string {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			return strings.Join(as[max(0, i-5):i+1], "\n") + "\n--- or ---\n" + bs[i]
		}
	}
	return "one is longer than the other"
}

// playSeed plays one schedule to its end and returns what was seen.
func playSeed(t *testing.T, seed uint64, v variant) *sim {
	t.Helper()
	var s *sim
	synctest.Test(t, func(t *testing.T) {
		s = newSim(t, seed, v)
		s.run()
		s.stop()
	})
	return s
}

func number(t *testing.T, name string, unset uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return unset
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// longRun is how many events a long schedule has before it comes to rest: calls,
// faults, crashes, deliveries, and what the world does.
const longRun = 30

// tally counts what the runs came across, so that a change which makes them
// harmless is noticed.
type tally struct {
	runs, long, calls, puts, faults, kills, applied, rejected, failed, drift, byHand, dead int
}

func (a *tally) add(s *sim) {
	a.runs++
	if s.moved >= longRun {
		a.long++
	}
	a.calls += len(s.cloud.Calls())
	a.puts += len(s.cloud.KMS.Puts())
	a.faults += s.faults
	a.kills += s.kills
	a.dead += s.dead
	a.byHand += s.meddlings
	for _, e := range s.events() {
		switch word, _, _ := strings.Cut(functest.Say(e), " "); word {
		case "Applied":
			a.applied++
		case "Rejected":
			a.rejected++
		case "Failed":
			a.failed++
		case "Drift":
			a.drift++
		}
	}
}

func (a *tally) enough(t *testing.T) {
	t.Helper()
	t.Logf("%+v", *a)
	if a.runs < 100 {
		return
	}
	for what, n := range map[string]int{"puts": a.puts, "faults": a.faults, "kills": a.kills, "Applied": a.applied,
		"Rejected": a.rejected, "Failed": a.failed, "Drift Detected": a.drift, "changes by hand": a.byHand} {
		if n == 0 {
			t.Errorf("%d runs without any %s prove little", a.runs, what)
		}
	}
}
