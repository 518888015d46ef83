package main

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// What random runs found once, as cases that can be read.

func TestAVersionThatIsReadInForceIsNotToldToHaveFailed(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("new"))
		unread := first(3, http.MethodHead, fails(http.StatusInternalServerError, "InternalError", "")) // all tries of the SDK
		var put, denied atomic.Bool
		w.intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			if action == "PutKeyPolicy" {
				put.Store(true)
			}
			if put.Load() && action == "GetKeyPolicy" && !denied.Swap(true) {
				return answerError(400, "AccessDeniedException", "not now")
			}
			return unread(action, send)
		}
		if e := w.single(uploaded(objectName, "")); say(e) != "Applied" || w.inForce(keyID) != "new" {
			t.Errorf("%s, %s in force", say(e), w.inForce(keyID))
		}
	})
}

func TestAPutThatMayNotBeTriedForProofIsNotForgotten(t *testing.T) {
	play(t, nil, func(w *world) {
		v1 := w.upload(policy("v1"))
		expired := afterPut("GetKeyPolicy", fails(400, "ExpiredTokenException", ""))
		change := first(1, "PutKeyPolicy", func(send func() (*http.Response, error)) (*http.Response, error) {
			w.upload(lockout)
			return send()
		})
		w.intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			return expired(action, func() (*http.Response, error) { return change(action, send) })
		}
		if back := w.batch(uploaded(objectName, v1)); back != "m0" || len(w.events()) != 0 {
			t.Errorf("handed back %q after %s: the put of v1 is in force and nobody was told", back, sayAll(w.events()))
		}
	})
}

func TestARejectionTellsNoReadsOfAnEarlierComparison(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("new"))
		looked := 0
		w.intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			if action == "GetKeyPolicy" {
				if looked++; looked == 3 {
					w.upload(typo)
				}
			}
			return send()
		}
		if e := w.single(look(objectName, "sweep")); say(e) != "Rejected INVALID_POLICY" || e.Detail.Data.Verification != nil {
			t.Errorf("%s with %+v", say(e), e.Detail.Data.Verification)
		}
	})
}

func TestAPutIsToldAlsoWhenItsObjectIsDeletedMeanwhile(t *testing.T) {
	play(t, nil, func(w *world) {
		v1 := w.upload(policy("v1"))
		w.intercept = first(1, http.MethodHead, func(send func() (*http.Response, error)) (*http.Response, error) {
			w.cloud.S3.Delete(policyBkt, objectName)
			w.cloud.KMS.SetPolicy(keyID, policy("somebody else's"))
			return send()
		})
		if e := w.single(uploaded(objectName, v1)); say(e) != "Failed VERIFY_MISMATCH" || versionOf(e) != v1 {
			t.Errorf("%s of version %s", say(e), versionOf(e))
		}
	})
}

func TestAKeyThatAlwaysFailsDoesNotFillTheQueueWithLooks(t *testing.T) {
	play(t, map[string]string{"APPLY_QUEUE_URL": "http://aws.test/" + account + "/work"}, func(w *world) {
		w.cloud.SQS.CreateQueue("dead", nil)
		w.cloud.SQS.CreateQueue("work", map[string]string{
			"VisibilityTimeout": "720", "RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:` + account + `:dead","maxReceiveCount":10}`,
		})
		w.upload(policy("new"))
		w.cloud.Fault(fakeaws.Fault{Service: "kms", Action: "PutKeyPolicy", Kind: fakeaws.Refuse, Code: "KMSInternalException"})
		w.cloud.SQS.Send("work", string(uploaded(objectName, "")))
		w.drain("work")
		if n := w.cloud.SQS.Depth("dead"); n != 2 {
			t.Errorf("%d messages in the dead-letter queue; want the upload and one look", n)
		}
	})
}
