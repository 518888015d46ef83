package queue_test

import (
	"github.com/keysmith/keysmith/shared/functest"

	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/outcome"
)

// Whatever lies in the dead-letter queue, an operator can find out why: in the
// log, by the name of the object or by the id of the event, which stand in the
// message. See scripts/deadletters.
func TestEveryDeadLetterHasItsReasonInTheLog(t *testing.T) {
	kms := func(action, code string) fakeaws.Fault {
		return fakeaws.Fault{Service: "kms", Action: action, Kind: fakeaws.Refuse, Code: code}
	}
	inline := func() []byte {
		return functest.Requested("r1", time.Now(), functest.M{"key": "alias/payments", "policy": functest.Policy("new")})
	}
	for name, c := range map[string]struct {
		fault  fakeaws.Fault
		body   []byte
		reason string // stands in each line that is found
	}{
		"an upload, throttled without end":   {kms("PutKeyPolicy", "ThrottlingException"), functest.Uploaded(functest.ObjectName, ""), "ThrottlingException"},
		"an upload that cannot be proven":    {kms("PutKeyPolicy", "KMSInternalException"), functest.Uploaded(functest.ObjectName, ""), "UNVERIFIED"},
		"an upload that cannot be read":      {fakeaws.Fault{Service: "s3", Action: "GetObject", Kind: fakeaws.Refuse, Code: "SlowDown", Status: 503}, functest.Uploaded(functest.ObjectName, ""), "SlowDown"},
		"an upload, without credentials":     {kms("GetKeyPolicy", "ExpiredTokenException"), functest.Uploaded(functest.ObjectName, ""), "ExpiredTokenException"},
		"an upload that the bus never hears": {fakeaws.Fault{Service: "events", Action: "PutEvents", Kind: fakeaws.Refuse, Code: "InternalException"}, functest.Uploaded(functest.ObjectName, ""), "InternalException"},
		"a reconcile, throttled without end": {kms("GetKeyPolicy", "ThrottlingException"), functest.Reconcile(functest.ObjectName, "sweep"), "ThrottlingException"},
		"a request, throttled without end":   {kms("PutKeyPolicy", "ThrottlingException"), inline(), "ThrottlingException"},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, map[string]string{"APPLY_QUEUE_URL": "http://aws.test/" + functest.Account + "/work"}, func(w *functest.World) {
				w.DeadLetterQueue()
				w.Upload(functest.Policy("uploaded"))
				time.Sleep(time.Minute)
				w.Cloud.Fault(c.fault)
				w.Cloud.SQS.Send("work", string(c.body))
				w.Drain("work")
				dead := w.Cloud.SQS.Receive("dead", 10)
				if len(dead) == 0 || dead[0].Body != string(c.body) {
					t.Fatalf("the dead-letter queue holds %+v", dead)
				}
				reasons := reasons(w, functest.ObjectName, "r1")
				if len(reasons) < 10 || !strings.Contains(strings.Join(reasons, "\n"), c.reason) {
					t.Errorf("the log says, of ten attempts:\n%s\nwant %s", strings.Join(reasons, "\n"), c.reason)
				}
			})
		})
	}
}

// reasons are the warnings of the log about an object or an event, as the
// filter of scripts/deadletters finds them.
func reasons(w *functest.World, object, correlation string) (lines []string) {
	w.Helper()
	for line := range strings.Lines(w.Logs.String()) {
		var entry struct{ Level, Object, CorrelationID, Why, Code string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			w.Fatal(err)
		}
		about := entry.Object == object || entry.CorrelationID == correlation
		if about && entry.Level == "WARN" && entry.Why+entry.Code != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// From an upload that always fails to the alarm, through the queues and the
// alarm of the template.
func TestADocumentThatAlwaysFailsEndsInTheQueueThatAnAlarmWatches(t *testing.T) {
	stack := functest.Deployment(t)
	queue, _ := stack.QueueByARN(stack.Functions[0].Sources[0].QueueARN)
	dead, ok := stack.QueueByARN(queue.DeadLetterARN)
	if !ok {
		t.Fatalf("%s has no dead-letter queue", queue.Name)
	}
	functest.Play(t, map[string]string{"APPLY_QUEUE_URL": "http://aws.test/" + functest.Account + "/" + queue.Name}, func(w *functest.World) {
		w.Cloud.SQS.CreateQueue(dead.Name, nil)
		w.Cloud.SQS.CreateQueue(queue.Name, map[string]string{"VisibilityTimeout": "720",
			"RedrivePolicy": string(functest.JSON(functest.M{"deadLetterTargetArn": dead.ARN, "maxReceiveCount": queue.MaxReceiveCount}))})
		w.Upload(functest.Policy("new"))
		w.Cloud.Fault(fakeaws.Fault{Service: "kms", Action: "PutKeyPolicy", Kind: fakeaws.Refuse, Code: "ThrottlingException"})
		w.Cloud.SQS.Send(queue.Name, string(functest.Uploaded(functest.ObjectName, "")))
		w.Drain(queue.Name)
		if n := w.Cloud.SQS.Depth(dead.Name); n != 1 {
			t.Errorf("%d dead letters", n)
		}
		for _, e := range w.Events() {
			if e.Type != outcome.Failed || e.Detail.Data.Error.Code != outcome.Throttled {
				t.Errorf("%s", functest.Say(e))
			}
		}
	})
	if !slices.ContainsFunc(functest.Alarms(t), func(a functest.Alarm) bool { return a.Watches(dead.Name) }) {
		t.Errorf("no alarm tells of a message in %s", dead.Name)
	}
}
