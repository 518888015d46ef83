package settings

import (
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

func TestEachValueIsCheckedByItself(t *testing.T) {
	for name, c := range map[string]struct {
		check     func(string) error
		good, bad []string
		want      string
	}{
		"account":         {CheckAccount, []string{"111122223333"}, []string{"", "*", "11112222333", "1111222233334", "11112222333x"}, "12 digits"},
		"trusted account": {CheckTrustedAccount, []string{"111122223333", "*"}, []string{"", "**", "1111"}, "12 digits"},
		"organization":    {CheckOrg, []string{"o-a1b2c3d4e5"}, []string{"", "o-", "o-1", "O-A1B2C3D4E5", "a1b2c3d4e5", "o-" + strings.Repeat("a", 33)}, "an organization id"},
		"principal":       {CheckPrincipal, []string{writer, "arn:aws-cn:iam::{account}:user/path/a"}, []string{"", "bob", "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:role/", "arn:aws:iam::111122223333:role/*", "arn:aws:sts::111122223333:role/a"}, "the ARN of a role or user"},
		"protected key":   {CheckProtectedKey, []string{keyID, "arn:aws:kms:us-east-1:111122223333:key/" + keyID}, []string{"", "alias/x", "arn:aws:kms:us-east-1:111122223333:alias/x", "arn:aws:kms:us-east-1:111122223333:key/x", strings.ToUpper(keyID)}, "a key id or a key ARN"},
		"rule to accept":  {CheckAcceptedRule, []string{advice(t)}, []string{"", "no-such-rule"}, "the id of a rule"},
		"severity":        {severity, []string{"error", "security", "warning"}, []string{"", "info", "Error", "fatal"}, "want one of security, error, warning"},
	} {
		for _, v := range c.good {
			if err := c.check(v); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, v := range c.bad {
			if err := c.check(v); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), `"`+v+`"`) {
				t.Errorf("%s %q: %v; want an error that quotes it and says %q", name, v, err, c.want)
			}
		}
	}
}

func severity(v string) error {
	_, err := ParseSeverity(v)
	return err
}

// advice is some rule that a deployment may accept.
func advice(t *testing.T) string {
	t.Helper()
	for _, rule := range keypolicy.Rules() {
		if rule.Acceptable() {
			return rule.ID
		}
	}
	t.Fatal("no rule can be accepted")
	return ""
}

func TestTheScheduleOfTheSweepIsReadAsEventBridgeReadsIt(t *testing.T) {
	for schedule, want := range map[string]time.Duration{
		"rate(1 hour)": time.Hour, "rate(15 minutes)": 15 * time.Minute, "rate(2 days)": 48 * time.Hour, "": 0,
	} {
		s, err := LoadSweep(func(name string) string {
			return map[string]string{"POLICY_BUCKET": "b", "APPLY_QUEUE_URL": "q", "SWEEP_SCHEDULE": schedule}[name]
		})
		if err != nil || s.Interval != want || s.QueueURL != "q" || s.ReadsPerSecond != 50 {
			t.Errorf("%q: %+v, %v", schedule, s, err)
		}
	}
	for _, schedule := range []string{"1 hour", "rate(0 hours)", "rate(1 week)", "rate(hour)", "rate(1 hour", "cron(0 * * * ? *)"} {
		_, err := LoadSweep(func(name string) string {
			return map[string]string{"POLICY_BUCKET": "b", "APPLY_QUEUE_URL": "q", "SWEEP_SCHEDULE": schedule}[name]
		})
		if err == nil || !strings.Contains(err.Error(), "SWEEP_SCHEDULE") {
			t.Errorf("%q: %v", schedule, err)
		}
	}
}
