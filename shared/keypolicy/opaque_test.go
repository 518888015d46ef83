package keypolicy_test

import (
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// TestNothingIsKnownOfAnOpaquePolicy asks every question about a policy that two readers
// may understand differently: no answer is one that somebody could rely on.
func TestNothingIsKnownOfAnOpaquePolicy(t *testing.T) {
	text := `{"Version": "2012-10-17", "Statement": [` + proveRoot + `], "Statement": []}`
	opaque, _ := keypolicy.Parse([]byte(text))
	plain := mustParse(t, statements(proveRoot))
	if !opaque.Opaque() || plain.Opaque() {
		t.Fatal("the wrong one is opaque")
	}
	if keypolicy.SameText(text, text, "aws") || !keypolicy.SameText(string(statements(proveRoot)), string(statements(proveRoot, proveRoot)), "aws") {
		t.Error("what is the same is not told")
	}
	for _, caller := range []string{"arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:role/App"} {
		if got := opaque.StandingOf(caller, provenKey); got != keypolicy.Fails {
			t.Errorf("%s: %s", caller, got)
		}
	}
	if got := opaque.Repairers(provenKey); got != nil {
		t.Errorf("repaired by %v", got)
	}
	if holders, err := keypolicy.WhoCan("kms:Decrypt", opaque, provenKey); err == nil {
		t.Errorf("who can: %v", holders)
	}
	assertion := keypolicy.Assertion{Claim: keypolicy.Cannot, Who: []string{"444455556666"}, Actions: []string{"kms:Decrypt"}}
	assert := func(p *keypolicy.Policy) keypolicy.Proof {
		proof, err := keypolicy.Assert(&assertion, p, provenKey)
		if err != nil {
			t.Error(err)
		}
		return proof
	}
	for name, proof := range map[string]keypolicy.Proof{
		"as the new one":   keypolicy.NoNewAccess(plain, opaque, provenKey),
		"as the old one":   keypolicy.NoNewAccess(opaque, plain, provenKey),
		"as both":          keypolicy.NoNewAccess(opaque, opaque, provenKey),
		"in a baseline":    keypolicy.Within(plain, opaque, provenKey),
		"as a baseline":    keypolicy.Within(opaque, plain, provenKey),
		"with itself":      keypolicy.SamePermissions(opaque, opaque, provenKey),
		"by an assertion":  assert(opaque),
		"beside the other": keypolicy.SamePermissions(plain, opaque, provenKey),
	} {
		if proof.Verdict != keypolicy.Undecided || !strings.Contains(proof.Reason, "cannot be read in one way only") {
			t.Errorf("%s: %+v", name, proof)
		}
	}
	if proof := assert(plain); proof.Verdict != keypolicy.Proven {
		t.Errorf("the assertion about the other one: %+v", proof)
	}
	requirement := keypolicy.Requirement{Name: "a", File: "assertions.yaml", Line: 3, Assertion: &assertion}
	for name, p := range map[string]*keypolicy.Policy{"opaque": opaque, "none": nil} {
		if findings := requirement.Violations(p, provenKey); len(findings) > 0 {
			t.Errorf("%s: %v", name, findings)
		}
	}
}

// TestStandingTakesACallerOfTheKeysAccount asks about callers of whom a key policy
// cannot tell anything, and about a key of an account that is not known.
func TestStandingTakesACallerOfTheKeysAccount(t *testing.T) {
	root, app := mustParse(t, statements(proveRoot)), mustParse(t, statements(strings.Replace(appDecrypts(""), "kms:Decrypt", "kms:PutKeyPolicy", 1)))
	unknown := keypolicy.Key{Region: "eu-west-1"}
	for _, c := range []struct {
		policy *keypolicy.Policy
		caller string
		key    keypolicy.Key
		want   keypolicy.Standing
	}{
		{root, "arn:aws:iam::111122223333:root", provenKey, keypolicy.Keeps},
		{root, "arn:aws:iam::111122223333:role/App", provenKey, keypolicy.DependsOnIAM},
		{root, "arn:aws:iam::111122223333:role/App", unknown, keypolicy.DependsOnIAM},
		{root, "arn:aws:iam::444455556666:role/App", provenKey, keypolicy.Fails},
		{root, "arn:aws:iam::444455556666:role/App", unknown, keypolicy.Fails},
		{root, "App", provenKey, keypolicy.Fails},
		{root, "", unknown, keypolicy.Fails},
		{app, "arn:aws:iam::111122223333:role/App", provenKey, keypolicy.Keeps},
		{app, "arn:aws:iam::111122223333:role/App", unknown, keypolicy.Keeps},
		{app, "arn:aws:sts::111122223333:assumed-role/App/me", provenKey, keypolicy.Keeps},
		{app, "arn:aws:iam::111122223333:role/Other", provenKey, keypolicy.Fails},
	} {
		if got := c.policy.StandingOf(c.caller, c.key); got != c.want {
			t.Errorf("%q, of a key in %q: %s, want %s", c.caller, c.key.Account, got, c.want)
		}
	}
}
