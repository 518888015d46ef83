package queue_test

import (
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/functest"

	"net/http"
	"testing"
	"time"
)

func TestWhatIsHandedBackComesBackLater(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		var asked []string
		w.Intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			switch action {
			case "GetKeyPolicy":
				return functest.AnswerError(400, "ExpiredTokenException", "")
			case "ChangeMessageVisibilityBatch":
				asked = append(asked, action)
			}
			return send()
		}
		if failed := w.Batch(functest.Uploaded(functest.ObjectName, "")); failed != "m0" || len(asked) != 1 || len(w.Events()) != 0 {
			t.Errorf("returned %q, %v, %s", failed, asked, functest.SayAll(w.Events()))
		}
	})
}

// A reconcile that puts, and whose event the bus never takes, comes ten times and
// then stays in the dead-letter queue. Each time it owes another reconcile: it must not
// become ten.
func TestAnOutcomeThatIsNotReportedQueuesNoMoreReconciles(t *testing.T) {
	functest.Play(t, map[string]string{"APPLY_QUEUE_URL": "http://aws.test/" + functest.Account + "/work"}, func(w *functest.World) {
		w.DeadLetterQueue()
		w.Upload(functest.Policy("new"))
		w.Cloud.Fault(fakeaws.Fault{Service: "events", Action: "PutEvents", Kind: fakeaws.Refuse, Code: "InternalException"})
		w.Cloud.SQS.Send("work", string(functest.Reconcile(functest.ObjectName, "late-put")))
		w.Drain("work")
		time.Sleep(time.Hour)
		if dead, left := w.Cloud.SQS.Depth("dead"), w.Cloud.SQS.Depth("work"); dead != 1 || left != 0 || w.InForce(functest.KeyID) != "new" {
			t.Errorf("%d messages are dead letters, %d are left", dead, left)
		}
	})
}

func TestADefectInReturningMessagesCostsNoOutcome(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		w.Client.Timeout = 0 // its goroutine would outlive the panic
		w.Intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			switch action {
			case "GetKeyPolicy":
				return functest.AnswerError(400, "ExpiredTokenException", "")
			case "ChangeMessageVisibilityBatch":
				panic("a defect")
			}
			return send()
		}
		if failed := w.Batch(functest.Uploaded(functest.ObjectName, "")); failed != "m0" {
			t.Errorf("returned %q", failed)
		}
	})
}
