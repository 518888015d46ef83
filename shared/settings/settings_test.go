package settings

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

const (
	writer = "arn:aws:iam::111122223333:role/keysmith"
	keyID  = "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11"
)

func env(pairs ...string) func(string) string {
	set := map[string]string{"POLICY_BUCKET": "b"}
	for _, p := range pairs {
		name, value, _ := strings.Cut(p, "=")
		set[name] = value
	}
	return func(name string) string { return set[name] }
}

func TestDefaultsAreSafe(t *testing.T) {
	c, err := Load(env())
	if err != nil {
		t.Fatal(err)
	}
	s := c.Protocol
	if c.Bus != "default" || !c.InlineRequests || c.PutsPerSecond != 1.8 || c.Paused || s.PlanOnly || s.AllowBypass ||
		s.RejectAt != keypolicy.Security || s.VerifyReads != 5 || s.VerifyInterval != time.Second || s.VerifyTimeout != time.Minute ||
		s.Options.RootOptional || len(s.Options.TrustedAccounts) != 0 {
		t.Errorf("%+v", c)
	}
}

func TestEachFaultOfTheEnvironmentIsTold(t *testing.T) {
	for _, c := range []struct{ set, say string }{
		{"POLICY_BUCKET=", "POLICY_BUCKET: is not set"},
		{"MODE=aply", "want one of apply, plan, paused"},
		{"REJECT_AT=info", "want one of security, error, warning"},
		{"VERIFY_READS=0", "from 1 to 100"},
		{"VERIFY_INTERVAL=1", "want a duration"},
		{"VERIFY_TIMEOUT=3s", "no policy could be verified"},
		{"VERIFY_READS=100 VERIFY_INTERVAL=2s VERIFY_TIMEOUT=10m", "no policy would ever be put"},
		{"VERIFY_READS=2 VERIFY_INTERVAL=1m VERIFY_TIMEOUT=15m", "no policy would ever be put"},
		{"PUTS_PER_SECOND=NaN", "want a number"},
		{"CHANGES_PER_HOUR=0", "leave it empty for no brake"},
		{"CHANGES_PER_HOUR=-1", "want a whole number"},
		{"CHANGES_PER_HOUR=0.5", "want a whole number"},
		{"INLINE_REQUESTS=yes", "want true or false"},
		{"BREAK_GLASS_PRINCIPALS=arn:aws:iam::111122223333:role/*", "the ARN of a role or user"},
		{"BREAK_GLASS_PRINCIPALS=arn:aws:iam::111122223333:role/a,bob", `"bob"`},
		{"REQUIRE_ACCOUNT_ROOT=false", "WRITER_ROLE_ARN: is empty"},
		{"WRITER_ROLE_ARN=me", `"me" is not the ARN`},
		{"TRUSTED_ACCOUNTS=1111", "12 digits"},
		{"TRUSTED_ORGS=o-1", "an organization id"},
		{"OWN_ORG=o-1", "OWN_ORG: \"o-1\"; want an organization id"},
		{"GUARDRAILS_DIR=/no/such/folder", "GUARDRAILS_DIR: the folder /no/such/folder does not exist"},
		{"ACCEPT_FINDINGS=no-such-rule", `"no-such-rule"`},
		{"PROTECTED_KEYS=alias/x", "a key id or a key ARN"},
		{"DRIFT_MODE=repair", "want one of detect, enforce, off"},
		{"TARGET_ACCOUNTS=1111", "TARGET_ACCOUNTS: \"1111\"; want 12 digits"},
		{"TARGET_ACCOUNTS=*", "set TARGET_ORG"},
		{"TARGET_ACCOUNTS=*,111122223333 TARGET_ORG=o-a1b2c3d4e5", "want * alone"},
		{"TARGET_ORG=o-1", "TARGET_ORG: \"o-1\"; want an organization id"},
		{"TARGET_REGIONS=eu-west-1,europe", "TARGET_REGIONS: \"europe\"; want the name of a Region"},
		{"TARGET_REGIONS=eu-west-1,*", "want * alone"},
		{"TARGET_ROLE_NAME=arn:aws:iam::111122223333:role/x", "the name of a role without its path"},
		{"TARGET_PLAN_ROLE_NAME=a/b", "the name of a role without its path"},
		{"TARGET_PLAN_ROLE_NAME=x TARGET_ROLE_NAME=x", "must not be the one that can put policies"},
		{"TARGET_EXTERNAL_ID=x", "2 to 1224 characters"},
	} {
		if _, err := Load(env(strings.Fields(c.set)...)); err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v; want %q", c.set, err, c.say)
		}
	}
}

func TestLockoutAndGuardrailsCannotBeAccepted(t *testing.T) {
	acceptable := 0
	for _, rule := range keypolicy.Rules() {
		_, err := Load(env("ACCEPT_FINDINGS=" + rule.ID))
		if rule.Class == keypolicy.ClassAdvice {
			acceptable++
		}
		if (err == nil) != (rule.Class == keypolicy.ClassAdvice) {
			t.Errorf("%s (%s): %v", rule.ID, rule.Class, err)
		}
	}
	if acceptable == 0 {
		t.Error("no rule can be accepted at all")
	}
}

func TestAllFaultsAreToldAtOnce(t *testing.T) {
	_, err := Load(env("POLICY_BUCKET=", "MODE=x", "VERIFY_READS=x", "DRIFT_MODE=x", "SWEEP_READS_PER_SECOND=many"))
	for _, name := range []string{"POLICY_BUCKET", "MODE", "VERIFY_READS", "DRIFT_MODE", "SWEEP_READS_PER_SECOND"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v; want %s among them", err, name)
		}
	}
}

func TestWhatIsSetIsRead(t *testing.T) {
	c, err := Load(env("MODE=plan", "REJECT_AT=warning", "TRUSTED_ACCOUNTS=444455556666, *", "TRUSTED_ORGS=o-a1b2c3d4e5",
		"BREAK_GLASS_PRINCIPALS=arn:aws:iam::{account}:role/fire", "REQUIRE_ACCOUNT_ROOT=false", "WRITER_ROLE_ARN="+writer,
		"ALLOW_LOCKOUT_BYPASS=true", "INLINE_REQUESTS=false", "DRIFT_MODE=detect", "VERIFY_INTERVAL=0s", "PROTECTED_KEYS="+keyID))
	if err != nil {
		t.Fatal(err)
	}
	o := c.Protocol.Options
	if !c.Protocol.PlanOnly || c.Protocol.RejectAt != keypolicy.Warning || len(o.TrustedAccounts) != 2 || len(o.TrustedOrgs) != 1 ||
		len(o.BreakGlass) != 1 || !o.RootOptional || o.Writer != writer || !c.Protocol.AllowBypass || c.InlineRequests ||
		len(c.Protocol.ProtectedKeys) != 1 || c.Protocol.VerifyInterval != 0 {
		t.Errorf("%+v", c)
	}
}

func TestTheListsOfTheGuardrailsAreAddedToTheVariables(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(dir, "settings.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("break-glass: [\"arn:aws:iam::{account}:role/fire\"]\ntrusted-accounts: [444455556666]\ntrusted-orgs: [o-b1b2c3d4e5]\nprotected-keys: [" + keyID + "]\n")
	c, err := Load(env("GUARDRAILS_DIR="+dir, "TRUSTED_ACCOUNTS=999988887777", "OWN_ORG=o-a1b2c3d4e5"))
	if err != nil {
		t.Fatal(err)
	}
	o := c.Protocol.Options
	if got := strings.Join(slices.Concat(o.BreakGlass, o.TrustedAccounts, o.TrustedOrgs, c.Protocol.ProtectedKeys), " "); got !=
		"arn:aws:iam::{account}:role/fire 999988887777 444455556666 o-b1b2c3d4e5 o-a1b2c3d4e5 "+keyID || o.OwnOrg != "o-a1b2c3d4e5" || c.Protocol.Guardrails == nil {
		t.Errorf("%s %+v", got, o)
	}
	write("break-glass: [bob]\nprotected-keys: [alias/x]\nexampels: []\n")
	_, err = Load(env("GUARDRAILS_DIR="+dir, "MODE=x"))
	for _, want := range []string{"settings.yaml:1:15", "settings.yaml:2:18", "settings.yaml:3:1", "MODE"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
	}
}
