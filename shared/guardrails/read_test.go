package guardrails

import (
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// What YAML's own writer writes is read back as it was meant, in every style.
func TestAnAssertionIsReadAsItWasWritten(t *testing.T) {
	who := []string{"anyone", "{account}", "111122223333", "012345678901", "service:logs.amazonaws.com", "org:o-a1b2c3d4e5", "arn:aws:iam::{account}:role/app/*"}
	rapid.Check(t, func(t *rapid.T) {
		claim := rapid.SampledFrom(claims).Draw(t, "claim")
		want := keypolicy.Assertion{
			Claim: claim.claim, Who: rapid.SliceOfN(rapid.SampledFrom(who), 1, 3).Draw(t, "who"),
			Actions: rapid.SliceOfN(rapid.SampledFrom([]string{"kms:*", "kms:Decrypt", "kms:GenerateDataKey*"}), 1, 3).Draw(t, "actions"),
		}
		body := map[string]any{"who": want.Who, "actions": want.Actions}
		if claim.claim != keypolicy.Only && rapid.Bool().Draw(t, "has when") {
			want.When = rapid.MapOfN(rapid.SampledFrom([]string{"aws:SourceVpce", "kms:ViaService", "aws:PrincipalTag/a b"}),
				rapid.SliceOfN(rapid.SampledFrom([]string{"true", "7", "a b", "2027-01-01", "*", "null", "~x"}), 1, 2), 1, 3).Draw(t, "when")
			body["when"] = want.When
		}
		name := rapid.StringMatching(`[ -~]{0,20}[a-z]`).Filter(func(s string) bool { return strings.TrimSpace(s) == s }).Draw(t, "name")
		text, err := yaml.Marshal([]map[string]any{{"name": name, "reason": name, "keys": []string{"policies/*"}, claim.name: body}})
		if err != nil {
			t.Fatal(err)
		}
		all, err := ReadAssertions("a.yaml", text)
		if err != nil || len(all) != 1 || all[0].Name != name || all[0].Reason != name || !reflect.DeepEqual(*all[0].Assertion, want) {
			t.Fatalf("%s\n%+v %v", text, all, err)
		}
	})
}

// Whatever the bytes, there is either a fault with its place or an assertion that
// the domain understands.
func FuzzReadAssertions(f *testing.F) {
	f.Add([]byte("- name: x\n  reason: y\n  keys: [policies/*]\n  can: {who: \"{account}\", actions: [kms:Decrypt], when: {kms:ViaService: x}}\n"))
	f.Add([]byte("- name: x\n  only: {who: [anyone], actions: kms:*}\n---\n- x"))
	f.Add([]byte("a: &a [*a]"))
	policy, _ := keypolicy.Parse([]byte(deny))
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := ReadAssertions("a.yaml", text)
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if !strings.Contains(err.Error(), "a.yaml:") || line == "\n" {
					t.Fatalf("a fault without a place: %v", err)
				}
			}
			return
		}
		for _, r := range all {
			if _, err := keypolicy.Assert(r.Assertion, policy, key); r.Name == "" || err != nil {
				t.Fatalf("accepted, and not understood: %+v: %v", r, err)
			}
		}
	})
}

func FuzzReadSettings(f *testing.F) {
	f.Add([]byte("examples: [a, {name: b, keys: policies/*}]\nbreak-glass: [111122223333]\nexceptions:\n  - {rule: public-access, object: policies/, owner: a, reason: b, until: 2027-06-30}\n"))
	f.Add([]byte("exceptions: [{}]\nexamples: [{}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, s := &document{path: "settings.yaml"}, &Set{Lists: map[string][]string{}}
		on := d.settings(text, checks, s)
		if len(d.faults) > 0 {
			return
		}
		for _, e := range on {
			if e.name == "" || strings.ContainsAny(e.name, "/\x00") && e.name[0] == '.' {
				t.Fatalf("the example %q", e.name)
			}
		}
		for _, e := range s.exceptions {
			if e.Rule == "" || e.Owner == "" || e.Reason == "" || e.Until.IsZero() || !strings.HasPrefix(e.object, policies) {
				t.Fatalf("%+v", e)
			}
		}
	})
}
