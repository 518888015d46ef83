package invocation_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/functest"
)

// changed is a call of PutKeyPolicy that CloudTrail reports.
func changed(id string) []byte {
	return functest.JSON(functest.M{
		"id": "trail-1", "source": "aws.kms", "detail-type": "AWS API Call via CloudTrail", "account": functest.Account,
		"time": time.Now().UTC().Format(time.RFC3339), "region": "us-east-1",
		"detail": functest.M{
			"eventName": "PutKeyPolicy", "eventTime": time.Now().UTC().Format(time.RFC3339), "eventID": id, "recipientAccountId": functest.Account,
			"userIdentity": functest.M{"arn": "arn:aws:iam::" + functest.Account + ":user/jane"},
			"resources":    []functest.M{{"ARN": "arn:aws:kms:us-east-1:" + functest.Account + ":key/" + functest.KeyID}},
		},
	})
}

// A message that was never received from the queue must not name anybody.
func TestAMessageThatNamesAnAuthorMustBeReal(t *testing.T) {
	functest.Play(t, map[string]string{"DIRECT_REQUESTS": "false"}, func(w *functest.World) {
		w.Applied(w.Upload(functest.Policy("old")), functest.Policy("old"))
		if back := w.Batch(changed("1")); back != "m0" || len(w.Events()) > 0 {
			t.Errorf("forged: returned %q, %s", back, functest.SayAll(w.Events()))
		}
		w.Cloud.SQS.Send("apply", string(changed("2")))
		w.Settle("apply", w.Cloud.SQS.Receive("apply", 1))
		if n := w.Cloud.SQS.Depth("apply"); n != 0 || len(w.Events()) > 0 {
			t.Errorf("real: %d messages left, %s", n, functest.SayAll(w.Events()))
		}
	})
}

// Nothing is said where the bucket's policy is in force, whoever changed it.
func TestManyHintsForOneKeyAreOneReconcile(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Applied(w.Upload(functest.Policy("old")), functest.Policy("old"))
		reads := 0
		w.Intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			if action == "GetKeyPolicy" {
				reads++
			}
			return send()
		}
		if back := w.Batch(changed("1"), changed("2"), changed("2"), functest.Reconcile(functest.ObjectName, "sweep")); back != "" {
			t.Errorf("returned %q", back)
		}
		if reads != 1 || len(w.Events()) > 0 || w.Puts() > 0 {
			t.Errorf("%d reads, %s, %d puts", reads, functest.SayAll(w.Events()), w.Puts())
		}
	})
}

// A change that is made, and reported, after a reconcile has read the key is found by
// the reconcile of its own message.
func TestAChangeAfterTheReadIsNeverLost(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Applied(w.Upload(functest.Policy("old")), functest.Policy("old"))
		time.Sleep(time.Minute)
		read := false
		w.Intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			answer, err := send()
			if action == "GetKeyPolicy" && !read {
				read = true
				w.Cloud.KMS.SetPolicy(functest.KeyID, functest.Policy("other"))
				w.Cloud.SQS.Send("apply", string(changed("2")))
			}
			return answer, err
		}
		w.Cloud.SQS.Send("apply", string(changed("1")))
		w.Settle("apply", w.Cloud.SQS.Receive("apply", 1))
		if !read || len(w.Events()) > 0 {
			t.Fatalf("the first reconcile: %s", functest.SayAll(w.Events()))
		}
		w.Drain("apply")
		events := w.Events()
		if functest.SayAll(events) != "Drift Detected" || events[0].Detail.Data.Drift.Author.EventID != "2" {
			t.Errorf("%s", functest.SayAll(events))
		}
	})
}
