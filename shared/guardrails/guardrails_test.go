package guardrails

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

const (
	keyID  = "1234abcd-12ab-34cd-56ef-1234567890ab"
	object = "policies/" + keyID + ".json"
)

var (
	key    = keypolicy.Key{Account: "111122223333", Region: "eu-west-1", ID: keyID, Org: "o-a1b2c3d4e5"}
	now    = time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC)
	checks = map[string]func(string) error{"break-glass": twelve, "trusted-accounts": twelve, "trusted-orgs": twelve, "protected-keys": twelve}
)

// twelve stands for the checks of the settings, which have tests of their own.
func twelve(v string) error {
	if len(v) != 12 {
		return errors.New("want 12 digits")
	}
	return nil
}

// folder writes the files of a txtar archive into a folder.
func folder(t testing.TB, archive string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func load(t testing.TB, archive string) *Set {
	t.Helper()
	s, err := Load(folder(t, archive), checks)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheFolderAsItShipsRequiresNothing(t *testing.T) {
	s, err := Load(".", checks)
	if err != nil {
		t.Fatal(err)
	}
	if g := s.For(object, now); len(g.Required)+len(g.Exceptions) > 0 || s.Named() {
		t.Errorf("%+v", g)
	}
}

// Each example is switched on by its name, as its README says, and judges its own
// policies.
func TestEachExamplePassesAndFailsAsItSays(t *testing.T) {
	readmes, err := filepath.Glob("examples/*/README.md")
	if err != nil || len(readmes) < 6 {
		t.Fatalf("%d examples, %v", len(readmes), err)
	}
	for _, readme := range readmes {
		name := filepath.Base(filepath.Dir(readme))
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(filepath.Join(dir, "examples"), os.DirFS("examples")); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "settings.yaml"), []byte("examples: ["+name+"]\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := Load(dir, checks)
			if err != nil {
				t.Fatal(err)
			}
			g := s.For(object, now)
			if len(g.Required) != 1 || g.Required[0].Name != name {
				t.Fatalf("%+v", g)
			}
			if found := violations(t, g, "examples/"+name+"/passes.json"); len(found) > 0 {
				t.Errorf("the policy that passes: %v", found)
			}
			found := violations(t, g, "examples/"+name+"/fails.json")
			if len(found) != 1 || found[0].Witness == nil || !strings.Contains(found[0].Message, filepath.Join("examples", name, "baseline.json")+":") {
				t.Fatalf("the policy that fails: %v", found)
			}
			theWitness(t, name)
		})
	}
}

// theWitness holds the request that an example tells of, with exactly these
// values, against its policies. Whether IAM allows it as well is not known.
func theWitness(t *testing.T, name string) {
	t.Helper()
	var w struct {
		Principal, Action string
		Context           map[string]string
	}
	if err := json.Unmarshal(read(t, "examples/"+name+"/witness.json"), &w); err != nil {
		t.Fatal(err)
	}
	a := keypolicy.Assertion{Claim: keypolicy.Can, Who: []string{w.Principal}, Actions: []string{w.Action}, When: map[string][]string{}}
	if !strings.HasPrefix(w.Principal, "arn:") {
		a.Who[0] = "service:" + w.Principal
	}
	for key, value := range w.Context {
		if key != "aws:PrincipalArn" { // who says so
			a.When[key] = []string{value}
		}
	}
	for file, refuses := range map[string]bool{"fails.json": false, "passes.json": true} {
		policy, _ := keypolicy.Parse(read(t, "examples/"+name+"/"+file))
		if p, err := keypolicy.Assert(&a, policy, key); err != nil || (p.Verdict == keypolicy.Refuted) != refuses {
			t.Errorf("the request of witness.json and %s: %+v, %v", file, p, err)
		}
	}
}

func violations(t *testing.T, g keypolicy.Guardrails, policy string) []keypolicy.Finding {
	t.Helper()
	var out []keypolicy.Finding
	for _, f := range g.Check(read(t, policy), keypolicy.Options{Key: key}).Findings {
		if f.Rule == "baseline-violated" || f.Rule == "assertion-violated" {
			out = append(out, f)
		}
	}
	return out
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

const deny = `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "kms:ScheduleKeyDeletion", "Resource": "*"}]}`

func TestAnObjectGetsWhatIsForIt(t *testing.T) {
	s := load(t, `
-- baselines/no-deletion.json --
`+deny+`
-- baselines/README.md --
Text.
-- assertions/all.yaml --
- name: everywhere
  reason: It is so.
  only: {who: anyone, actions: "kms:*"}
- name: payments
  reason: These are payment data.
  keys: [policies/444455556666/*, `+object+`]
  cannot: {who: ["444455556666", "{account}"], actions: [kms:Decrypt, kms:Sign], when: {"aws:MultiFactorAuthPresent": "false", "aws:SourceVpce": []}}
-- settings.yaml --
examples:
  - attested
  - name: own
    keys: policies/mrk-*
break-glass: [111122223333]
exceptions:
  - {rule: no-deletion, object: `+object+`, owner: a, reason: b, until: 2027-06-30}
  - {rule: payments, folder: policies/444455556666, owner: a, reason: b, until: 2026-12-31}
  - {rule: untrusted-account, object: policies/, owner: a, reason: b, until: "2027-01-01"}
-- examples/attested/baseline.json --
`+deny+`
-- examples/own/baseline.json --
`+deny+`
-- examples/off/baseline.json --
is not read
`)
	if s.Lists["break-glass"][0] != "111122223333" || !s.Named() {
		t.Errorf("%+v", s)
	}
	for _, c := range []struct{ object, required, exceptions string }{
		{object, "no-deletion everywhere payments attested", "no-deletion untrusted-account"},
		{"plans/" + keyID + ".json", "no-deletion everywhere payments attested", "no-deletion untrusted-account"},
		{"plans/17/" + object, "no-deletion everywhere payments attested", "no-deletion untrusted-account"},
		{"policies/mrk-1234abcd12ab34cd56ef1234567890ab.json", "no-deletion everywhere attested own", "untrusted-account"},
		{"policies/444455556666/eu-west-1/" + keyID + ".json", "no-deletion everywhere payments attested", "payments untrusted-account"},
		{"plans/17/policies/444455556666/eu-west-1/" + keyID + ".json", "no-deletion everywhere payments attested", "payments untrusted-account"},
		{"", "no-deletion everywhere attested", ""},
	} {
		g := s.For(c.object, now)
		var required, exceptions []string
		for _, r := range g.Required {
			required = append(required, r.Name)
		}
		for _, e := range g.Exceptions {
			exceptions = append(exceptions, e.Rule)
		}
		if strings.Join(required, " ") != c.required || strings.Join(exceptions, " ") != c.exceptions {
			t.Errorf("%q: %v, %v", c.object, required, exceptions)
		}
	}
	if when := s.required[2].Assertion.When; len(when) != 2 || when["aws:MultiFactorAuthPresent"][0] != "false" || len(when["aws:SourceVpce"]) != 0 {
		t.Errorf("%v", when)
	}
	if until := s.exceptions[0].Until; !until.Equal(time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("the exception counts until %s; its last day is 2027-06-30", until)
	}
}

func TestNoSetRequiresNothing(t *testing.T) {
	var s *Set
	if g := s.For(object, now); len(g.Required)+len(g.Exceptions) > 0 || s.Named() {
		t.Errorf("%+v", g)
	}
}
