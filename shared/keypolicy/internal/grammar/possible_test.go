package grammar_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/grammar"
)

// TestWhichValuesARequestCouldHave asks of each value whether its form lets a request
// have it.
func TestWhichValuesARequestCouldHave(t *testing.T) {
	digest := strings.Repeat("0123456789abcdEF", 6)
	for _, c := range []struct {
		operator, key, value string
		want                 bool
	}{
		{"StringEquals", "aws:PrincipalAccount", "111122223333", true},
		{"StringEquals", "kms:CallerAccount", "11112222333", false},
		{"StringLike", "aws:SourceAccount", "1111*", true},
		{"StringEquals", "aws:SourceAccount", "1111*", false},
		{"StringNotEquals", "aws:PrincipalAccount", "${aws:ResourceAccount}", true},
		{"StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5", true},
		{"StringEquals", "aws:SourceOrgID", "o-A1B2C3D4E5", false},
		{"ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/", true},
		{"ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5", false},
		{"ForAnyValue:StringEquals", "aws:SourceOrgPaths", "x/o-a1b2c3d4e5/", false},
		{"StringEquals", "aws:SourceVpc", "vpc-12345678", true},
		{"StringEquals", "aws:SourceVpc", "vpce-12345678", false},
		{"StringEquals", "aws:SourceVpce", "vpce-12345678", true},
		{"StringEquals", "aws:SourceVpce", "vpc-12345678", false},
		{"StringEquals", "kms:RequestAlias", "alias/app", true},
		{"StringEquals", "kms:RequestAlias", "app", false},
		{"StringEquals", "kms:ViaService", "s3.eu-west-1.amazonaws.com", true},
		{"StringEquals", "kms:ViaService", "s3.*.amazonaws.com", false},
		{"ArnEquals", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/App", true},
		{"ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*", true},
		{"StringEquals", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*", false},
		{"ArnEquals", "aws:PrincipalArn", "arn:aws:iam::1111:role/App", false},
		{"ArnEquals", "aws:PrincipalArn", "App", false},
		{"StringEqualsIgnoreCase", "kms:RecipientAttestation:PCR0", digest, true},
		{"StringEquals", "kms:RecipientAttestation:PCR0", digest[1:], false},
		{"StringEquals", "kms:RecipientAttestation:PCR0", "g" + digest[1:], false},
		{"StringEquals", "kms:KeySpec", "RSA_2048", true},
		{"StringEquals", "kms:KeySpec", "rsa_2048", false},
		{"StringEqualsIgnoreCase", "kms:KeySpec", "rsa_2048", true},
		{"StringLike", "kms:KeySpec", "RSA_*", true},
		{"StringEquals", "kms:KeySpec", "RSA_*", false},
		{"StringLike", "kms:KeySpec", "rsa_*", false},
		{"IpAddress", "aws:SourceIp", "203.0.113.0/24", true},
		{"IpAddress", "aws:SourceIp", "10.0.0.0/7", true},
		{"IpAddress", "aws:SourceIp", "10.0.0.0/8", false},
		{"IpAddress", "aws:SourceIp", "10.9.8.7", false},
		{"IpAddress", "aws:SourceIp", "x", false},
		{"IpAddress", "aws:VpcSourceIp", "10.0.0.0/8", true},
		{"NumericEquals", "aws:MultiFactorAuthAge", "5", true},
		{"NumericEquals", "aws:MultiFactorAuthAge", "five", false},
		{"DateLessThan", "aws:CurrentTime", "2026-01-01", true},
		{"DateLessThan", "aws:CurrentTime", "then", false},
		{"Bool", "aws:ViaAWSService", "TRUE", true},
		{"Bool", "aws:ViaAWSService", "yes", false},
		{"Null", "aws:SourceVpc", "anything", true},
		{"StringEquals", "kms:EncryptionContext:app", "*", true},
	} {
		value, err := json.Marshal(c.value)
		if err != nil {
			t.Fatal(err)
		}
		var p document.Policy
		document.Read([]byte(`{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {"`+c.operator+`": {"`+c.key+`": `+string(value)+`}}}}`), document.MaxSize, &p)
		if got := grammar.Possible(&p.Statements[0].Conditions[0], c.value); got != c.want {
			t.Errorf("%s on %s: %q is possible: %v", c.operator, c.key, c.value, got)
		}
	}
}
