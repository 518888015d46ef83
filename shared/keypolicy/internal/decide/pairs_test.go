package decide_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/effort"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/oracle"
)

// pairsVariable names the environment variable with the number of random pairs
// to try; without it a few thousand are.
const pairsVariable = "KEYSMITH_DECIDE_PAIRS"

func pairs(usual int) int {
	if n, err := strconv.Atoi(os.Getenv(pairsVariable)); err == nil {
		return n
	}
	return effort.Of(usual*30, usual, usual/10)
}

func TestRandomPairsAreDecidedAsTheOracleSees(t *testing.T) {
	const usual, samples = 3000, 40
	count := map[decide.Verdict]int{}
	reasons := map[string]int{}
	for seed := range pairs(usual) {
		p := tryPair(t, uint64(seed), samples)
		count[p.Verdict]++
		if p.Verdict == decide.Undecided {
			reasons[p.Reason]++
			if strings.Contains(p.Reason, "confirmed") {
				t.Errorf("seed %d: %s", seed, p.Reason)
			}
		}
		if t.Failed() {
			return
		}
	}
	t.Log(count, reasons)
	if count[decide.Proven] == 0 || count[decide.Refuted] == 0 {
		t.Errorf("the pairs are too much alike: %v", count)
	}
}

// tryPair decides one pair, and holds the answer against the oracle.
func tryPair(t *testing.T, seed uint64, samples int) decide.Proof {
	t.Helper()
	g := generator{rand.New(rand.NewPCG(seed, 1))}
	newer := g.document()
	older := g.document()
	if g.chance(70) {
		older = g.neighbour(newer)
	}
	w := world{org: pick(g, []string{"o-aaaaaaaaaa", "o-cccccccccc"}), spec: pick(g, []string{"SYMMETRIC_DEFAULT", "RSA_4096"}), region: "us-east-1"}
	facts := decide.Facts{Account: ownAccount, Region: w.region, ID: ownKey[len(ownKey)-36:]}
	if g.chance(70) {
		facts.Org, facts.Spec = w.org, w.spec
	}
	s := decide.NewSpace(facts, decide.NewBudget())
	a, b := s.Compile(newer.policy()), s.Compile(older.policy())
	p := s.Ask(&decide.Question{Allowed: []*decide.Compiled{a}, Refused: []*decide.Compiled{b}})
	check(t, seed, newer, older, w, g, &p, samples)
	return p
}

func check(t *testing.T, seed uint64, newer, older *document, w world, g generator, p *decide.Proof, samples int) {
	t.Helper()
	newText, _ := json.Marshal(newer)
	oldText, _ := json.Marshal(older)
	is, err := oracle.Read(string(newText))
	if err != nil {
		t.Fatal(err)
	}
	was, err := oracle.Read(string(oldText))
	if err != nil {
		t.Fatal(err)
	}
	switch p.Verdict {
	case decide.Refuted:
		r := replay(p, w)
		if r.Spared = g.chance(50); !is.Allows(r) || was.Allows(r) {
			found, _ := json.Marshal(p)
			t.Errorf("seed %d: the witness does not replay (new allows %t, old allows %t)\nnew %s\nold %s\n%s\n%+v", seed, is.Allows(r), was.Allows(r), newText, oldText, found, r)
		}
	case decide.Proven:
		s := newSampler(g, w, newer, older)
		for range samples {
			if r := s.request(); is.Allows(r) && !was.Allows(r) {
				t.Errorf("seed %d: called proven, but this is new\nnew %s\nold %s\n%+v", seed, newText, oldText, r)
				return
			}
		}
	}
}

// TestPrincipalsAreDecidedExactly leaves out conditions, so that the requests that
// differ can all be put to the oracle.
func TestPrincipalsAreDecidedExactly(t *testing.T) {
	const usual = 300
	count := map[decide.Verdict]int{}
	for seed := range pairs(usual) {
		g := generator{rand.New(rand.NewPCG(uint64(seed), 2))}
		newer := g.document()
		for _, s := range newer.Statement {
			delete(s, "Condition")
		}
		older := g.neighbour(newer)
		for _, s := range older.Statement {
			delete(s, "Condition")
		}
		s := decide.NewSpace(knownKey, decide.NewBudget())
		p := s.Ask(&decide.Question{Allowed: []*decide.Compiled{s.Compile(newer.policy())}, Refused: []*decide.Compiled{s.Compile(older.policy())}})
		count[p.Verdict]++
		if p.Verdict == decide.Undecided && strings.Contains(p.Reason, "both ways") {
			continue
		}
		if want := anyIsNew(t, newer, older); want != (p.Verdict == decide.Refuted) {
			newText, _ := json.Marshal(newer)
			oldText, _ := json.Marshal(older)
			t.Fatalf("seed %d: %s, and the oracle finds a new request: %t\nnew %s\nold %s\n%+v", seed, p.Verdict, want, newText, oldText, p.Witness)
		}
	}
	t.Log(count)
	if count[decide.Proven] == 0 || count[decide.Undecided] > count[decide.Refuted]/4 || count[decide.Refuted] == 0 {
		t.Errorf("the pairs are too much alike: %v", count)
	}
}

// anyIsNew asks the oracle about a request of every class of callers.
func anyIsNew(t *testing.T, newer, older *document) bool {
	t.Helper()
	newText, _ := json.Marshal(newer)
	oldText, _ := json.Marshal(older)
	is, err := oracle.Read(string(newText))
	if err != nil {
		t.Fatal(err)
	}
	was, err := oracle.Read(string(oldText))
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range callers {
		for _, action := range sampleActions {
			for i := range 4 {
				r := &oracle.Request{Principal: who, Action: action, Resource: ownKey, Own: ownAccount, IAM: i%2 == 0 || !strings.Contains(who, ownAccount), Context: map[string][]string{}}
				if i < 2 {
					r.Context["aws:federatedprovider"] = []string{"cognito-identity.amazonaws.com"}
				}
				identify(r, world{"o-aaaaaaaaaa", "SYMMETRIC_DEFAULT", "us-east-1"})
				if is.Allows(r) && !was.Allows(r) {
					return true
				}
			}
		}
	}
	return false
}

// TestPairsThatWereDecidedBadly holds seeds with which something was found.
func TestPairsThatWereDecidedBadly(t *testing.T) {
	for seed, what := range map[uint64]string{
		59051: "a variable for any account under an operator without wildcards",
		69966: "values that were found before a doubt",
	} {
		if p := tryPair(t, seed, 200); strings.Contains(p.Reason, "confirmed") {
			t.Errorf("seed %d (%s): %s", seed, what, p.Reason)
		}
	}
}
