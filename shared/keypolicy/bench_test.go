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
// ones have.
func benchPolicy(b testing.TB, size int) []byte {
	b.Helper()
	const tail = "\n  ]\n}\n"
	text, statement := readBench(b, "policy.json"), readBench(b, "statement.txt")
	text = strings.TrimSuffix(text, tail)
	for n := 0; ; n++ {
		more := strings.ReplaceAll(statement, "{n}", fmt.Sprint(n))
		if len(text)+len(more)+len(tail) > size {
			return []byte(text + tail)
		}
		text += more
	}
}

func readBench(b testing.TB, name string) string {
	b.Helper()
	text, err := os.ReadFile("testdata/bench/" + name)
	if err != nil {
		b.Fatal(err)
	}
	return string(text)
}

func BenchmarkCheckAndCanonical(b *testing.B) {
	for _, size := range []int{2048, 4096, 8192, 16384, 32768} {
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
	for _, size := range []int{2048, 32768} {
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
