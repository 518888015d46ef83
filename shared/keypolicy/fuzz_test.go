package keypolicy_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
	"unicode/utf8"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// seed gives a fuzz target every policy of the case files.
func seed(f *testing.F) {
	f.Helper()
	for _, file := range caseFiles(f) {
		if c := readCase(f, file); len(c.policy) < 4096 {
			f.Add(c.policy)
		}
	}
	for _, text := range []string{"", "{", "[[[[", `{"Statement":[{}]}`, `{"a":"\ud800"}`, "{\"a\":\"\xff\"}", `{"Statement":{"Condition":{"Bool":{"a":1e400}}}}`, `{"Statement":0x}`, "{'a':“b”}", `{"a":tru`} {
		f.Add([]byte(text))
	}
}

func refusedAsText(findings []keypolicy.Finding) bool {
	for _, f := range findings {
		if r, _ := keypolicy.RuleByID(f.Rule); r.Class == keypolicy.ClassInvalid || r.Class == keypolicy.ClassSize {
			return true
		}
	}
	return false
}

func FuzzWhatIsAcceptedIsJSONAndEachFindingHasAPlace(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		report := keypolicy.Check(text, benchOptions)
		lines := bytes.Count(text, []byte("\n")) + 1
		for _, finding := range report.Findings {
			if finding.Line < 1 || finding.Line > lines || finding.Column < 1 || finding.Column > len(text)+1 || finding.Message == "" {
				t.Errorf("finding without a place or words: %+v", finding)
			}
			if !utf8.ValidString(finding.Message) {
				t.Errorf("finding that is not UTF-8: %q", finding.Message)
			}
		}
		if report.Reason(keypolicy.Error, allRules()) == keypolicy.Accepted && !json.Valid(text) {
			t.Errorf("accepted, but it is no JSON: %q", text)
		}
		if p, findings := keypolicy.Parse(text); !p.Opaque() && !refusedAsText(findings) && !json.Valid(text) {
			t.Errorf("parsed, but it is no JSON: %q", text)
		}
	})
}

func FuzzEqualityIsAnEquivalenceThatWhiteSpaceDoesNotDisturb(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		p, _ := keypolicy.Parse(text)
		if p.Opaque() {
			return
		}
		first := p.Canonical("aws")
		if !first.Equal(p.Canonical("aws")) || first.Permissions == "" {
			t.Fatalf("not equal to itself: %q", text)
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, text); err != nil || compact.Len() > keypolicy.MaxSize {
			return // beyond Latin-1 or otherwise refused before it gets here
		}
		again, _ := keypolicy.Parse(compact.Bytes())
		if again.Opaque() || !first.Equal(again.Canonical("aws")) {
			t.Fatalf("white space makes a difference: %q", text)
		}
		if changes := keypolicy.Diff(p, again, "aws"); len(changes) != 0 {
			t.Fatalf("equal, but with changes %v: %q", changes, text)
		}
		if access := keypolicy.CompareAccess(p, again, benchOptions.Key); len(access) != 0 {
			t.Fatalf("equal, but with other access %v: %q", access, text)
		}
	})
}

func TestTheLargestTextsAreJudgedWithoutRunningAway(t *testing.T) {
	for name, text := range worstCases() {
		report := keypolicy.Check(text, benchOptions)
		if report.Reason(keypolicy.Error, nil) == keypolicy.Accepted {
			t.Errorf("%s: accepted", name)
		}
		if len(report.Findings) > 4000 {
			t.Errorf("%s: %d findings", name, len(report.Findings))
		}
		if report.Policy != nil {
			report.Policy.Canonical("aws")
		}
	}
}

// worstCases are texts of the largest size that are made to be slow.
func worstCases() map[string][]byte {
	fill := func(head, unit, sep, tail string) []byte {
		b := []byte(head)
		for i := 0; len(b)+len(unit)+len(sep)+len(tail) < keypolicy.MaxSize; i++ {
			if i > 0 {
				b = append(b, sep...)
			}
			b = append(b, unit...)
		}
		return append(b, tail...)
	}
	const head = `{"Version":"2012-10-17","Statement":[`
	const one = head + `{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Resource":"*",`
	return map[string][]byte{
		"brackets":             fill("", "[", "", ""),
		"braces":               fill("", `{"a":`, "", ""),
		"empty statements":     fill(head, "{}", ",", "]}"),
		"bare statements":      fill(head, `{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`, ",", "]}"),
		"unknown actions":      fill(one+`"Action":[`, `"kms:Decripd"`, ",", "]}]}"),
		"patterns":             fill(one+`"Action":[`, `"*e*e*"`, ",", "]}]}"),
		"patterns, one byte":   fill(one+`"Action":[`, `"*e?*e*"`, ",", "]}]}"),
		"one long pattern":     fill(one+`"Action":"kms:*`, "e*", "", `x"}]}`),
		"question marks":       fill(one+`"Action":"kms:`, "?", "", `*"}]}`),
		"members":              fill(head+"{", `"a":1`, ",", "}]}"),
		"other members":        fill(head+"{", `"É":1`, ",", "}]}"),
		"principals":           fill(head+`{"Effect":"Deny","Principal":{"AWS":[`, `"111122223333"`, ",", `]},"Action":"*","Resource":"*"}]}`),
		"bad principals":       fill(head+`{"Effect":"Deny","Principal":{"AWS":[`, `"a"`, ",", `]},"Action":"*","Resource":"*"}]}`),
		"values":               fill(one+`"Action":"*","Condition":{"StringLike":{"kms:ViaService":[`, `"*a"`, ",", "]}}}]}"),
		"unknown keys":         fill(one+`"Action":"*","Condition":{"StringLike":{`, `"kms:ViaServace":"a"`, ",", "}}}]}"),
		"operators":            fill(one+`"Action":"*","Condition":{`, `"StringLikf":{"a":"a"}`, ",", "}}]}"),
		"escapes":              fill(head+`{"Sid":"`, `\u4e2d`, "", `"}]}`),
		"missing commas":       fill(head, "{} ", "", "]}"),
		"comments":             fill("", "#\n", "", "{}"),
		"sids":                 fill(head, `{"Sid":"a"}`, ",", "]}"),
		"beyond the limit":     bytes.Repeat([]byte("["), 65536),
		"long unclosed string": append([]byte(`{"a":"`), bytes.Repeat([]byte("a\n"), 16000)...),
	}
}

func BenchmarkWorstCases(b *testing.B) {
	for name, text := range worstCases() {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if r := keypolicy.Check(text, benchOptions); r.Policy != nil {
					r.Policy.Canonical("aws")
				}
			}
		})
	}
}

func TestTheBenchmarkPolicyIsAccepted(t *testing.T) {
	text, err := os.ReadFile("testdata/bench/policy.json")
	if err != nil {
		t.Fatal(err)
	}
	if r := keypolicy.Check(text, benchOptions); r.Reason(keypolicy.Security, nil) != keypolicy.Accepted {
		t.Errorf("refused: %+v", r.Findings)
	}
}
