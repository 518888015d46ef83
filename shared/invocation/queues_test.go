package invocation_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/outcome"
)

const planName = "plans/pr-17/policies/" + functest.KeyID + ".json"

// planned are triggers that ask for a plan.
func planned() map[string][]byte {
	return map[string][]byte{
		"an upload":              functest.Uploaded(planName, "v1"),
		"a dry run of an object": functest.Requested("r1", time.Now(), functest.M{"object": functest.ObjectName, "dryRun": true}),
		"a dry run of a policy":  functest.Requested("r2", time.Now(), functest.M{"key": functest.KeyID, "policy": functest.Policy("new"), "dryRun": true}),
		"a dry run of a text":    functest.Requested("r3", time.Now(), functest.M{"key": "alias/payments", "policy": functest.Raw(functest.Policy("new")), "dryRun": true}),
		"a request for a plan":   functest.Requested("r4", time.Now(), functest.M{"object": planName}),
	}
}

func scenery(w *functest.World) {
	w.Cloud.S3.Put(functest.Bucket, planName, []byte(functest.Policy("new")), nil)
	w.Upload(functest.Policy("new"))
}

// No plan waits behind uploads, and no upload behind plans: what comes to the
// other function's queue is sent on, and means the same there.
func TestAPlanIsSentOnToTheFunctionThatPlans(t *testing.T) {
	for name, payload := range planned() {
		t.Run(name, func(t *testing.T) {
			var body string
			functest.Play(t, functest.Deployed(), func(w *functest.World) {
				scenery(w)
				w.Cloud.SQS.Send("apply", string(payload))
				w.Settle("apply", w.Cloud.SQS.Receive("apply", 1))
				bodies := w.Cloud.SQS.Bodies("plan")
				if len(bodies) != 1 || len(w.Events()) != 0 || w.Puts() != 0 || w.Cloud.SQS.Depth("apply") != 0 {
					t.Fatalf("%d messages to plan, %s, %d puts, %d left", len(bodies), functest.SayAll(w.Events()), w.Puts(), w.Cloud.SQS.Depth("apply"))
				}
				body = bodies[0]
			})
			there, here := plannedBy(t, []byte(body)), plannedBy(t, payload)
			if there != here {
				t.Errorf("sent on it comes to\n%s\nand directly to\n%s", there, here)
			}
		})
	}
}

// plannedBy is what the function that plans reports of a message, without what
// differs from run to run.
func plannedBy(t *testing.T, body []byte) (report string) {
	t.Helper()
	functest.PlayPlan(t, functest.Deployed(), func(w *functest.World) {
		scenery(w)
		w.Cloud.SQS.Send("plan", string(body))
		w.Settle("plan", w.Cloud.SQS.Receive("plan", 1))
		events := w.Events()
		if len(events) != 1 || events[0].Type != outcome.Planned || w.Puts() != 0 || w.Cloud.SQS.Depth("plan") != 0 {
			t.Fatalf("%s, %d puts", functest.SayAll(events), w.Puts())
		}
		text, err := json.Marshal(events[0].Detail.Data)
		if err != nil {
			t.Fatal(err)
		}
		report = string(text)
	})
	return report
}

func TestAPlanThatCannotBeSentOnComesAgain(t *testing.T) {
	functest.Play(t, functest.Deployed(), func(w *functest.World) {
		scenery(w)
		w.Intercept = functest.First(functest.Always, "SendMessage", functest.Fails(500, "InternalError", ""))
		if back := w.Batch(functest.Uploaded(planName, "v1")); back != "m0" || len(w.Events()) != 0 {
			t.Errorf("returned %q, %s", back, functest.SayAll(w.Events()))
		}
	})
}

// The function that plans has no power to do anything else, and must not lose
// what belongs to the other one.
func TestTheFunctionThatPlansReturnsWhatIsNoPlan(t *testing.T) {
	functest.PlayPlan(t, functest.Deployed(), func(w *functest.World) {
		scenery(w)
		back := w.Batch(
			functest.Uploaded(functest.ObjectName, ""),
			functest.Requested("r1", time.Now(), functest.M{"object": functest.ObjectName}),
			functest.Requested("r2", time.Now(), functest.M{"key": functest.KeyID, "policy": functest.Policy("new")}),
			functest.Reconcile(functest.ObjectName, "sweep"), functest.Reconcile(functest.ObjectName, "late-put"),
		)
		if back != "m0 m1 m2 m3 m4" || w.Puts() != 0 || len(w.Events()) != 0 {
			t.Errorf("returned %q, %d puts, %s", back, w.Puts(), functest.SayAll(w.Events()))
		}
		if _, err := w.Invoke(functest.Uploaded(functest.ObjectName, "")); err == nil || !strings.Contains(err.Error(), "only plans") {
			t.Errorf("directly: %v", err)
		}
	})
}

// Only instances that read the queue of uploads have a share of the PutKeyPolicy
// quota: what a reconcile finds to be put goes there.
func TestAReconcileThatNeedsAPutIsSentToTheQueueOfUploads(t *testing.T) {
	functest.Play(t, functest.Deployed(), func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		w.Cloud.SQS.Send("reconcile", string(functest.Reconcile(functest.ObjectName, "late-put")))
		w.Settle("reconcile", w.Cloud.SQS.Receive("reconcile", 1))
		if bodies := w.Cloud.SQS.Bodies("apply"); w.Puts() != 0 || len(bodies) != 1 || !strings.Contains(bodies[0], "late-put") || len(w.Events()) != 0 {
			t.Fatalf("%d puts, %v, %s", w.Puts(), bodies, functest.SayAll(w.Events()))
		}
		w.Drain("apply")
		if got := functest.SayAll(w.Events()); got != "Applied" || w.InForce(functest.KeyID) != "new" {
			t.Errorf("%s, %s in force", got, w.InForce(functest.KeyID))
		}
	})
}

func TestAReconcileThatFindsWhatItShouldSendsNothingOn(t *testing.T) {
	functest.Play(t, functest.Deployed(), func(w *functest.World) {
		w.Applied(w.Upload(functest.Policy("old")), functest.Policy("old"))
		for _, reason := range []string{"sweep", "late-put"} {
			w.Cloud.SQS.Send("reconcile", string(functest.Reconcile(functest.ObjectName, reason)))
		}
		w.Settle("reconcile", w.Cloud.SQS.Receive("reconcile", 2))
		if w.Puts() != 0 || w.Cloud.SQS.Depth("apply") != 0 || len(w.Events()) != 0 || w.Cloud.SQS.Depth("reconcile") != 0 {
			t.Errorf("%d puts, %d messages, %s", w.Puts(), w.Cloud.SQS.Depth("apply"), functest.SayAll(w.Events()))
		}
	})
}

func TestAnUploadInTheQueueOfReconcilesIsNotLost(t *testing.T) {
	functest.Play(t, functest.Deployed(), func(w *functest.World) {
		version := w.Upload(functest.Policy("new"))
		w.Cloud.SQS.Send("reconcile", string(functest.Uploaded(functest.ObjectName, version)))
		w.Settle("reconcile", w.Cloud.SQS.Receive("reconcile", 1))
		if w.Puts() != 0 {
			t.Error("it was put")
		}
		w.Drain("apply")
		if got := functest.SayAll(w.Events()); got != "Applied" {
			t.Errorf("%s", got)
		}
	})
}

// An ambiguous put owes a reconcile, which must not wait behind uploads, nor they
// behind it.
func TestTheReconcileAfterAnAmbiguousPutWaitsAmongReconciles(t *testing.T) {
	functest.Play(t, functest.Deployed(), func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		w.Intercept = functest.First(1, "PutKeyPolicy", functest.Fails(500, "KMSInternalException", ""))
		w.Single(functest.Uploaded(functest.ObjectName, ""))
		time.Sleep(20 * time.Minute)
		if n := w.Cloud.SQS.Depth("reconcile"); n != 1 || w.Cloud.SQS.Depth("apply") != 0 {
			t.Errorf("%d among the reconciles, %d among the uploads", n, w.Cloud.SQS.Depth("apply"))
		}
	})
}

func TestDriftIsNotReportedWhereItIsNotLookedFor(t *testing.T) {
	for mode, want := range map[string]string{"detect": "Drift Detected", "off": ""} {
		functest.Play(t, map[string]string{"DRIFT_MODE": mode}, func(w *functest.World) {
			w.Upload(functest.Policy("new"))
			w.Outcomes(functest.Uploaded(functest.ObjectName, ""))
			time.Sleep(time.Hour)
			before := len(w.Events())
			w.Cloud.KMS.SetPolicy(functest.KeyID, functest.Policy("by hand"))
			w.Outcomes(functest.Reconcile(functest.ObjectName, "sweep"))
			if got := functest.SayAll(w.Events()[before:]); got != want || w.InForce(functest.KeyID) != "by hand" {
				t.Errorf("DRIFT_MODE=%s: %q, %s in force", mode, got, w.InForce(functest.KeyID))
			}
		})
	}
}
