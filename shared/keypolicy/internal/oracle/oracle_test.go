package oracle_test

import (
	"fmt"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/oracle"
)

const key = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

// TestWhatAStatementIsAbout holds the oracle against IAM's documentation: names of
// actions are compared whatever their case, resources are not.
func TestWhatAStatementIsAbout(t *testing.T) {
	for element, want := range map[string]bool{
		`"Action": "kms:Decrypt", "Resource": "*"`:                           true,
		`"Action": "KMS:DECRYPT", "Resource": "` + key + `"`:                 true,
		`"Action": "kms:D?crypt", "Resource": "arn:aws:kms:*"`:               true,
		`"Action": "kms:Decrypt", "Resource": "ARN:aws:kms:*"`:               false,
		`"Action": "kms:Encrypt", "Resource": "*"`:                           false,
		`"NotAction": "KMS:decrypt", "Resource": "*"`:                        false,
		`"NotAction": "kms:Encrypt", "Resource": "*"`:                        true,
		`"Action": "kms:Decrypt", "NotResource": "arn:aws:kms:*"`:            false,
		`"Action": "kms:Decrypt", "NotResource": "ARN:aws:kms:*"`:            true,
		`"Action": ["kms:Encrypt", "kms:De*"], "Resource": ["x", "*:key/*"]`: true,
	} {
		p, err := oracle.Read(fmt.Sprintf(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", %s}]}`, element))
		if err != nil {
			t.Fatal(err)
		}
		r := &oracle.Request{Principal: "arn:aws:iam::444455556666:role/App", Action: "kms:Decrypt", Resource: key, Own: "111122223333", IAM: true}
		if got := p.Allows(r); got != want {
			t.Errorf("%s: %t", element, got)
		}
	}
}
