package keypolicy_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// An Allow without a condition makes those beside it moot: only a Deny can then
// refuse a request, and nothing has to hold.
func TestNoConditionHasToHoldBesideAnAllowWithoutOne(t *testing.T) {
	context := func(key string) string {
		return fmt.Sprintf(`"StringEquals": {"kms:EncryptionContext:%s": "b"}`, key)
	}
	not := `"StringNotEquals": {"kms:EncryptionContext:a": "b"}`
	denied := strings.Replace(appDecrypts(context("z")), "Allow", "Deny", 1)
	noMFA := `{"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}`
	org := `{"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}`
	for name, c := range map[string]struct {
		policy []byte
		want   string
	}{
		"one Allow":                   {statements(appDecrypts(""), denied), "[] [kms:EncryptionContext:z is b]"},
		"a second Allow":              {statements(appDecrypts(""), appDecrypts(context("a")), denied), "[] [kms:EncryptionContext:z is b]"},
		"a second Allow for all":      {statements(proveRoot, appDecrypts(""), org, noMFA), "[] [aws:MultiFactorAuthPresent is false]"},
		"only one with a condition":   {statements(appDecrypts(context("a")), denied), "[kms:EncryptionContext:a is b] [kms:EncryptionContext:z is b]"},
		"two that allow all together": {statements(appDecrypts(context("a")), appDecrypts(not), denied), "[] [kms:EncryptionContext:z is b]"},
	} {
		got, err := keypolicy.WhoCan("kms:Decrypt", mustParse(t, c.policy), provenKey)
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(got, func(h keypolicy.Holder) bool {
			return strings.HasSuffix(h.Principal, "role/App") && h.Through == "policy"
		})
		if at < 0 || got[at].Always || fmt.Sprint(got[at].When, " ", got[at].Unless) != c.want {
			t.Errorf("%s: %+v, want %s", name, got, c.want)
		}
	}
}

// TestEveryWhoCanCaseHasItsHolders holds each case against what it says: who may do the
// action, and who gains and loses what when the policy replaces that of two roles.
func TestEveryWhoCanCaseHasItsHolders(t *testing.T) {
	files, err := filepath.Glob("testdata/who-can/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("looking for cases: found %d, %v", len(files), err)
	}
	before := readCase(t, "testdata/who-can/two-roles.txtar")
	for _, file := range files {
		c := readCase(t, file)
		p := mustParse(t, c.policy)
		holders, err := keypolicy.WhoCan(strings.TrimSpace(c.section("action")), p, c.options.Key)
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		changes := keypolicy.CompareAccess(mustParse(t, before.policy), p, c.options.Key)
		for _, seen := range [...][2]string{{"holders", lines(t, holders)}, {"access", lines(t, changes)}} {
			name, got := seen[0], seen[1]
			if *update {
				c.set(t, name, got)
			} else if want := c.section(name); got != want {
				t.Errorf("%s: %s\n%s:\n%s\nwant:\n%s", file, strings.TrimSpace(string(c.archive.Comment)), name, got, want)
			}
		}
	}
}

// lines writes each element of a list in a line.
func lines[T any](t *testing.T, list []T) string {
	t.Helper()
	var b strings.Builder
	enc := json.NewEncoder(&b)
	for _, element := range list {
		if err := enc.Encode(element); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}
