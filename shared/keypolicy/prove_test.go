package keypolicy_test

import (
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

func TestBaselinesAreProvenOfPoliciesInsideAndRefutedOfOthers(t *testing.T) {
	key := keypolicy.Key{Account: ownAccount, Region: "eu-west-1", ID: "1234abcd-12ab-34cd-56ef-1234567890ab", Org: "o-a1b2c3d4e5"}
	for _, b := range baselines(t) {
		within := mustParse(t, b.text)
		if p := keypolicy.Within(within, mustParse(t, b.passes), key); p.Verdict != keypolicy.Proven {
			t.Errorf("%s: a policy inside is %s: %s %+v", b.name, p.Verdict, p.Reason, p.Witness)
		}
		if len(b.fails) == 0 {
			continue
		}
		p := keypolicy.Within(within, mustParse(t, b.fails), key)
		if p.Verdict == keypolicy.Undecided && (strings.Contains(p.Reason, "aws:ResourceTag/") || strings.Contains(p.Reason, "aws:ResourceOrgPaths")) {
			continue // the baseline asks for facts of the key that are not known here
		}
		if p.Verdict != keypolicy.Refuted {
			t.Errorf("%s: a policy outside is %s: %s", b.name, p.Verdict, p.Reason)
			continue
		}
		r := request{principal: p.Witness.Principal, action: p.Witness.Action, resource: ownKey, context: map[string]string{}}
		for k, v := range p.Witness.Context {
			if text, one := v.(string); one {
				r.context[strings.ToLower(k)] = text
			}
		}
		if !allowedByPolicy(facts(b.fails), r) || !b.refuses(r) {
			t.Errorf("%s: the witness %+v does not replay: the policy allows it: %t; the baseline refuses it: %t", b.name, *p.Witness, allowedByPolicy(facts(b.fails), r), b.refuses(r))
		}
	}
}

func mustParse(t *testing.T, text []byte) *keypolicy.Policy {
	t.Helper()
	p, findings := keypolicy.Parse(text)
	if p == nil || p.Opaque() {
		t.Fatalf("%s: %v", text, findings)
	}
	return p
}
