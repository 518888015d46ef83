package keypolicy_test

import (
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// What is proven of the actions of the table is not proven of those that it does
// not have.
func TestActionsBeyondTheTableAreUndecided(t *testing.T) {
	app := func(effect string, actions ...string) string {
		return `{"Effect": "` + effect + `", "Principal": {"AWS": "arn:aws:iam::111122223333:role/App"}, "Action": ["` + strings.Join(actions, `", "`) + `"], "Resource": "*"}`
	}
	var letters []string
	for c := 'A'; c <= 'Z'; c++ {
		letters = append(letters, "kms:"+string(c)+"*")
	}
	for name, c := range map[string]struct {
		old, new string
		reason   string // "" where it is proven
	}{
		"an unknown action":                {proveRoot, proveRoot + "," + strings.Replace(app("Allow", "kms:NewAction"), `{"AWS": "arn:aws:iam::111122223333:role/App"}`, `"*"`, 1), "kms:NewAction is unknown"},
		"one that was there before":        {app("Allow", "kms:newaction"), app("Allow", "kms:NewAction"), ""},
		"one that a pattern took in":       {app("Allow", "kms:New*", "kms:Decrypt"), app("Allow", "kms:NewAction"), ""},
		"one that is denied":               {proveRoot, proveRoot + "," + app("Allow", "kms:NewAction") + "," + app("Deny", "kms:*"), ""},
		"one whose Deny goes":              {app("Allow", "kms:*") + "," + app("Deny", "kms:NewAction"), app("Allow", "kms:*"), "kms:NewAction is unknown"},
		"a pattern of more than there are": {app("Allow", "kms:DescribeKey"), app("Allow", "kms:Describe*"), "kms:Describe* means"},
		"patterns for all become one":      {app("Allow", letters...), app("Allow", "kms:*"), "future actions"},
		"one becomes patterns for all":     {app("Allow", "kms:*"), app("Allow", letters...), ""},
		"a wider pattern":                  {app("Allow", "kms:ReEncrypt*"), app("Allow", "kms:ReE*"), "kms:ReE* means"},
		"a narrower pattern":               {app("Allow", "kms:ReE*"), app("Allow", "kms:ReEncrypt*"), ""},
		"the same beside another Deny":     {app("Allow", "kms:*") + "," + app("Deny", "kms:Put*"), app("Allow", "kms:*") + "," + app("Deny", "kms:Put*", "kms:Get*"), ""},
		"NotAction with another action":    {`{"Effect": "Allow", "Principal": "*", "NotAction": "kms:Decrypt", "Resource": "*"}`, `{"Effect": "Allow", "Principal": "*", "NotAction": ["kms:Decrypt", "kms:Get*"], "Resource": "*"}`, ""},
		"an action of another service":     {proveRoot, proveRoot + "," + app("Allow", "s3:GetObject"), ""},
	} {
		p := keypolicy.NoNewAccess(mustParse(t, statements(c.old)), mustParse(t, statements(c.new)), provenKey)
		if c.reason == "" && p.Verdict != keypolicy.Proven || c.reason != "" && (p.Verdict != keypolicy.Undecided || !strings.Contains(p.Reason, c.reason)) {
			t.Errorf("%s: %s %s %+v, want %q", name, p.Verdict, p.Reason, p.Witness, c.reason)
		}
	}
	within := mustParse(t, []byte(`{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}}]}`))
	for _, c := range []struct {
		principal string
		want      keypolicy.Verdict
	}{{"arn:aws:iam::444455556666:role/Partner", keypolicy.Undecided}, {"arn:aws:iam::111122223333:role/App", keypolicy.Proven}} {
		policy := mustParse(t, statements(strings.Replace(app("Allow", "kms:NewAction"), "arn:aws:iam::111122223333:role/App", c.principal, 1)))
		if p := keypolicy.Within(within, policy, provenKey); p.Verdict != c.want {
			t.Errorf("within a baseline, %s: %s %s, want %s", c.principal, p.Verdict, p.Reason, c.want)
		}
	}
}
