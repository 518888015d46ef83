package facts_test

import (
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
)

// TestWhichResourceCouldBeTheKey differs from the key in one part at a time. What is not
// known of the key excludes nothing.
func TestWhichResourceCouldBeTheKey(t *testing.T) {
	known, unknown := facts.Key{Account: "111122223333", Region: "eu-west-1", ID: "1234abcd"}, facts.Key{}
	for resource, want := range map[string][2]bool{
		"*": {true, true},
		"arn:aws:kms:eu-west-1:111122223333:key/1234abcd":    {true, true},
		"arn:aws:kms:eu-west-2:111122223333:key/1234abcd":    {false, true},
		"arn:aws:kms:eu-west-1:444455556666:key/1234abcd":    {false, true},
		"arn:aws:kms:eu-west-1:111122223333:key/ffffabcd":    {false, true},
		"arn:aws-cn:kms:eu-west-1:111122223333:key/1234abcd": {false, true},
		"arn:aws:s3:eu-west-1:111122223333:key/1234abcd":     {false, false},
		"arn:aws:KMS:eu-west-1:111122223333:key/1234abcd":    {true, true},
		"arn:aws:kms:eu-west-1:111122223333:alias/app":       {false, false},
		"arn:aws:kms:*:*:key/*":                              {true, true},
		"arn:aws:kms:*:*:key/1???abcd":                       {true, true},
		"arn:aws:kms:eu-west-1:111122223333:*":               {true, true},
		"arn:aws:kms:eu-west-2:111122223333:*":               {false, true},
		"key/1234abcd":                                       {false, false},
		"arn:aws:kms":                                        {false, false},
	} {
		for i, k := range []facts.Key{known, unknown} {
			if got := k.CouldBe(resource); got != want[i] {
				t.Errorf("%s, where %+v is known: %v, want %v", resource, k, got, want[i])
			}
		}
	}
}
