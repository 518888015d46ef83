package batch_test

import (
	"github.com/keysmith/keysmith/shared/functest"

	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/outcome"
)

// appliedAfter tells how long after start each object was reported as Applied.
func appliedAfter(w *functest.World, start time.Time) map[string]time.Duration {
	after := map[string]time.Duration{}
	for _, e := range w.Events() {
		if e.Type == outcome.Applied {
			after[e.Detail.Data.Object.Key] = e.Detail.Metadata.Time.Sub(start)
		}
	}
	return after
}

func TestAFloodOnOneKeyDoesNotDelayTheOthers(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		others := fleet(w, 18)
		var bodies [][]byte
		for range 80 {
			bodies = append(bodies, functest.Uploaded(functest.ObjectName, ""))
		}
		for _, object := range others {
			bodies = append(bodies, functest.Uploaded(object, ""))
		}
		start := time.Now()
		if back := w.Batch(bodies...); back != "" {
			t.Errorf("returned %q", back)
		}
		// 19 keys at 1.8 puts a second, and four seconds of proof for the last.
		bound := 19*time.Second*10/18 + 6*time.Second
		after := appliedAfter(w, start)
		for _, object := range append(others, functest.ObjectName) {
			if took, ok := after[object]; !ok || took > bound {
				t.Errorf("%s: applied %v after %s; want at most %s", object, ok, took, bound)
			}
		}
		if w.Puts() != 19 {
			t.Errorf("%d puts for 19 keys", w.Puts())
		}
	})
}

func TestAKeyInTroubleDoesNotDelayTheOthers(t *testing.T) {
	for name, trouble := range map[string]fakeaws.Fault{
		"row 16: throttled without end": {Service: "kms", Action: "PutKeyPolicy", Resource: functest.KeyID, Kind: fakeaws.Refuse, Code: "ThrottlingException"},
		"its reads hang":                {Service: "kms", Action: "GetKeyPolicy", Resource: functest.KeyID, Kind: fakeaws.Hang},
		"its puts fail":                 {Service: "kms", Action: "PutKeyPolicy", Resource: functest.KeyID, Kind: fakeaws.Refuse, Code: "KMSInternalException"},
		"its object is slow":            {Service: "s3", Action: "GetObject", Resource: functest.KeyID, Kind: fakeaws.Hang},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, map[string]string{"PUTS_PER_SECOND": "10"}, func(w *functest.World) {
				w.Upload(functest.Policy("new"))
				w.Cloud.Fault(trouble)
				others := fleet(w, 5)
				bodies := [][]byte{functest.Uploaded(functest.ObjectName, "")}
				for _, object := range others {
					bodies = append(bodies, functest.Uploaded(object, ""))
				}
				start := time.Now()
				if back := w.Batch(bodies...); back != "m0" {
					t.Errorf("returned %q; want the key in trouble alone", back)
				}
				after := appliedAfter(w, start)
				for _, object := range others {
					if took, ok := after[object]; !ok || took > 15*time.Second {
						t.Errorf("%s: applied %v after %s", object, ok, took)
					}
				}
			})
		})
	}
}

func TestWhatFailsAlwaysEndsInTheDeadLetterQueueWithItsReason(t *testing.T) {
	functest.Play(t, map[string]string{"APPLY_QUEUE_URL": "http://aws.test/" + functest.Account + "/work"}, func(w *functest.World) {
		w.Cloud.SQS.CreateQueue("dead", nil)
		w.Cloud.SQS.CreateQueue("work", map[string]string{
			"VisibilityTimeout": "720", "RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:` + functest.Account + `:dead","maxReceiveCount":10}`,
		})
		w.Upload(functest.Policy("new"))
		w.Cloud.Fault(fakeaws.Fault{Service: "kms", Action: "PutKeyPolicy", Resource: functest.KeyID, Kind: fakeaws.Refuse, Code: "ThrottlingException"})
		others := fleet(w, 3)
		poison := functest.Uploaded(functest.ObjectName, "")
		w.Cloud.SQS.Send("work", string(poison))
		w.Cloud.SQS.Send("work", "not JSON")
		for _, object := range others {
			w.Cloud.SQS.Send("work", string(functest.Uploaded(object, "")))
		}
		w.Drain("work")
		dead := w.Cloud.SQS.Receive("dead", 10)
		if len(dead) != 2 || !contains(dead, string(poison)) || !contains(dead, "not JSON") {
			t.Errorf("the dead-letter queue holds %+v", dead)
		}
		failures := 0
		for _, e := range w.Events() {
			if e.Type == outcome.Failed && e.Detail.Data.Object.Key == functest.ObjectName {
				failures++
				last := failures == 10 // after it the message is a dead letter
				if d := e.Detail.Data.Error; d.Code != outcome.Throttled || d.Retryable == last || strings.Contains(d.Message, "dead-letter queue") != last ||
					!strings.Contains(d.Message, "throttled") {
					t.Errorf("%+v", d)
				}
			}
		}
		if failures != 10 || len(appliedAfter(w, time.Now())) != len(others) || w.InForce(functest.KeyID) != "old" {
			t.Errorf("%d failures told, %d others applied, %s in force", failures, len(appliedAfter(w, time.Now())), w.InForce(functest.KeyID))
		}
	})
}

func contains(list []fakeaws.Message, body string) bool {
	for _, one := range list {
		if one.Body == body {
			return true
		}
	}
	return false
}
