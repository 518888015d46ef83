package converge_test

import (
	"testing"

	"github.com/keysmith/keysmith/shared/functest"
)

func TestKMSsOwnCheckIsSkippedOnlyWhereObjectAndDeploymentAsk(t *testing.T) {
	for name, c := range map[string]struct{ metadata, allow, want string }{
		"neither asks":         {"", "false", "check"},
		"the object asks":      {"true", "false", "check, told"},
		"the deployment would": {"", "true", "check"},
		"both ask":             {"true", "true", "skip"},
		"the object mumbles":   {"yes", "true", "check"},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, map[string]string{"ALLOW_LOCKOUT_BYPASS": c.allow}, func(w *functest.World) {
				w.Cloud.S3.Put(functest.Bucket, functest.ObjectName, []byte(functest.Policy("new")), map[string]string{"bypass-policy-lockout-safety-check": c.metadata})
				e := w.Single(functest.Uploaded(functest.ObjectName, ""))
				got := "check"
				if w.Cloud.KMS.Puts()[0].Bypass {
					got = "skip"
				}
				if hasRule(e, "lockout-bypass") {
					got += ", told"
				}
				if functest.Say(e) != "Applied" || got != c.want || e.Detail.Data.Policy.LockoutBypass != (c.want == "skip") {
					t.Errorf("%s, %s; want %s", functest.Say(e), got, c.want)
				}
			})
		})
	}
}

func TestOurOwnLockoutRulesHoldAlsoWhereKMSsCheckIsSkipped(t *testing.T) {
	functest.Play(t, map[string]string{"ALLOW_LOCKOUT_BYPASS": "true"}, func(w *functest.World) {
		w.Cloud.S3.Put(functest.Bucket, functest.ObjectName, []byte(functest.Lockout), map[string]string{"bypass-policy-lockout-safety-check": "true"})
		if e := w.Single(functest.Uploaded(functest.ObjectName, "")); functest.Say(e) != "Rejected LOCKOUT" || w.Puts() != 0 {
			t.Errorf("%s, %d puts", functest.Say(e), w.Puts())
		}
	})
}
