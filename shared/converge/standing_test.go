package converge_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
)

func sweep() []byte { return functest.Reconcile(functest.ObjectName, "sweep") }

// settled is a status of the newest version with an outcome that is no Applied.
func settled(w *functest.World, version string, o status.Outcome, code outcome.Code, retryable bool) {
	s := status.Status{Schema: status.Schema, Object: functest.ObjectName, VersionID: version, Outcome: o, Time: time.Now()}
	if code != "" {
		s.Error = &outcome.Error{Code: code, Message: "no", Retryable: retryable}
	}
	w.SetStatus(s)
}

// An event that is lost loses no upload.
func TestAVersionWithoutAnOutcomeIsHandledLikeItsUpload(t *testing.T) {
	for name, prepare := range map[string]func(*functest.World, string){
		"no status": func(*functest.World, string) {},
		"a status that was deleted": func(w *functest.World, v string) {
			w.Applied(v, functest.Policy("new"))
			w.Cloud.S3.Delete(functest.Bucket, "status/"+functest.ObjectName)
		},
		"a status that is no JSON": func(w *functest.World, _ string) {
			w.Cloud.S3.Put(functest.Bucket, "status/"+functest.ObjectName, []byte("Applied"), nil)
		},
		"a status of another version": func(w *functest.World, _ string) { w.Applied("another", functest.Policy("new")) },
		"only planned before":         func(w *functest.World, v string) { settled(w, v, status.Planned, "", false) },
		"a failure that is tried again": func(w *functest.World, v string) {
			settled(w, v, status.Failed, outcome.AccessDenied, true)
		},
		"deleted, and there again": func(w *functest.World, _ string) { settled(w, "", status.Removed, "", false) },
	} {
		for _, reason := range []string{"sweep", "late-put", "cloudtrail"} {
			t.Run(name+", "+reason, func(t *testing.T) {
				functest.Play(t, nil, func(w *functest.World) {
					version := w.Upload(functest.Policy("new"))
					prepare(w, version)
					e := w.Single(functest.Reconcile(functest.ObjectName, reason))
					if functest.Say(e) != "Applied" || w.Puts() != 1 || w.InForce(functest.KeyID) != "new" {
						t.Fatalf("%s, %d puts", functest.Say(e), w.Puts())
					}
					if s := w.Status(functest.ObjectName); s == nil || s.Outcome != status.Applied || s.VersionID != version {
						t.Errorf("%+v", s)
					}
					if again := w.Outcomes(sweep()); len(again) != 0 || w.Puts() != 1 {
						t.Errorf("once more: %s, %d puts", functest.SayAll(again), w.Puts())
					}
				})
			})
		}
	}
}

func TestARefusedVersionIsReportedOnce(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Lockout)
		if got := functest.SayAll(w.Outcomes(sweep())); got != "Rejected LOCKOUT" {
			t.Fatal(got)
		}
		for range 3 {
			for _, reason := range []string{"sweep", "late-put", "cloudtrail"} {
				if events := w.Outcomes(functest.Reconcile(functest.ObjectName, reason)); len(events) != 0 || w.Puts() != 0 {
					t.Errorf("%s: %s, %d puts", reason, functest.SayAll(events), w.Puts())
				}
			}
		}
	})
}

func TestAFinalFailureIsNeitherPutNorReportedAgain(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		settled(w, w.Upload(functest.Policy("new")), status.Failed, outcome.Lockout, false)
		if events := w.Outcomes(sweep()); len(events) != 0 || w.Puts() != 0 {
			t.Errorf("%s, %d puts", functest.SayAll(events), w.Puts())
		}
	})
}

func TestAFailedVersionThatIsInForceAfterAllIsApplied(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		settled(w, w.Upload(functest.Policy("new")), status.Failed, outcome.Unverified, false)
		w.Cloud.KMS.SetPolicy(functest.KeyID, functest.Policy("new"))
		e := w.Single(sweep())
		if functest.Say(e) != "Applied" || w.Puts() != 0 || e.Detail.Data.Verification.Reads < 5 || e.Detail.Data.Changed {
			t.Errorf("%s, %d puts, %+v", functest.Say(e), w.Puts(), e.Detail.Data.Verification)
		}
		if s := w.Status(functest.ObjectName); s.Outcome != status.Applied || s.LastApplied == nil {
			t.Errorf("%+v", s)
		}
	})
}

// One DescribeKey and one GetKeyPolicy where nothing is wrong, and no write.
func TestAReconcileInSyncCostsOneReadOfTheKeyAndWritesNothing(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Applied(w.Upload(functest.Policy("new")), functest.Policy("new"))
		w.Cloud.KMS.SetPolicy(functest.KeyID, functest.Policy("new"))
		if events := w.Outcomes(sweep()); len(events) != 0 {
			t.Fatal(functest.SayAll(events))
		}
		var calls []string
		for _, c := range w.Cloud.Calls() {
			calls = append(calls, c.Action)
			if c.Action == "PutObject" || c.Action == "PutEvents" {
				t.Errorf("%s on %s", c.Action, c.Resource)
			}
		}
		all := strings.Join(calls, " ")
		if strings.Count(all, "DescribeKey") != 1 || strings.Count(all, "GetKeyPolicy") != 1 || len(calls) != 4 {
			t.Errorf("calls: %s", all)
		}
	})
}

// The status is a hint: it never takes the place of a read of KMS.
func TestAStatusIsNotBelievedAboutWhatIsInForce(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Applied(w.Upload(functest.Policy("new")), functest.Policy("new")) // and nobody has put it
		if got := functest.SayAll(w.Outcomes(sweep())); got != "Drift Detected" {
			t.Error(got)
		}
	})
}

func TestAStackThatOnlyPlansPlansAVersionOnce(t *testing.T) {
	functest.Play(t, map[string]string{"MODE": "plan"}, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		if got := functest.SayAll(w.Outcomes(sweep())); got != "Planned" {
			t.Fatal(got)
		}
		if events := w.Outcomes(sweep()); len(events) != 0 {
			t.Errorf("again: %s", functest.SayAll(events))
		}
		old := w.Status(functest.ObjectName)
		w.Applied("one before", functest.Policy("old"))
		last := w.Status(functest.ObjectName).LastApplied
		old.LastApplied = last
		w.SetStatus(*old)
		if events := w.Outcomes(sweep()); len(events) != 0 {
			t.Errorf("what was applied last is in force: %s", functest.SayAll(events))
		}
		w.Cloud.KMS.SetPolicy(functest.KeyID, functest.Policy("by hand"))
		if got := functest.SayAll(w.Outcomes(sweep())); got != "Drift Detected" || w.Puts() != 0 {
			t.Errorf("%s, %d puts", got, w.Puts())
		}
	})
}

func TestAStatusThatCannotBeReadMakesTheReconcileComeAgain(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		w.Intercept = functest.First(functest.Always, "GET"+functest.Status, functest.Fails(503, "SlowDown", ""))
		if back := w.Batch(sweep()); back != "m0" || w.Puts() != 0 || len(w.Events()) != 0 {
			t.Errorf("returned %q, %d puts, %s", back, w.Puts(), functest.SayAll(w.Events()))
		}
	})
}

func TestADeletedObjectsStatusSaysRemoved(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("new"))))
		w.Cloud.S3.Delete(functest.Bucket, functest.ObjectName)
		for range 2 {
			if events := w.Outcomes(sweep()); len(events) != 0 || w.InForce(functest.KeyID) != "new" {
				t.Errorf("%s, %s in force", functest.SayAll(events), w.InForce(functest.KeyID))
			}
		}
		s := w.Status(functest.ObjectName)
		if s.Outcome != status.Removed || s.LastApplied == nil || len(w.Cloud.S3.Versions(functest.Bucket, "status/"+functest.ObjectName)) != 2 {
			t.Errorf("%+v", s)
		}
	})
}

// A reconcile of a sweep that puts can be killed in that, and only compares when
// it comes again: what remains to be done must be queued before.
func TestAReconcileOfASweepQueuesAnotherBeforeItPuts(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		w.Single(sweep())
		sent, put := -1, -1
		for i, c := range w.Cloud.Calls() {
			switch c.Action {
			case "SendMessage":
				sent = i
			case "PutKeyPolicy":
				put = i
			}
		}
		if sent < 0 || sent > put {
			t.Errorf("SendMessage is call %d, PutKeyPolicy call %d", sent, put)
		}
	})
}

func TestAKeyThatMayNotBeReadIsReportedOnce(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Applied(w.Upload(functest.Policy("new")), functest.Policy("new"))
		w.Cloud.Fault(fakeaws.Fault{Service: "kms", Action: "GetKeyPolicy", Kind: fakeaws.Refuse, Code: "AccessDeniedException"})
		if got := functest.SayAll(w.Outcomes(sweep())); got != "Failed UNVERIFIED" {
			t.Fatal(got)
		}
		if s := w.Status(functest.ObjectName); s.Outcome != status.Failed || !s.Error.Code.Blind() || s.LastApplied == nil {
			t.Errorf("%+v", s)
		}
		if events := w.Outcomes(sweep()); len(events) != 0 {
			t.Errorf("again: %s", functest.SayAll(events))
		}
	})
}
