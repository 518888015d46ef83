package keypolicy_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// hostile makes texts that were slow to judge, or are built to be: each is a
// statement of about that many bytes beside the root's.
var hostile = map[string]func(size int) []any{
	// Long patterns, and long texts that nearly fit, as many as one list is searched for.
	"values": func(size int) []any {
		return repeat(size, 23<<10, func(n int) any {
			values := make([]string, 64)
			for i := range 32 {
				values[i] = fmt.Sprintf("*%sb%d-%d", strings.Repeat("a", 240), i, n)
				values[i+32] = fmt.Sprint(strings.Repeat("a", 470), i, "-", n)
			}
			return appStatement("kms:Decrypt", map[string]any{"StringLike": map[string]any{"kms:EncryptionContext:app": values}})
		})
	},
	"values-of-stars": func(size int) []any {
		var values []string
		for i := range size / 260 {
			values = append(values, fmt.Sprint(strings.Repeat("*a", 125), i))
		}
		return []any{appStatement("kms:Decrypt", map[string]any{"StringNotLike": map[string]any{"kms:EncryptionContext:app": values}})}
	},
	"actions": func(size int) []any {
		return repeat(size, 31<<10, func(n int) any {
			actions := make([]string, 126)
			for i := range actions {
				actions[i] = fmt.Sprintf("kms:*%sb%03d%s%d", strings.Repeat("a", 120), i, strings.Repeat("a", 110), n)
			}
			return appStatement(actions, nil)
		})
	},
	"actions-of-stars": func(size int) []any {
		var actions []string
		for i := range size / 130 {
			actions = append(actions, fmt.Sprintf("kms:%s%d", strings.Repeat("*e?", 40), i))
		}
		return []any{appStatement(actions, nil)}
	},
	"accounts-denied": func(size int) []any {
		var accounts []string
		for i := range size / 30 {
			accounts = append(accounts, fmt.Sprintf("%012d", i))
		}
		principal := map[string]any{"AWS": accounts}
		return []any{
			map[string]any{"Effect": "Allow", "Principal": principal, "Action": "kms:Decrypt", "Resource": "*"},
			map[string]any{"Effect": "Deny", "Principal": principal, "Action": "kms:Decrypt", "Resource": "*"},
		}
	},
	// Everybody under many conditions: what the search for a witness has to get through.
	"conditions": func(size int) []any {
		var statements []any
		for i := range size / 290 {
			statements = append(statements, map[string]any{
				"Effect": []string{"Allow", "Deny"}[i%2], "Principal": "*", "Action": "kms:Decrypt", "Resource": "*",
				"Condition": map[string]any{
					"StringLike":    map[string]any{"kms:EncryptionContext:a": fmt.Sprintf("*%d*", i), "kms:EncryptionContext:b": fmt.Sprintf("%d*", i)},
					"StringNotLike": map[string]any{"aws:PrincipalTag/team": fmt.Sprintf("?%d*", i)},
				},
			})
		}
		return statements
	},
}

// repeat makes as many statements of about each bytes as fit, one at least.
func repeat(size, each int, statement func(int) any) []any {
	var statements []any
	for n := range max(1, size/each) {
		statements = append(statements, statement(n))
	}
	return statements
}

func appStatement(action any, condition map[string]any) map[string]any {
	s := map[string]any{"Effect": "Allow", "Principal": map[string]any{"AWS": "arn:aws:iam::111122223333:role/App"}, "Action": action, "Resource": "*"}
	if condition != nil {
		s["Condition"] = condition
	}
	return s
}

func hostilePolicy(b testing.TB, kind string, size int) []byte {
	b.Helper()
	statements := append([]any{map[string]any{"Effect": "Allow", "Principal": map[string]any{"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}}, hostile[kind](size)...)
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		b.Fatal(err)
	}
	return text
}

// BenchmarkHostile reports what each thing that is done to a policy takes for the
// texts above, at the size that KMS takes and at the largest that it may serve.
// None of it is to take longer than 50 ms.
func BenchmarkHostile(b *testing.B) {
	for kind := range hostile {
		for _, size := range []int{32 << 10, 128 << 10} {
			text := hostilePolicy(b, kind, size-600)
			p, _ := keypolicy.Parse(text)
			less, _ := keypolicy.Parse(withoutOne(b, text))
			for verb, work := range map[string]func(){
				"check":     func() { keypolicy.Check(text, benchOptions) },
				"canonical": func() { p.Canonical("aws") },
				"diff":      func() { keypolicy.Diff(p, p, "aws") },
				"access":    func() { keypolicy.CompareAccess(p, p, benchOptions.Key) },
				"prove":     func() { keypolicy.NoNewAccess(less, p, provenKey) },
				"differ":    func() { keypolicy.CompareAccess(less, p, provenKey) },
			} {
				b.Run(fmt.Sprintf("%s/%d/%s", kind, size, verb), func(b *testing.B) {
					for b.Loop() {
						work()
					}
					b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/op")
				})
			}
		}
	}
}

// withoutOne leaves out a statement from the middle of a policy.
func withoutOne(b testing.TB, text []byte) []byte {
	b.Helper()
	var d map[string]any
	if err := json.Unmarshal(text, &d); err != nil {
		b.Fatal(err)
	}
	all := d["Statement"].([]any)
	d["Statement"] = slices.Delete(all, len(all)/2, len(all)/2+1)
	less, err := json.Marshal(d)
	if err != nil {
		b.Fatal(err)
	}
	return less
}
