package decide_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/oracle"
)

// What is said of access is what the oracle sees: every request that only one of
// two policies allows is reported for its caller, and each difference has a request.
func TestRandomDifferencesAreThoseThatTheOracleSees(t *testing.T) {
	const usual, samples = 600, 40
	told, seen := 0, 0
	for seed := range pairs(usual) {
		g := generator{rand.New(rand.NewPCG(uint64(seed), 3))}
		newer := g.document()
		older := g.neighbour(newer)
		w := world{"o-aaaaaaaaaa", "SYMMETRIC_DEFAULT", "us-east-1"}
		facts := decide.Facts{Account: ownAccount, Region: w.region, ID: ownKey[len(ownKey)-36:], Org: w.org, Spec: w.spec}
		s := decide.NewSpace(facts, decide.NewBudget())
		list := s.Beyond(s.Compile(newer.policy()), s.Compile(older.policy()))
		newText, oldText := text(t, newer), text(t, older)
		is, was := readOracle(t, newText), readOracle(t, oldText)
		for _, d := range list {
			if d.Witness == nil {
				continue
			}
			told++
			for _, byName := range [...]bool{false, true} {
				r := replay(&decide.Proof{Witness: d.Witness, ByName: byName}, w)
				if is.Allows(r) && !was.Allows(r) {
					break
				}
				if byName {
					t.Fatalf("seed %d: told, but not so: %+v %+v\nnew %s\nold %s", seed, d, *d.Witness, newText, oldText)
				}
			}
		}
		sampler := newSampler(g, w, newer, older)
		for range samples {
			r := sampler.request()
			if !is.Allows(r) || was.Allows(r) {
				continue
			}
			if seen++; !tells(list, r) {
				t.Fatalf("seed %d: this is new, and nothing is told of it: %+v\n%+v\nnew %s\nold %s", seed, r, list, newText, oldText)
			}
		}
	}
	t.Log(told, seen)
	if told == 0 || seen == 0 {
		t.Error("the pairs are too much alike")
	}
}

func text(t *testing.T, d *document) string {
	t.Helper()
	out, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// tells reports whether a list of differences has the request's caller, or what
// it belongs to.
func tells(list []decide.Difference, r *oracle.Request) bool {
	action, _ := catalog.Match(r.Action)
	parts := strings.Split(r.Principal+":::::", ":")
	role := ""
	if session, ok := strings.CutPrefix(parts[5], "assumed-role/"); ok {
		role, _, _ = strings.Cut(session, "/")
	}
	for _, d := range list {
		if d.Actions&action == 0 || d.IAM && !r.IAM {
			continue
		}
		switch {
		case d.Who == "*", d.Who == r.Principal, d.Who == "arn:aws:iam::"+parts[4]+":root",
			role != "" && strings.HasPrefix(d.Who, "arn:aws:iam::"+parts[4]+":role/") && strings.HasSuffix(d.Who, "/"+role):
			return true
		}
	}
	return false
}
