package keypolicy_test

import (
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// TestNothingIsSaidOfAccessWhereOnePolicyCannotBeJudged has such a policy on either
// side, and none.
func TestNothingIsSaidOfAccessWhereOnePolicyCannotBeJudged(t *testing.T) {
	opaque, _ := keypolicy.Parse([]byte(`{"Version": "2012-10-17", "Statement": [], "Statemnt": []}`))
	plain := mustParse(t, statements(proveRoot))
	if !opaque.Opaque() || plain.Opaque() {
		t.Fatal("the policies are not what the test is about")
	}
	for _, c := range []struct {
		old, new *keypolicy.Policy
		some     bool
	}{{opaque, plain, false}, {plain, opaque, false}, {opaque, nil, false}, {nil, opaque, false}, {nil, plain, true}, {plain, nil, true}, {plain, plain, false}, {nil, nil, false}} {
		if got := keypolicy.CompareAccess(c.old, c.new, provenKey); (len(got) > 0) != c.some {
			t.Errorf("%v to %v: %v", c.old, c.new, got)
		}
	}
}

// TestWhatCannotBeReadInOneWayOnlyMakesAPolicyOpaque spoils one element of a policy at a
// time. What is only unwise is no reason.
func TestWhatCannotBeReadInOneWayOnlyMakesAPolicyOpaque(t *testing.T) {
	const policy = `{"Version": "2012-10-17", "Id": "a", "Statement": [{"Sid": "a", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}}]}`
	for _, c := range []struct {
		from, to string
		opaque   bool
	}{
		{"", "", false},
		{`"Version": "2012-10-17"`, `"Version": "2008-10-17"`, false},
		{`"Version": "2012-10-17", `, ``, false},
		{`"Version": "2012-10-17"`, `"Version": "2020-01-01"`, false},
		{`"Version": "2012-10-17"`, `"Version": 2012`, true},
		{`"Version": "2012-10-17"`, `"Version": "2012-10-17", "Wersion": "2012-10-17"`, true},
		{`"Id": "a"`, `"Id": 5`, true},
		{`"Id": "a"`, `"Id": "b"`, false},
		{`"Statement": [{`, `"Statement": [5, {`, true},
		{`"Sid": "a"`, `"Sid": ["a"]`, true},
		{`"Sid": "a"`, `"Sid": ""`, false},
		{`"Sid": "a"`, `"Sid": "a", "sid": "b"`, true},
		{`"Effect": "Allow", `, ``, true},
		{`"Effect": "Allow"`, `"Effect": "allow"`, true},
		{`"Effect": "Allow"`, `"Effect": true`, true},
		{`"Effect": "Allow"`, `"Effect": "Allow", "Effect": "Allow"`, true},
		{`{"AWS": "arn:aws:iam::111122223333:root"}`, `"*"`, false},
		{`{"AWS": "arn:aws:iam::111122223333:root"}`, `"arn:aws:iam::111122223333:root"`, true},
		{`{"AWS": "arn:aws:iam::111122223333:root"}`, `["arn:aws:iam::111122223333:root"]`, true},
		{`{"AWS": "arn:aws:iam::111122223333:root"}`, `5`, true},
		{`"AWS": "arn:aws:iam::111122223333:root"`, `"Aws": "arn:aws:iam::111122223333:root"`, true},
		{`"AWS": "arn:aws:iam::111122223333:root"`, `"AWS": [5]`, true},
		{`"AWS": "arn:aws:iam::111122223333:root"`, `"AWS": "root"`, false},
		{`"Principal"`, `"NotPrincipal"`, false},
		{`"Action": "kms:*"`, `"Action": {"a": "kms:*"}`, true},
		{`"Action": "kms:*"`, `"Action": "kms:*", "NotAction": "kms:*"`, true},
		{`"Action": "kms:*"`, `"Action": "kms:Decrpyt"`, false},
		{`"Resource": "*"`, `"Resource": 5`, true},
		{`"Resource": "*"`, `"Resource": "a"`, false},
		{`"Condition": {`, `"Condition": [{`, true},
		{`"Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}`, `"Condition": "a"`, true},
		{`"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}`, `"StringEquals": "a"`, true},
		{`"s3.eu-west-1.amazonaws.com"`, `{}`, true},
		{`"s3.eu-west-1.amazonaws.com"`, `["a", {}]`, true},
		{`"s3.eu-west-1.amazonaws.com"`, `"\ud800"`, true},
		{`"s3.eu-west-1.amazonaws.com"`, `"a", }`, true},
		{policy, "\ufeff" + policy, true},
		{policy, policy + " ", false},
		{policy, policy + " {}", true},
		{policy, "// a\n" + policy, true},
	} {
		text := policy
		if c.from != "" {
			if text = strings.Replace(policy, c.from, c.to, 1); text == policy {
				t.Fatalf("%s is not in the policy", c.from)
			}
		}
		p, findings := keypolicy.Parse([]byte(text))
		if got := p.Opaque(); got != c.opaque {
			t.Errorf("%s in place of %s: opaque is %t: %v", c.to, c.from, got, findings)
		}
	}
}
