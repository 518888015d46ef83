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

func TestEveryWhoCanCaseHasItsHolders(t *testing.T) {
	files, err := filepath.Glob("testdata/who-can/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("looking for cases: found %d, %v", len(files), err)
	}
	for _, file := range files {
		c := readCase(t, file)
		holders, err := keypolicy.WhoCan(strings.TrimSpace(c.section("action")), mustParse(t, c.policy), c.options.Key)
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		var got strings.Builder
		enc := json.NewEncoder(&got)
		for _, h := range holders {
			if err := enc.Encode(h); err != nil {
				t.Fatal(err)
			}
		}
		if *update {
			c.set(t, "holders", got.String())
			continue
		}
		if want := c.section("holders"); got.String() != want {
			t.Errorf("%s: %s\ngot:\n%s\nwant:\n%s", file, strings.TrimSpace(string(c.archive.Comment)), got.String(), want)
		}
	}
}
