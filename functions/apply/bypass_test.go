package main

import "testing"

func TestKMSsOwnCheckIsSkippedOnlyWhereObjectAndDeploymentAsk(t *testing.T) {
	for name, c := range map[string]struct{ metadata, allow, want string }{
		"neither asks":         {"", "false", "check"},
		"the object asks":      {"true", "false", "check, told"},
		"the deployment would": {"", "true", "check"},
		"both ask":             {"true", "true", "skip"},
		"the object mumbles":   {"yes", "true", "check"},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, map[string]string{"ALLOW_LOCKOUT_BYPASS": c.allow}, func(w *world) {
				w.cloud.S3.Put(policyBkt, objectName, []byte(policy("new")), map[string]string{"bypass-policy-lockout-safety-check": c.metadata})
				e := w.single(uploaded(objectName, ""))
				got := "check"
				if w.cloud.KMS.Puts()[0].Bypass {
					got = "skip"
				}
				if hasRule(e, "lockout-bypass") {
					got += ", told"
				}
				if say(e) != "Applied" || got != c.want || e.Detail.Data.Policy.LockoutBypass != (c.want == "skip") {
					t.Errorf("%s, %s; want %s", say(e), got, c.want)
				}
			})
		})
	}
}

func TestOurOwnLockoutRulesHoldAlsoWhereKMSsCheckIsSkipped(t *testing.T) {
	play(t, map[string]string{"ALLOW_LOCKOUT_BYPASS": "true"}, func(w *world) {
		w.cloud.S3.Put(policyBkt, objectName, []byte(lockout), map[string]string{"bypass-policy-lockout-safety-check": "true"})
		if e := w.single(uploaded(objectName, "")); say(e) != "Rejected LOCKOUT" || w.puts() != 0 {
			t.Errorf("%s, %d puts", say(e), w.puts())
		}
	})
}
