package batch_test

import (
	"github.com/keysmith/keysmith/shared/functest"

	"testing"
	"time"
)

// Row 41.
func TestOnePoisonRecordNeverSpoilsTheOthers(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		w.Cloud.S3.Put(functest.Bucket, "policies/"+functest.OtherID+".json", []byte(functest.Typo), nil)
		failed := w.Batch(
			functest.Uploaded(functest.ObjectName, ""),
			[]byte("not JSON"),
			functest.Uploaded("policies/"+functest.OtherID+".json", ""),
			[]byte(`[1,2]`),
			[]byte(`{"Event": "s3:TestEvent"}`),
		)
		if failed != "m1 m3" {
			t.Errorf("returned: %q; want only what cannot be read", failed)
		}
		if got := functest.SayAll(w.Events()); got != "Applied, Rejected INVALID_POLICY" && got != "Rejected INVALID_POLICY, Applied" {
			t.Errorf("events: %s", got)
		}
		if a := w.Events()[0].Detail.Metadata.Attempt; a != 2 {
			t.Errorf("attempt %d; want SQS's receive count", a)
		}
	})
}

func TestSeveralRecordsForOneKeyConvergeOnce(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		failed := w.Batch(functest.Uploaded(functest.ObjectName, ""), functest.Uploaded(functest.ObjectName, ""), functest.Notified(functest.ObjectName),
			functest.Reconcile(functest.ObjectName, "sweep"), functest.Requested("r1", time.Now(), functest.M{"object": functest.ObjectName}), functest.Requested("r2", time.Now(), functest.M{"object": functest.ObjectName}))
		if failed != "" || w.Puts() != 1 {
			t.Errorf("returned %q, %d puts", failed, w.Puts())
		}
		if got := functest.SayAll(w.Events()); got != "Applied, Applied, Applied" {
			t.Errorf("%s; want one event for the uploads and one for each request", got)
		}
	})
}

func TestKeysOfABatchAreProvenSideBySide(t *testing.T) {
	functest.Play(t, map[string]string{"PUTS_PER_SECOND": "1000"}, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		w.Cloud.S3.Put(functest.Bucket, "policies/"+functest.OtherID+".json", []byte(functest.Policy("new")), nil)
		start := time.Now()
		if failed := w.Batch(functest.Uploaded(functest.ObjectName, ""), functest.Uploaded("policies/"+functest.OtherID+".json", "")); failed != "" {
			t.Errorf("returned %q", failed)
		}
		if took := time.Since(start); took > 6*time.Second || w.Puts() != 2 {
			t.Errorf("%d keys took %s; one takes 4 s", w.Puts(), took)
		}
	})
}

func TestPutsKeepToThisInstancesShareOfTheQuota(t *testing.T) {
	functest.Play(t, map[string]string{"PUTS_PER_SECOND": "0.1"}, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		w.Cloud.S3.Put(functest.Bucket, "policies/"+functest.OtherID+".json", []byte(functest.Policy("new")), nil)
		if failed := w.Batch(functest.Uploaded(functest.ObjectName, ""), functest.Uploaded("policies/"+functest.OtherID+".json", "")); failed != "" {
			t.Errorf("returned %q", failed)
		}
		puts := w.Cloud.KMS.Puts()
		if len(puts) != 2 || puts[1].Time.Sub(puts[0].Time) < 9*time.Second {
			t.Errorf("puts: %+v", puts)
		}
	})
}

// What EventBridge Pipes sends is a list: several requests in one invocation.
func TestEachRequestOfAListIsAnswered(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		list := functest.JSON([]functest.M{
			{"key": functest.KeyID, "policy": functest.Raw(functest.Policy("a"))},
			{"key": functest.OtherID, "policy": functest.Raw(functest.Policy("b"))},
			{"key": functest.KeyID, "policies": 1},
			{"what": "ever", "key": 7},
		})
		if _, err := w.Invoke(list); err != nil {
			t.Error(err)
		}
		if w.InForce(functest.KeyID) != "a" || w.InForce(functest.OtherID) != "b" || len(w.Events()) != 4 {
			t.Errorf("%q and %q are in force, %s", w.InForce(functest.KeyID), w.InForce(functest.OtherID), functest.SayAll(w.Events()))
		}
	})
}
