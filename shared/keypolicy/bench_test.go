package keypolicy_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

var benchOptions = keypolicy.Options{
	Key:        keypolicy.Key{Account: "111122223333", Region: "eu-west-1", ID: "1234abcd-12ab-34cd-56ef-1234567890ab", Usage: "ENCRYPT_DECRYPT"},
	BreakGlass: []string{"arn:aws:iam::{account}:role/BreakGlass"},
}

// benchPolicy is a policy of about that many bytes, of statements such as real
// ones have; 1,700 is the common size.
func benchPolicy(b testing.TB, size int) []byte {
	b.Helper()
	text, err := os.ReadFile("testdata/bench/policy-1700.json")
	if err != nil {
		b.Fatal(err)
	}
	head, tail := string(text[:len(text)-len("\n  ]\n}\n")]), "\n  ]\n}\n"
	var s strings.Builder
	s.WriteString(head)
	for n := 0; ; n++ {
		more := fmt.Sprintf(`,
    {
      "Sid": "Team %d",
      "Effect": "Allow",
      "Principal": {"AWS": ["arn:aws:iam::111122223333:role/team-%d/App", "arn:aws:iam::111122223333:role/team-%d/Batch"]},
      "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"],
      "Resource": "*",
      "Condition": {"StringEquals": {"kms:ViaService": ["s3.eu-west-1.amazonaws.com", "sqs.eu-west-1.amazonaws.com"], "kms:EncryptionContext:team": "team-%d"}}
    }`, n, n, n, n)
		if s.Len()+len(more)+len(tail) > size {
			break
		}
		s.WriteString(more)
	}
	s.WriteString(tail)
	return []byte(s.String())
}

func BenchmarkCheckAndCanonical(b *testing.B) {
	for _, size := range []int{1700, 4096, 8192, 16384, 32768} {
		text := benchPolicy(b, size)
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				r := keypolicy.Check(text, benchOptions)
				if c := r.Policy.Canonical("aws"); c.Text == "" || len(r.Findings) > 60 {
					b.Fatal(r.Findings)
				}
			}
		})
	}
}

func BenchmarkJSONUnmarshal(b *testing.B) {
	for _, size := range []int{1700, 32768} {
		text := benchPolicy(b, size)
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				var v any
				if err := json.Unmarshal(text, &v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
