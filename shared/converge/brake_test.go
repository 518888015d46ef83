package converge_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/functest"
)

const otherName = "policies/" + functest.OtherID + ".json"

// braked is a function that may change one key in an hour.
var braked = map[string]string{"CHANGES_PER_HOUR": "1"}

func TestWithoutATokenNothingIsPutUntilThereIsOne(t *testing.T) {
	functest.Play(t, braked, func(w *functest.World) {
		w.Cloud.S3.Put(functest.Bucket, otherName, []byte(functest.Policy("new")), nil)
		w.Single(functest.Uploaded(otherName, ""))
		w.Upload(functest.Policy("new"))
		w.DeadLetterQueue()
		w.Cloud.SQS.Send("apply", string(functest.Uploaded(functest.ObjectName, "")))
		began := time.Now()
		w.Drain("apply")
		if took := time.Since(began); took < 59*time.Minute || took > 76*time.Minute {
			t.Errorf("the upload was answered after %s", took)
		}
		if got := functest.SayAll(w.Events()); got != "Applied, Failed BRAKE, Applied" {
			t.Errorf("%s; want BRAKE once, and then the policy", got)
		}
		if e := w.Events()[1].Detail.Data; !e.Error.Retryable || !strings.Contains(e.Error.Message, "CHANGES_PER_HOUR") {
			t.Errorf("%+v", e.Error)
		}
		history := len(w.Cloud.S3.Keys(functest.Bucket, "history/"+functest.Account+"/us-east-1/"+functest.KeyID))
		if history != 1 || w.Puts() != 2 || w.InForce(functest.KeyID) != "new" {
			t.Errorf("%d copies in the history, %d puts, %s in force", history, w.Puts(), w.InForce(functest.KeyID))
		}
		if n := strings.Count(w.EMF.String(), `"Braked":1`); n < 2 {
			t.Errorf("braked messages were counted %d times", n)
		}
	})
}

// What changes nothing needs no token, and a refused put takes none.
func TestOnlyAChangeTakesAToken(t *testing.T) {
	functest.Play(t, braked, func(w *functest.World) {
		for range 3 { // in force already
			if e := w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("old")))); functest.Say(e) != "Applied" {
				t.Fatal(functest.Say(e))
			}
		}
		w.Intercept = functest.First(1, "PutKeyPolicy", functest.Fails(400, "MalformedPolicyDocumentException", "no"))
		if e := w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("refused")))); functest.Say(e) != "Failed INVALID_POLICY" {
			t.Fatal(functest.Say(e))
		}
		if e := w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("new")))); functest.Say(e) != "Applied" {
			t.Errorf("after a refused put: %s", functest.Say(e))
		}
	})
}

// At the last receive the message waits in the dead-letter queue, and is neither
// acknowledged nor reported as final: BRAKE ends by itself.
func TestAgeNeverMakesTheBrakeFinal(t *testing.T) {
	functest.Play(t, braked, func(w *functest.World) {
		w.DeadLetterQueue()
		w.Cloud.S3.Put(functest.Bucket, otherName, []byte(functest.Policy("new")), nil)
		w.Upload(functest.Policy("new"))
		w.Cloud.SQS.Send("work", string(functest.Uploaded(functest.ObjectName, "")))
		for i := range 10 {
			// Somebody else takes each token as soon as there is one.
			w.Cloud.KMS.SetPolicy(functest.OtherID, functest.Policy("old"))
			w.Single(functest.Uploaded(otherName, ""))
			messages := w.Cloud.SQS.Receive("work", 1)
			if len(messages) != 1 || messages[0].ReceiveCount != i+1 {
				t.Fatalf("receive %d: %+v", i+1, messages)
			}
			w.Settle("work", messages)
			time.Sleep(time.Hour)
		}
		w.Cloud.SQS.Receive("work", 1)
		failed := 0
		for _, e := range w.Events() {
			if functest.VersionOf(e) != "" && functest.Say(e) == "Failed BRAKE" {
				failed++
			}
			if e.Detail.Data.Error != nil && !e.Detail.Data.Error.Retryable {
				t.Errorf("%s is final", functest.Say(e))
			}
		}
		if n := w.Cloud.SQS.Depth("dead"); n != 1 || failed != 1 || w.InForce(functest.KeyID) != "old" {
			t.Errorf("%d dead letters, BRAKE was reported %d times, %s in force", n, failed, w.InForce(functest.KeyID))
		}
	})
}

// BRAKE is news once, whatever asks again, and whichever instance is asked: the status
// remembers it.
func TestTheBrakeIsReportedOnceForAVersion(t *testing.T) {
	functest.Play(t, braked, func(w *functest.World) {
		w.Cloud.S3.Put(functest.Bucket, otherName, []byte(functest.Policy("new")), nil)
		w.Single(functest.Uploaded(otherName, ""))
		upload := functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("new")))
		before := len(w.Events())
		for _, message := range [][]byte{upload, upload, functest.Reconcile(functest.ObjectName, "sweep"), functest.Requested("r1", time.Now(), functest.M{"object": functest.ObjectName})} {
			if back := w.Batch(message); back != "m0" {
				t.Errorf("returned %q", back)
			}
		}
		w.Start(braked)
		w.Single(functest.Uploaded(otherName, w.Cloud.S3.Put(functest.Bucket, otherName, []byte(functest.Policy("newer")), nil)))
		if back := w.Batch(upload); back != "m0" {
			t.Errorf("by another instance: returned %q", back)
		}
		if got := functest.SayAll(w.Events()[before:]); got != "Failed BRAKE, Applied" {
			t.Errorf("%s", got)
		}
		w.Upload(functest.Policy("newest"))
		if w.Batch(functest.Uploaded(functest.ObjectName, "")); functest.Say(w.Events()[len(w.Events())-1]) != "Failed BRAKE" {
			t.Error("BRAKE of the next version was not reported")
		}
	})
}
