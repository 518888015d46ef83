package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/outcome"
)

// appliedAfter tells how long after start each object was told Applied.
func (w *world) appliedAfter(start time.Time) map[string]time.Duration {
	after := map[string]time.Duration{}
	for _, e := range w.events() {
		if e.Type == outcome.Applied {
			after[e.Detail.Data.Object.Key] = e.Detail.Metadata.Time.Sub(start)
		}
	}
	return after
}

func TestAFloodOnOneKeyDoesNotDelayTheOthers(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("new"))
		others := w.fleet(18)
		var bodies [][]byte
		for range 80 {
			bodies = append(bodies, uploaded(objectName, ""))
		}
		for _, object := range others {
			bodies = append(bodies, uploaded(object, ""))
		}
		start := time.Now()
		if back := w.batch(bodies...); back != "" {
			t.Errorf("handed back %q", back)
		}
		// 19 keys at 1.8 puts a second, and four seconds of proof for the last.
		bound := 19*time.Second*10/18 + 6*time.Second
		after := w.appliedAfter(start)
		for _, object := range append(others, objectName) {
			if took, ok := after[object]; !ok || took > bound {
				t.Errorf("%s: applied %v after %s; want at most %s", object, ok, took, bound)
			}
		}
		if w.puts() != 19 {
			t.Errorf("%d puts for 19 keys", w.puts())
		}
	})
}

func TestAKeyInTroubleDoesNotDelayTheOthers(t *testing.T) {
	for name, trouble := range map[string]fakeaws.Fault{
		"row 16: throttled without end": {Service: "kms", Action: "PutKeyPolicy", Resource: keyID, Kind: fakeaws.Refuse, Code: "ThrottlingException"},
		"its reads hang":                {Service: "kms", Action: "GetKeyPolicy", Resource: keyID, Kind: fakeaws.Hang},
		"its puts fail":                 {Service: "kms", Action: "PutKeyPolicy", Resource: keyID, Kind: fakeaws.Refuse, Code: "KMSInternalException"},
		"its object is slow":            {Service: "s3", Action: "GetObject", Resource: keyID, Kind: fakeaws.Hang},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, map[string]string{"PUTS_PER_SECOND": "10"}, func(w *world) {
				w.upload(policy("new"))
				w.cloud.Fault(trouble)
				others := w.fleet(5)
				bodies := [][]byte{uploaded(objectName, "")}
				for _, object := range others {
					bodies = append(bodies, uploaded(object, ""))
				}
				start := time.Now()
				if back := w.batch(bodies...); back != "m0" {
					t.Errorf("handed back %q; want the key in trouble alone", back)
				}
				after := w.appliedAfter(start)
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
	play(t, map[string]string{"APPLY_QUEUE_URL": "http://aws.test/" + account + "/work"}, func(w *world) {
		w.cloud.SQS.CreateQueue("dead", nil)
		w.cloud.SQS.CreateQueue("work", map[string]string{
			"VisibilityTimeout": "720", "RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:` + account + `:dead","maxReceiveCount":10}`,
		})
		w.upload(policy("new"))
		w.cloud.Fault(fakeaws.Fault{Service: "kms", Action: "PutKeyPolicy", Resource: keyID, Kind: fakeaws.Refuse, Code: "ThrottlingException"})
		others := w.fleet(3)
		poison := uploaded(objectName, "")
		w.cloud.SQS.Send("work", string(poison))
		w.cloud.SQS.Send("work", "not JSON")
		for _, object := range others {
			w.cloud.SQS.Send("work", string(uploaded(object, "")))
		}
		w.drain("work")
		dead := w.cloud.SQS.Receive("dead", 10)
		if len(dead) != 2 || !contains(dead, string(poison)) || !contains(dead, "not JSON") {
			t.Errorf("the dead-letter queue holds %+v", dead)
		}
		failures := 0
		for _, e := range w.events() {
			if e.Type == outcome.Failed && e.Detail.Data.Object.Key == objectName {
				failures++
				if d := e.Detail.Data.Error; d.Code != outcome.Throttled || !d.Retryable || !strings.Contains(d.Message, "throttling") {
					t.Errorf("%+v", d)
				}
			}
		}
		if failures != 10 || len(w.appliedAfter(time.Now())) != len(others) || w.inForce(keyID) != "old" {
			t.Errorf("%d failures told, %d others applied, %s in force", failures, len(w.appliedAfter(time.Now())), w.inForce(keyID))
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

// drain carries messages from a queue to the function until there are none.
func (w *world) drain(queue string) {
	w.Helper()
	for range 1000 {
		messages := w.cloud.SQS.Receive(queue, 10)
		if len(messages) == 0 && w.cloud.SQS.Depth(queue) == 0 {
			return
		}
		if len(messages) > 0 {
			w.settle(queue, messages)
		}
		time.Sleep(10 * time.Second)
	}
	w.Fatal("the queue never gets empty")
}

// settle invokes the function with messages and deletes those that it did not
// hand back.
func (w *world) settle(queue string, messages []fakeaws.Message) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), timeout)
	defer cancel()
	out, err := w.h.Invoke(ctx, batchOf(messages))
	var answer struct {
		BatchItemFailures []struct{ ItemIdentifier string }
	}
	if err != nil || json.Unmarshal(out, &answer) != nil {
		w.Fatalf("%v: %s", err, out)
	}
	back := map[string]bool{}
	for _, f := range answer.BatchItemFailures {
		back[f.ItemIdentifier] = true
	}
	for _, one := range messages {
		if !back[one.ID] {
			w.cloud.SQS.Delete(queue, one.Receipt)
		}
	}
}
