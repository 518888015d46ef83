package sweep_test

import (
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/functest"
)

func TestTheRoleAllowsWhatASweepNeedsAndNothingElse(t *testing.T) {
	role := functest.RoleOf(t, "SweepFunction", functest.Targets())
	for name, scene := range map[string]func(*world){
		"an empty bucket": func(w *world) { w.done("r1") },
		"statuses, and keys by their tags": func(w *world) {
			w.env["MANAGED_BY_TAG"] = "keysmith"
			w.fleet(20)
			w.status(object(1), `"outcome": "Applied"`)
			w.status(object(50), `"outcome": "Applied"`)
			w.done("r1")
			w.done("r2") // over the reports of the first
		},
		"keys of another account": func(w *world) {
			w.targets("us-east-1,"+functest.ElsewhereRegion, functest.Elsewhere)
			w.keyIn(functest.Elsewhere, functest.ElsewhereRegion, keyID(1), true)
			if answer := w.done("r1"); answer.Sent != 1 {
				w.Errorf("%+v", answer)
			}
		},
		"a sweep that continues itself": func(w *world) {
			w.env["SWEEP_READS_PER_SECOND"] = "1"
			w.timeout = time.Minute
			w.fleet(70)
			w.done("r1")
			time.Sleep(time.Hour)
		},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, 0, func(w *world) {
				scene(w)
				functest.Permitted(t, role, w.cloud.Calls())
			})
		})
	}
	for _, line := range role.Unneeded() {
		t.Errorf("nothing needs %s", line)
	}
	for _, action := range role.Missing() {
		t.Errorf("Lambda needs %s", action)
	}
	for _, action := range role.Actions() {
		if action != "kms:ListKeys" && action != "kms:ListAliases" && len(action) > 4 && action[:4] == "kms:" {
			t.Errorf("a sweep may do %s", action)
		}
	}
}
