package decide_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
)

// TestTheSmallestRequestIsShown asks for a request that a statement allows, and
// looks at every word of it.
func TestTheSmallestRequestIsShown(t *testing.T) {
	for name, c := range map[string]struct{ who, conditions, want string }{
		"between two patterns": {
			appRole, `"StringLike": {"vendor:k": ["a*b", "cccc"]}, "ForAnyValue:StringLike": {"vendor:k": ["*x*b", "cccc"]}`,
			`{"vendor:k":"axb"}`,
		},
		"whatever is excluded": {
			appRole, `"StringLike": {"vendor:k": ["a*b", "cccc"]}, "ForAnyValue:StringLike": {"vendor:k": ["*x*b", "cccc"]}, "StringNotEquals": {"vendor:k": "zzzzzzzz"}`,
			`{"vendor:k":"axb"}`,
		},
		"a text rather than an empty one": {
			appRole, `"StringNotLike": {"vendor:k": ["a", "b"]}, "Null": {"vendor:k": "false"}`,
			`{"vendor:k":"c"}`,
		},
		"the last second that has a date": {
			appRole, `"DateEquals": {"aws:CurrentTime": "253402300799"}`,
			`{"aws:CurrentTime":"9999-12-31T23:59:59Z"}`,
		},
		"the first second that has a date": {
			appRole, `"NumericEquals": {"aws:EpochTime": "-62135596800"}, "DateLessThan": {"aws:CurrentTime": "2000"}`,
			`{"aws:CurrentTime":"0001-01-01T00:00:00Z","aws:EpochTime":"-62135596800"}`,
		},
		"nothing but an empty text": {
			appRole, `"StringNotLike": {"vendor:k": "?*"}, "Null": {"vendor:k": "false"}`,
			`{"vendor:k":""}`,
		},
		"beside many values that are none": {
			appRole, `"StringLike": {"vendor:k": "a*"}, "StringNotEquals": {"vendor:k": ["a", "b", "c", "d", "e", "f", "g", "h", "i"]}, "StringNotLike": {"vendor:k": ["a?", "*b"]}`,
			`{"vendor:k":"ajj"}`,
		},
	} {
		s := decide.NewSpace(knownKey, decide.NewBudget())
		p := s.Ask(&decide.Question{Allowed: []*decide.Compiled{s.Compile(readPolicy(t, policyOf(conditioned(c.who, "kms:Decrypt", c.conditions))))}, Callers: decide.IAMAllows})
		got := fmt.Sprint(p.Verdict, " ", p.Reason)
		if p.Witness != nil {
			context, err := json.Marshal(p.Witness.Context)
			if err != nil {
				t.Fatal(err)
			}
			got = string(context)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestARequestHasTheLikeliestValues asks for a request with a key, and for one whose
// value is another than that.
func TestARequestHasTheLikeliestValues(t *testing.T) {
	for _, c := range []struct{ who, operator, key, first, second string }{
		{appRole, "String", "kms:ViaService", "s3.us-east-1.amazonaws.com", "ec2.us-east-1.amazonaws.com"},
		{trail, "String", "aws:SourceOrgID", "o-0000000000", "o-1111111111"},
		{appRole, "String", "aws:SourceVpc", "vpc-00000000", "vpc-11111111"},
		{appRole, "String", "aws:SourceVpce", "vpce-00000000", "vpce-11111111"},
		{trail, "String", "aws:SourceAccount", "999999999999", "888888888888"},
		{trail, "Arn", "aws:SourceArn", "arn:aws:s3:::example", "arn:aws:s3:::another"},
		{appRole, "Date", "aws:TokenIssueTime", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z"},
		{appRole, "IpAddress", "aws:SourceIp", "203.0.113.1", "2001:db8::1"},
		{appRole, "Numeric", "aws:MultiFactorAuthAge", "0", "1"},
		{appRole, "String", "kms:EncryptionContext:app", "a", "b"},
		{appRole, "String", "aws:PrincipalTag/team", "a", "b"},
		{appRole, "Bool", "aws:MultiFactorAuthPresent", "false", "true"},
		{appRole, "String", "kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1"},
		{appRole, "String", "aws:userid", "AROA0000000000000000:session", "AROAa:a"},
		{aSession, "String", "aws:userid", "AROA0000000000000000:build", "AROAa:build"},
		{aUser, "String", "aws:userid", "AIDA0000000000000000", "AIDAa"},
	} {
		other := map[string]string{"Bool": "Bool", "IpAddress": "NotIpAddress"}[c.operator]
		value := c.first
		switch c.operator {
		case "Bool":
			value = "true"
		case "String", "Arn", "Date", "Numeric":
			other = c.operator + "NotEquals"
		}
		there := fmt.Sprintf(`"Null": {%q: "false"}`, c.key)
		for condition, want := range map[string]string{there: c.first, there + fmt.Sprintf(`, %q: {%q: %q}`, other, c.key, value): c.second} {
			p := never(t, c.who, "kms:Decrypt", condition, knownKey)
			if p.Witness == nil || p.Witness.Context[c.key] != want {
				t.Errorf("%s: %s, %+v, want %s", condition, p.Verdict, p.Witness, want)
			}
		}
	}
}

// TestAValueMayBeBeyondASCII excludes every character of ASCII.
func TestAValueMayBeBeyondASCII(t *testing.T) {
	var excluded []string
	for c := rune(1); c < 0x80; c++ {
		switch c {
		case '*', '?', '$':
			excluded = append(excluded, "*${"+string(c)+"}*")
		default:
			excluded = append(excluded, "*"+string(c)+"*")
		}
	}
	list, err := json.Marshal(excluded)
	if err != nil {
		t.Fatal(err)
	}
	p := never(t, appRole, "kms:Decrypt", `"StringLike": {"vendor:k": "?*"}, "StringNotLike": {"vendor:k": `+string(list)+`}`, knownKey)
	if p.Witness == nil || p.Witness.Context["vendor:k"] != "Ā" {
		t.Errorf("%s, %+v %s", p.Verdict, p.Witness, p.Reason)
	}
}
