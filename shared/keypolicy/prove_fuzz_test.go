package keypolicy_test

import (
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/oracle"
)

// FuzzTheDecisionTheOracleAndTheCanonicalFormAgree puts two texts to all three:
// policies with one canonical form allow the same, and a witness is what it says.
func FuzzTheDecisionTheOracleAndTheCanonicalFormAgree(f *testing.F) {
	var last []byte
	for _, file := range caseFiles(f) {
		if c := readCase(f, file); len(c.policy) < 4096 {
			f.Add(c.policy, last)
			last = c.policy
		}
	}
	f.Fuzz(func(t *testing.T, newText, oldText []byte) {
		newer, _ := keypolicy.Parse(newText)
		older, _ := keypolicy.Parse(oldText)
		if newer == nil || older == nil || newer.Opaque() || older.Opaque() {
			return
		}
		p := keypolicy.NoNewAccess(older, newer, provenKey)
		if newer.Canonical("aws").Equal(older.Canonical("aws")) && p.Verdict == keypolicy.Refuted {
			t.Fatalf("the canonical forms are equal, and yet %+v\nnew %s\nold %s", p.Witness, newText, oldText)
		}
		if again := keypolicy.NoNewAccess(newer, newer, provenKey); again.Verdict != keypolicy.Proven {
			t.Fatalf("more than itself: %s, %s\n%s", again.Verdict, again.Reason, newText)
		}
		if p.Verdict == keypolicy.Refuted {
			replays(t, &p, newText, oldText)
		}
	})
}

// replays puts a witness to the oracle.
func replays(t *testing.T, p *keypolicy.Proof, newText, oldText []byte) {
	t.Helper()
	is, err := oracle.Read(string(newText))
	was, err2 := oracle.Read(string(oldText))
	if err != nil || err2 != nil {
		return
	}
	r := witnessRequest(p)
	allowed, before, known := bothAllow(is, was, r)
	if known && (!allowed || before) {
		t.Fatalf("the witness does not replay (new allows: %t, old allows: %t): %+v\nnew %s\nold %s", allowed, before, p.Witness, newText, oldText)
	}
}

// bothAllow asks the oracle; false where a policy has what it does not know.
func bothAllow(is, was *oracle.Policy, r *oracle.Request) (now, before, known bool) {
	defer func() {
		if recover() != nil {
			known = false
		}
	}()
	return is.Allows(r), was.Allows(r), true
}

func witnessRequest(p *keypolicy.Proof) *oracle.Request {
	r := &oracle.Request{Principal: p.Witness.Principal, Action: p.Witness.Action, Own: ownAccount, IAM: !p.ByName, Context: map[string][]string{}}
	r.Resource = "arn:aws:kms:eu-west-1:111122223333:key/" + provenKey.ID
	for key, value := range p.Witness.Context {
		switch v := value.(type) {
		case string:
			r.Context[strings.ToLower(key)] = []string{v}
		case []string:
			r.Context[strings.ToLower(key)] = v
		}
	}
	if len(r.Context["aws:principalarn"]) == 0 && strings.HasPrefix(r.Principal, "arn:") {
		r.Context["aws:principalarn"] = []string{r.Principal}
	}
	return r
}
