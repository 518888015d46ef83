package repoconfig

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

func TestValuesAreReadAsTheyAreWritten(t *testing.T) {
	set, err := parse("keysmith.yaml", []byte(`# the deployment
account: 012345678901
region: eu-west-1
own-org: o-a1b2c3d4e5
trusted-accounts: [444455556666, 000000000012]
trusted-orgs: o-b1b2c3d4e5, o-c1b2c3d4e5
require-account-root: false
writer: arn:aws:iam::{account}:role/keysmith
reject-at: warning
`))
	if err != nil {
		t.Fatal(err)
	}
	s, err := set.Settings()
	if err != nil {
		t.Fatal(err)
	}
	o := s.Options()
	if o.Key.Account != "012345678901" || strings.Join(o.TrustedAccounts, " ") != "444455556666 000000000012" || !o.RootOptional ||
		strings.Join(o.TrustedOrgs, " ") != "o-b1b2c3d4e5 o-c1b2c3d4e5" || o.OwnOrg != "o-a1b2c3d4e5" || o.Key.Org != o.OwnOrg || s.RejectAt != keypolicy.Warning || s.Show != keypolicy.Warning {
		t.Errorf("%+v", s)
	}
	if from := set["writer"].From; from != "keysmith.yaml:8:9" {
		t.Errorf("writer is said to come from %s", from)
	}
}

func TestEachFaultIsReportedWithItsPlace(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"acount: 111122223333", `k:1:1: there is no setting "acount". Did you mean account?`},
		{"\nwholly-other: 1", `k:2:1: there is no setting "wholly-other"; the settings are account, `},
		{"account: 1111", `k:1:10: account: "1111"; want 12 digits`},
		{"region: ireland", `k:1:9: region: "ireland"; want a Region`},
		{"trusted-accounts:\n  - 444455556666\n  - foo", `k:3:5: trusted-accounts: "foo"; want 12 digits, or *`},
		{"trusted-accounts: 444455556666,foo", `k:1:19: trusted-accounts: "foo"; want 12 digits, or *`},
		{"trusted-orgs: x", `an organization id`},
		{"break-glass: foo", `the ARN of a role or user`},
		{"protected-keys: alias/x", `a key id or a key ARN`},
		{"reject-at: info", `want one of security, error, warning`},
		{"accept-findings: root-lockout", `of class lockout, which cannot be accepted`},
		{"accept-findings: version-mising", `there is no rule "version-mising". Did you mean version-missing?`},
		{"strict: yes please", `want one of true, false`},
		{"account:", `k:1:9: account: the value is missing`},
		{"account: [111122223333]", `want one plain value`},
		{"trusted-accounts: [[1]]", `want a list of plain values`},
		{"account: 111122223333\naccount: 111122223333", `k:2:1: account is set already, at k:1:10`},
		{"- account", `k:1:1: the file must be a list of names with values`},
		{"account: 111122223333\n---\nregion: x", `a second document begins`},
		{"account: [", `line 1`},
		{"a: &x 1\naccount: *x", `want one plain value`},
	} {
		if _, err := parse("k", []byte(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v; want %s", test.text, err, test.want)
		}
	}
}

func TestAllFaultsAreReportedAtOnce(t *testing.T) {
	_, err := parse("k", []byte("account: 1\nregon: x\nbucket: A"))
	for _, place := range []string{"k:1:10", "k:2:1", "k:3:9"} {
		if err == nil || !strings.Contains(err.Error(), place) {
			t.Errorf("%v; want %s in it", err, place)
		}
	}
}

func TestAFileWithoutSettingsIsAFileWithDefaults(t *testing.T) {
	for _, text := range []string{"", "\n", "# nothing yet\n", "---\n"} {
		set, err := parse("k", []byte(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if s, err := set.Settings(); err != nil || !s.RequireAccountRoot || s.RejectAt != keypolicy.Security {
			t.Errorf("%q: %+v, %v", text, s, err)
		}
	}
}

func TestFlagsGoBeforeTheFile(t *testing.T) {
	file := Set{"account": {Values: []string{"111122223333"}}, "region": {Values: []string{"eu-west-1"}}}
	flags := Set{"account": {Values: []string{"444455556666"}}}
	s, err := flags.Over(file).Settings()
	if err != nil || s.Account != "444455556666" || s.Region != "eu-west-1" {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestTheFileIsFoundInAFolderAbove(t *testing.T) {
	root := t.TempDir()
	below := filepath.Join(root, "a", "b")
	if err := os.MkdirAll(below, 0o700); err != nil {
		t.Fatal(err)
	}
	want := filepath.Join(root, Name)
	if err := os.WriteFile(want, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := Find(below); err != nil || got != want {
		t.Errorf("found %q, %v", got, err)
	}
}

func TestSettingsThatDependOnOneAnotherAreChecked(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"require-account-root: false", "k:1:23: with require-account-root=false"},
		{"guardrails: nowhere", "k:1:13: guardrails: there is no folder nowhere"},
	} {
		set, err := parse("k", []byte(test.text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := set.Settings(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v", test.text, err)
		}
	}
}
