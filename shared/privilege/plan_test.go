package privilege_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/outcome"
)

// plans are scenes that together take every permission that the function which
// plans has.
func plans() map[string]func(*functest.World) {
	const plan = "plans/" + functest.KeyID + ".json"
	return map[string]func(*functest.World){
		"an upload": func(w *functest.World) {
			w.Cloud.S3.Put(functest.Bucket, plan, []byte(functest.Policy("new")), nil)
			w.Single(functest.Uploaded(plan, ""))
		},
		"an upload that is gone": func(w *functest.World) { w.Outcomes(functest.Uploaded(plan, "")) },
		"a dry run of an object": func(w *functest.World) {
			w.Upload(functest.Policy("new"))
			w.Single(functest.Requested("r1", time.Now(), functest.M{"object": functest.ObjectName, "dryRun": true}))
		},
		"a dry run of a policy": func(w *functest.World) {
			w.Single(functest.Requested("r1", time.Now(), functest.M{"key": "alias/payments", "policy": functest.Policy("new"), "dryRun": true}))
		},
		"a batch that is returned": func(w *functest.World) {
			w.Cloud.S3.Put(functest.Bucket, plan, []byte(functest.Policy("new")), nil)
			w.Cloud.SQS.Send("plan", string(functest.Uploaded(plan, "")))
			w.Intercept = functest.First(functest.Always, "GetKeyPolicy", functest.Fails(400, "ExpiredTokenException", ""))
			w.Settle("plan", w.Cloud.SQS.Receive("plan", 1))
		},
	}
}

func TestTheRoleThatPlansAllowsWhatIsNeededAndNothingElse(t *testing.T) {
	role := functest.RoleOf(t, "PlanFunction", nil)
	for name, scene := range plans() {
		t.Run(name, func(t *testing.T) {
			functest.PlayPlan(t, functest.Deployed(), func(w *functest.World) {
				scene(w)
				functest.Permitted(t, role, w.Cloud.Calls())
				for _, e := range w.Events() {
					if e.Type != outcome.Planned && e.Type != outcome.Failed {
						t.Errorf("%s", functest.Say(e))
					}
				}
			})
		})
	}
	for _, line := range role.Unneeded() {
		t.Errorf("nothing needs %s", line)
	}
	for _, action := range role.Missing() {
		t.Errorf("Lambda needs %s", action)
	}
}

// Power is what the function that plans must not have, in any mode: it writes the
// statuses of plans and nothing else.
func TestTheRoleThatPlansCanChangeNothing(t *testing.T) {
	const statuses = "s3:PutObject on arn:aws:s3:::" + functest.Bucket + "/status/plans/*"
	for _, mode := range []string{"apply", "plan", "paused"} {
		writes := 0
		for _, grant := range functest.RoleOf(t, "PlanFunction", map[string]string{"MODE": mode}).Grants() {
			switch {
			case grant == statuses:
				writes++
			case strings.HasPrefix(grant, "kms:Put") || strings.HasPrefix(grant, "s3:Put") || strings.HasPrefix(grant, "s3:Delete"):
				t.Errorf("MODE=%s: it may do %s", mode, grant)
			}
		}
		if writes != 1 {
			t.Errorf("MODE=%s: it may not write the statuses of plans", mode)
		}
	}
}
