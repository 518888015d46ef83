package oracle_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/oracle"
)

// TestWhatAConditionSays holds the oracle against IAM's documentation where a value is
// not of the kind that the operator compares.
func TestWhatAConditionSays(t *testing.T) {
	for _, c := range []struct {
		condition, value string
		want             bool
	}{
		{`"NumericLessThan": {"vendor:n": "5"}`, "4", true},
		{`"NumericLessThan": {"vendor:n": "5"}`, "none", false},
		{`"NumericLessThan": {"vendor:n": "five"}`, "-1", false},
		{`"NumericNotEquals": {"vendor:n": "5"}`, "none", true},
		{`"NumericGreaterThan": {"vendor:n": "5"}`, "5", false},
		{`"NumericGreaterThanEquals": {"vendor:n": "5"}`, "5", true},
		{`"NumericLessThan": {"vendor:n": "5"}`, "5", false},
		{`"NumericLessThanEquals": {"vendor:n": "5"}`, "5", true},
		{`"DateLessThan": {"vendor:n": "2026-01-01"}`, "2025-01-01T00:00:00Z", true},
		{`"DateLessThan": {"vendor:n": "2026-01-01"}`, "none", false},
		{`"DateGreaterThan": {"vendor:n": "never"}`, "2025-01-01T00:00:00Z", false},
		{`"IpAddress": {"vendor:n": "10.0.0.0/8"}`, "10.1.2.3", true},
		{`"IpAddress": {"vendor:n": "10.0.0.0/8"}`, "11.1.2.3", false},
		{`"IpAddress": {"vendor:n": "10.0.0.0/8"}`, "none", false},
		{`"IpAddress": {"vendor:n": "10.0.0.0/33"}`, "10.1.2.3", false},
		{`"IpAddress": {"vendor:n": "nowhere"}`, "10.1.2.3", false},
		{`"IpAddress": {"vendor:n": "0.0.0.0/0"}`, "2001:db8::1", false},
		{`"IpAddress": {"vendor:n": "::/0"}`, "10.1.2.3", false},
		{`"Bool": {"vendor:n": "TRUE"}`, "true", true},
		{`"Bool": {"vendor:n": "yes"}`, "yes", false},
		{`"ArnLike": {"vendor:n": "arn:aws:s3:::*"}`, "arn:aws:s3:::a", true},
		{`"ArnLike": {"vendor:n": "arn:aws:s3:::*"}`, "a", false},
		{`"ArnLike": {"vendor:n": "arn:*"}`, "arn:aws:s3:::a", false},
		{`"StringLike": {"vendor:n": "a${*}"}`, "a*", true},
		{`"StringLike": {"vendor:n": "a${*}"}`, "ab", false},
		{`"StringLike": {"vendor:n": "a${?}b"}`, "a?b", true},
		{`"StringLike": {"vendor:n": "a${?}b"}`, "acb", false},
		{`"StringEquals": {"vendor:n": "${$}{a}"}`, "${a}", true},
		{`"StringEquals": {"vendor:n": "${vendor:m}"}`, "", false},
		{`"StringEquals": {"vendor:n": "${vendor:m, 'x'}"}`, "x", true},
	} {
		p, err := oracle.Read(fmt.Sprintf(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": {%s}}]}`, c.condition))
		if err != nil {
			t.Fatal(err)
		}
		r := &oracle.Request{Principal: "arn:aws:iam::444455556666:role/App", Action: "kms:Decrypt", Resource: key, Own: "111122223333", IAM: true, Context: map[string][]string{"vendor:n": {c.value}}}
		if got := p.Allows(r); got != c.want {
			t.Errorf("%s of %s: %t", c.condition, c.value, got)
		}
	}
}

// TestWhomNotPrincipalLeavesOut lists an account, a role and its session, or less.
func TestWhomNotPrincipalLeavesOut(t *testing.T) {
	const account, role, session = `"444455556666"`, `"arn:aws:iam::444455556666:role/App"`, `"arn:aws:sts::444455556666:assumed-role/App/eva"`
	for _, c := range []struct {
		listed string
		spared bool
		want   bool
	}{
		{account + "," + role + "," + session, false, false},
		{account + "," + role, false, true},
		{account + "," + role, true, false},
		{account, true, true},
		{role + "," + session, false, true},
	} {
		p, err := oracle.Read(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "NotPrincipal": {"AWS": [` + c.listed + `]}, "Action": "kms:Decrypt", "Resource": "*"}]}`)
		if err != nil {
			t.Fatal(err)
		}
		r := &oracle.Request{Principal: strings.Trim(session, `"`), Action: "kms:Decrypt", Resource: key, Own: "111122223333", IAM: true, Spared: c.spared, Context: map[string][]string{"aws:principalarn": {strings.Trim(role, `"`)}}}
		if got := p.Allows(r); got != c.want {
			t.Errorf("all but %s, spared %t: %t", c.listed, c.spared, got)
		}
	}
	// A user has two names, whatever is said of sessions.
	p, _ := oracle.Read(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "NotPrincipal": {"AWS": ["444455556666"]}, "Action": "kms:Decrypt", "Resource": "*"}]}`)
	for _, spared := range []bool{false, true} {
		if r := (&oracle.Request{Principal: "arn:aws:iam::444455556666:user/eva", Action: "kms:Decrypt", Resource: key, Own: "111122223333", IAM: true, Spared: spared}); !p.Allows(r) {
			t.Errorf("a user beside its account is left out, spared %t", spared)
		}
	}
}

// TestWhoAFederatedPrincipalIs is about the session of a role that a provider signed in.
func TestWhoAFederatedPrincipalIs(t *testing.T) {
	const role, session = "arn:aws:iam::444455556666:role/App", "arn:aws:sts::444455556666:assumed-role/App/eva"
	p, err := oracle.Read(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Federated": "accounts.google.com"}, "Action": "kms:Decrypt", "Resource": "*"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		principal string
		context   map[string][]string
		want      bool
	}{
		{session, map[string][]string{"aws:principalarn": {role}, "aws:federatedprovider": {"accounts.google.com"}}, true},
		{session, map[string][]string{"aws:principalarn": {role}, "aws:federatedprovider": {"www.amazon.com"}}, false},
		{session, map[string][]string{"aws:principalarn": {role}}, false},
		{"arn:aws:iam::444455556666:user/eva", map[string][]string{"aws:principalarn": {"arn:aws:iam::444455556666:user/eva"}, "aws:federatedprovider": {"accounts.google.com"}}, false},
	} {
		r := &oracle.Request{Principal: c.principal, Action: "kms:Decrypt", Resource: key, Own: "111122223333", IAM: true, Context: c.context}
		if got := p.Allows(r); got != c.want {
			t.Errorf("%s with %v: %t", c.principal, c.context, got)
		}
	}
}
