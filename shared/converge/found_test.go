package converge_test

import (
	"github.com/keysmith/keysmith/shared/functest"

	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// What random runs found once, as cases that can be read.

func TestAVersionThatIsReadInForceIsNotToldToHaveFailed(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		unread := functest.First(3, http.MethodHead, functest.Fails(http.StatusInternalServerError, "InternalError", "")) // all tries of the SDK
		var put, denied atomic.Bool
		w.Intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			if action == "PutKeyPolicy" {
				put.Store(true)
			}
			if put.Load() && action == "GetKeyPolicy" && !denied.Swap(true) {
				return functest.AnswerError(400, "AccessDeniedException", "not now")
			}
			return unread(action, send)
		}
		if e := w.Single(functest.Uploaded(functest.ObjectName, "")); functest.Say(e) != "Applied" || w.InForce(functest.KeyID) != "new" {
			t.Errorf("%s, %s in force", functest.Say(e), w.InForce(functest.KeyID))
		}
	})
}

func TestAPutThatMayNotBeTriedForProofIsNotForgotten(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		v1 := w.Upload(functest.Policy("v1"))
		expired := functest.AfterPut("GetKeyPolicy", functest.Fails(400, "ExpiredTokenException", ""))
		change := functest.First(1, "PutKeyPolicy", func(send func() (*http.Response, error)) (*http.Response, error) {
			w.Upload(functest.Lockout)
			return send()
		})
		w.Intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			return expired(action, func() (*http.Response, error) { return change(action, send) })
		}
		if back := w.Batch(functest.Uploaded(functest.ObjectName, v1)); back != "m0" || len(w.Events()) != 0 {
			t.Errorf("returned %q after %s: the put of v1 is in force and nothing was reported", back, functest.SayAll(w.Events()))
		}
	})
}

func TestARejectionTellsNoReadsOfAnEarlierComparison(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Applied(w.Upload(functest.Policy("new")), functest.Policy("new"))
		looked := 0
		w.Intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			if action == "GetKeyPolicy" {
				if looked++; looked == 3 {
					w.Upload(functest.Typo)
				}
			}
			return send()
		}
		if e := w.Single(functest.Reconcile(functest.ObjectName, "sweep")); functest.Say(e) != "Rejected INVALID_POLICY" || e.Detail.Data.Verification != nil {
			t.Errorf("%s with %+v", functest.Say(e), e.Detail.Data.Verification)
		}
	})
}

func TestAPutIsToldAlsoWhenItsObjectIsDeletedMeanwhile(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		v1 := w.Upload(functest.Policy("v1"))
		w.Intercept = functest.First(1, http.MethodHead, func(send func() (*http.Response, error)) (*http.Response, error) {
			w.Cloud.S3.Delete(functest.Bucket, functest.ObjectName)
			w.Cloud.KMS.SetPolicy(functest.KeyID, functest.Policy("somebody else's"))
			return send()
		})
		if e := w.Single(functest.Uploaded(functest.ObjectName, v1)); functest.Say(e) != "Failed VERIFY_MISMATCH" || functest.VersionOf(e) != v1 {
			t.Errorf("%s of version %s", functest.Say(e), functest.VersionOf(e))
		}
	})
}

func TestAKeyThatAlwaysFailsDoesNotFillTheQueueWithReconciles(t *testing.T) {
	functest.Play(t, map[string]string{"APPLY_QUEUE_URL": "http://aws.test/" + functest.Account + "/work"}, func(w *functest.World) {
		w.Cloud.SQS.CreateQueue("dead", nil)
		w.Cloud.SQS.CreateQueue("work", map[string]string{
			"VisibilityTimeout": "720", "RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:` + functest.Account + `:dead","maxReceiveCount":10}`,
		})
		w.Upload(functest.Policy("new"))
		w.Cloud.Fault(fakeaws.Fault{Service: "kms", Action: "PutKeyPolicy", Kind: fakeaws.Refuse, Code: "KMSInternalException"})
		w.Cloud.SQS.Send("work", string(functest.Uploaded(functest.ObjectName, "")))
		w.Drain("work")
		if n := w.Cloud.SQS.Depth("dead"); n != 1 {
			t.Errorf("%d messages in the dead-letter queue; want the upload: the reconcile finds that its failure is final", n)
		}
	})
}

// The first read may be stale: drift is what so many reads in a row agree on.
func TestDriftIsToldOfThePolicyThatWasReadInARow(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Applied(w.Upload(functest.Policy("new")), functest.Policy("new"))
		w.Cloud.KMS.SetPolicy(functest.KeyID, functest.PolicyWith("by hand", `"arn:aws:iam::111122223333:role/bob"`))
		w.Intercept = functest.Reads("old") // then the truth
		e := w.Single(functest.Reconcile(functest.ObjectName, "sweep"))
		if functest.Say(e) != "Drift Detected" || !strings.Contains(string(functest.JSON(e.Detail.Data.Access)), "role/bob") {
			t.Errorf("%s: %+v", functest.Say(e), e.Detail.Data.Access)
		}
		first := e.Detail.Data.Previous.CanonicalSHA256
		w.Intercept = nil
		time.Sleep(25 * time.Hour)
		if again := w.Single(functest.Reconcile(functest.ObjectName, "sweep")); again.Detail.Data.Previous.CanonicalSHA256 != first {
			t.Error("the same drift has two digests")
		}
	})
}
