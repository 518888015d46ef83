package converge_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/functest"
)

const holdName = "holds/" + functest.ObjectName

// freeze puts a hold on the key for so long; 0 is without an end.
func freeze(w *functest.World, last time.Duration) {
	hold := functest.M{"reason": "incident 12"}
	if last != 0 {
		hold["until"] = time.Now().Add(last).UTC().Format(time.RFC3339)
	}
	w.Cloud.S3.Put(functest.Bucket, holdName, functest.JSON(hold), nil)
}

func TestAnUploadUnderAHoldIsRefusedAndAppliedWhenItIsDeleted(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		freeze(w, 0)
		e := w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("new"))))
		if functest.Say(e) != "Rejected HELD" || !strings.Contains(e.Detail.Data.Error.Message, "incident 12") || w.Puts() != 0 {
			t.Fatalf("%s: %+v, %d puts", functest.Say(e), e.Detail.Data.Error, w.Puts())
		}
		if copies := w.Cloud.S3.Keys(functest.Bucket, "history/"); len(copies) != 0 {
			t.Errorf("history says that something was replaced: %v", copies)
		}
		// While it is there, a sweep neither puts nor reports again.
		if events := w.Outcomes(functest.Reconcile(functest.ObjectName, "sweep")); len(events) != 0 || w.Puts() != 0 {
			t.Errorf("a sweep: %s, %d puts", functest.SayAll(events), w.Puts())
		}
		w.Cloud.S3.Delete(functest.Bucket, holdName)
		if e := w.Single(functest.Reconcile(functest.ObjectName, "sweep")); functest.Say(e) != "Applied" || w.InForce(functest.KeyID) != "new" {
			t.Errorf("after it: %s, %s in force", functest.Say(e), w.InForce(functest.KeyID))
		}
	})
}

func TestAHoldThatHasEndedIsFoundByTheSweep(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		freeze(w, time.Hour)
		w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("new"))))
		time.Sleep(59 * time.Minute)
		if events := w.Outcomes(functest.Reconcile(functest.ObjectName, "sweep")); len(events) != 0 || w.Puts() != 0 {
			t.Errorf("before its end: %s, %d puts", functest.SayAll(events), w.Puts())
		}
		time.Sleep(time.Minute)
		if e := w.Single(functest.Reconcile(functest.ObjectName, "sweep")); functest.Say(e) != "Applied" || w.InForce(functest.KeyID) != "new" {
			t.Errorf("at its end: %s, %s in force", functest.Say(e), w.InForce(functest.KeyID))
		}
	})
}

// Nothing is put, whatever asks for it; drift is reported.
func TestUnderAHoldNothingIsPut(t *testing.T) {
	for name, trigger := range map[string]func(w *functest.World) []byte{
		"an upload": func(*functest.World) []byte { return functest.Uploaded(functest.ObjectName, "") },
		"a request": func(*functest.World) []byte {
			return functest.Requested("r1", time.Now(), functest.M{"object": functest.ObjectName})
		},
		"an inline policy": func(*functest.World) []byte {
			return functest.Requested("r2", time.Now(), functest.M{"key": functest.KeyID, "policy": functest.Policy("asked")})
		},
		"a late put": func(*functest.World) []byte { return functest.Reconcile(functest.ObjectName, "late-put") },
		"a sweep":    func(*functest.World) []byte { return functest.Reconcile(functest.ObjectName, "sweep") },
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, nil, func(w *functest.World) {
				w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("new"))))
				time.Sleep(time.Hour)
				freeze(w, 24*time.Hour)
				w.Cloud.KMS.SetPolicy(functest.KeyID, functest.Policy("by hand"))
				puts := w.Puts()
				events := w.Outcomes(trigger(w))
				want := "Rejected HELD"
				if name == "a sweep" {
					want = "Drift Detected"
				}
				if functest.SayAll(events) != want || w.Puts() != puts || w.InForce(functest.KeyID) != "by hand" {
					t.Errorf("%s, %d puts, %s in force", functest.SayAll(events), w.Puts()-puts, w.InForce(functest.KeyID))
				}
			})
		})
	}
}
