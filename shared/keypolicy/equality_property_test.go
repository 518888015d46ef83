package keypolicy_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
)

var actionsOfKMS = sync.OnceValue(func() []string { return catalog.All.Names() })

// pieces are what a string of a policy is changed by: bytes that readers mend, that
// IAM gives a meaning, and that look like others.
var pieces = []string{`\b`, `\f`, `\u0000`, `\u0008`, `\u007f`, "\u007f", `\u212a`, "\u212a", "ſ", "é", `\u00e9`, "?", "*", " ", `\n`, `\/`, `\\`, `\"`,
	"k", "K", "t", "T", ":", ".", "0", "1", "/", `","`, `","*`, `","kms:*`, `","k*:Decrypt`, `","kms*`, `","**`, `"],"x":["`}

// equalitySeeds are policies that can be compared at all.
func equalitySeeds(t *testing.T) []string {
	t.Helper()
	seeds := []string{
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["111122223333","arn:aws:iam::111122223333:role/App"]},"Action":["kms:*","kms:Decrypt","kms:D*","kms:De*pt","kms:*Key*"],"Resource":"*"}]}`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":["k*:Decrypt","kms*","kms:Nothing*","kms:NothingAtAll","kms:Encrypt"],"Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"},"Foo":{},"StringEquals":{}}}]}`,
	}
	for _, file := range caseFiles(t) {
		if c := readCase(t, file); len(c.policy) < 4096 && canonical(string(c.policy)).Text != "" {
			seeds = append(seeds, string(c.policy))
		}
	}
	return seeds
}

// entries are put into lists of actions.
var entries = []string{"kms:Decrypt", "kms:DescribeKey", "KMS:De*", "k*:Decrypt", "kms:Nothing", "kms:NothingAtAll", "kms:*:x", "*", "**"}

// disturb changes a text at one place, mostly inside of a string.
func disturb(t *rapid.T, text string) string {
	if list := `"Action":[`; strings.Contains(text, list) && rapid.Bool().Draw(t, "an action more") {
		return strings.Replace(text, list, list+`"`+rapid.SampledFrom(entries).Draw(t, "entry")+`",`, 1)
	}
	at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
	if quote := strings.IndexByte(text[at:], '"'); quote >= 0 && rapid.IntRange(0, 3).Draw(t, "from a quote on") > 0 {
		at = min(at+quote+1+rapid.IntRange(0, 8).Draw(t, "further"), len(text))
	}
	cut := min(rapid.IntRange(0, 2).Draw(t, "cut"), len(text)-at)
	return text[:at] + rapid.SampledFrom(pieces).Draw(t, "piece") + text[at+cut:]
}

func TestPoliciesWithOneCanonicalFormDifferInNothingThatKMSDoesNotRewrite(t *testing.T) {
	seeds := equalitySeeds(t)
	tried, compared, equal := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SampledFrom(seeds).Draw(t, "policy")
		for range 20 {
			b := disturb(t, a)
			if rapid.Bool().Draw(t, "twice") {
				b = disturb(t, b)
			}
			tried++
			y := canonical(b)
			if y.Text == "" {
				continue
			}
			compared++
			if canonical(a).Permissions != y.Permissions {
				continue
			}
			equal++
			if plainForm(a) != plainForm(b) {
				t.Fatalf("called equal:\n%s\n%s\nplainly\n%s\n%s", a, b, plainForm(a), plainForm(b))
			}
			agreesOnRequests(t, a, b)
		}
	})
	t.Logf("%d pairs compared, %d of them equal", compared, equal)
	if compared < tried/40 || equal == 0 { // a short run tries less
		t.Errorf("%d pairs compared, %d of them equal: too few to say anything", compared, equal)
	}
}

// agreesOnRequests puts two policies that are called equal to the evaluator and to the
// decision procedure.
func agreesOnRequests(t *rapid.T, a, b string) {
	r := drawRequest(t, rapid.SampledFrom([]string{rootName, breakGlass, "arn:aws:iam::111122223333:role/App"}).Draw(t, "caller"))
	r.action = rapid.SampledFrom([]string{"kms:PutKeyPolicy", "kms:Decrypt", "kms:Encrypt", "kms:DescribeKey"}).Draw(t, "asked")
	if allowedByPolicy([]byte(a), r) != allowedByPolicy([]byte(b), r) {
		t.Fatalf("called equal, but %v tells them apart:\n%s\n%s", r, a, b)
	}
	older, _ := keypolicy.Parse([]byte(a))
	newer, _ := keypolicy.Parse([]byte(b))
	for _, p := range []keypolicy.Proof{keypolicy.NoNewAccess(older, newer, provenKey), keypolicy.NoNewAccess(newer, older, provenKey)} {
		if p.Verdict == keypolicy.Refuted {
			t.Fatalf("called equal, but %+v tells them apart:\n%s\n%s", p.Witness, a, b)
		}
	}
}

// Every pair of bytes in the same place of the same string is told apart, but for the
// case of letters where IAM does not look at it.
func TestNoTwoBytesInAStringAreTakenForEachOther(t *testing.T) {
	const policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/A%"},"Action":"kms:Decryp%","Resource":"%","Condition":{"StringLike":{"kms:EncryptionContext:%":"%"},"Fo%":{"a":"b"},"Ba%":{}}}]}`
	for place := range strings.Count(policy, "%") {
		seen := map[string]string{}
		for c := range 0x250 {
			quoted, _ := json.Marshal(string(rune(c)))
			parts := strings.SplitAfterN(policy, "%", place+2)
			text := strings.TrimSuffix(strings.Join(parts[:place+1], ""), "%") + strings.Trim(string(quoted), `"`) + parts[place+1]
			if c == '"' {
				text = strings.Replace(policy, "%", `\"`, place+1)
			}
			digest := canonical(text).Permissions
			if digest == "" {
				continue
			}
			if other, taken := seen[digest]; taken && small(other) != small(string(rune(c))) {
				t.Errorf("place %d: %q is taken for %q", place, rune(c), other)
			}
			seen[digest] = string(rune(c))
		}
		if len(seen) < 0x200 {
			t.Errorf("place %d: only %d characters are told apart", place, len(seen))
		}
	}
}
