package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

// Whatever lies in the dead-letter queue, an operator can find out why: in the
// log, by the name of the object or by the id of the event, which stand in the
// message. See scripts/deadletters.
func TestEveryDeadLetterHasItsReasonInTheLog(t *testing.T) {
	kms := func(action, code string) fakeaws.Fault {
		return fakeaws.Fault{Service: "kms", Action: action, Kind: fakeaws.Refuse, Code: code}
	}
	inline := func() []byte { return requested("r1", time.Now(), m{"key": "alias/payments", "policy": policy("new")}) }
	for name, c := range map[string]struct {
		fault  fakeaws.Fault
		body   []byte
		reason string // stands in each line that is found
	}{
		"an upload, throttled without end":   {kms("PutKeyPolicy", "ThrottlingException"), uploaded(objectName, ""), "ThrottlingException"},
		"an upload that cannot be proven":    {kms("PutKeyPolicy", "KMSInternalException"), uploaded(objectName, ""), "UNVERIFIED"},
		"an upload that cannot be read":      {fakeaws.Fault{Service: "s3", Action: "GetObject", Kind: fakeaws.Refuse, Code: "SlowDown", Status: 503}, uploaded(objectName, ""), "SlowDown"},
		"an upload, without credentials":     {kms("GetKeyPolicy", "ExpiredTokenException"), uploaded(objectName, ""), "ExpiredTokenException"},
		"an upload that the bus never hears": {fakeaws.Fault{Service: "events", Action: "PutEvents", Kind: fakeaws.Refuse, Code: "InternalException"}, uploaded(objectName, ""), "InternalException"},
		"a look, throttled without end":      {kms("GetKeyPolicy", "ThrottlingException"), look(objectName, "sweep"), "ThrottlingException"},
		"a request, throttled without end":   {kms("PutKeyPolicy", "ThrottlingException"), inline(), "ThrottlingException"},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, map[string]string{"APPLY_QUEUE_URL": "http://aws.test/" + account + "/work"}, func(w *world) {
				w.deadLetterQueue()
				w.upload(policy("uploaded"))
				time.Sleep(time.Minute)
				w.cloud.Fault(c.fault)
				w.cloud.SQS.Send("work", string(c.body))
				w.drain("work")
				dead := w.cloud.SQS.Receive("dead", 10)
				if len(dead) == 0 || dead[0].Body != string(c.body) {
					t.Fatalf("the dead-letter queue holds %+v", dead)
				}
				reasons := w.reasons(objectName, "r1")
				if len(reasons) < 10 || !strings.Contains(strings.Join(reasons, "\n"), c.reason) {
					t.Errorf("the log says, of ten attempts:\n%s\nwant %s", strings.Join(reasons, "\n"), c.reason)
				}
			})
		})
	}
}

func (w *world) deadLetterQueue() {
	dead := w.cloud.SQS.CreateQueue("dead", nil)
	// Shorter than deployed: a message that is not handed back in time need not
	// stay away for so long here.
	w.cloud.SQS.CreateQueue("work", map[string]string{
		"VisibilityTimeout": "180", "RedrivePolicy": `{"deadLetterTargetArn":"` + dead + `","maxReceiveCount":10}`,
	})
}

// reasons are the warnings of the log about an object or an event, as the
// filter of scripts/deadletters finds them.
func (w *world) reasons(object, correlation string) (lines []string) {
	w.Helper()
	for line := range strings.Lines(w.log.String()) {
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

// deployment is what the template makes, with somebody to alarm.
func deployment(t *testing.T) *samtemplate.Stack {
	t.Helper()
	stack, err := samtemplate.Load("../../template.yaml", samtemplate.Options{Account: account, Parameters: map[string]string{
		"PolicyBucketName": policyBkt, "KeyArns": "arn:aws:kms:us-east-1:" + account + ":key/*",
		"AlarmTopicArn": "arn:aws:sns:us-east-1:" + account + ":alarms",
	}})
	if err != nil {
		t.Fatal(err)
	}
	return stack
}

// An alarm is what is looked at here of AWS::CloudWatch::Alarm.
type alarm struct {
	Namespace, MetricName, ComparisonOperator string
	Threshold                                 float64
	AlarmActions                              []string
	Dimensions                                []struct{ Name, Value string }
}

func alarms(t *testing.T) (list []alarm) {
	t.Helper()
	for _, r := range deployment(t).Others {
		if r.Type != "AWS::CloudWatch::Alarm" {
			continue
		}
		var a alarm
		if err := json.Unmarshal(toJSON(r.Properties), &a); err != nil {
			t.Fatalf("%s: %v", r.LogicalID, err)
		}
		list = append(list, a)
	}
	return list
}

// From an upload that always fails to the alarm, through the queues and the
// alarm of the template.
func TestADocumentThatAlwaysFailsEndsInTheQueueThatAnAlarmWatches(t *testing.T) {
	stack := deployment(t)
	queue, _ := stack.QueueByARN(stack.Functions[0].Sources[0].QueueARN)
	dead, ok := stack.QueueByARN(queue.DeadLetterARN)
	if !ok {
		t.Fatalf("%s has no dead-letter queue", queue.Name)
	}
	play(t, map[string]string{"APPLY_QUEUE_URL": "http://aws.test/" + account + "/" + queue.Name}, func(w *world) {
		w.cloud.SQS.CreateQueue(dead.Name, nil)
		w.cloud.SQS.CreateQueue(queue.Name, map[string]string{"VisibilityTimeout": "720",
			"RedrivePolicy": string(toJSON(m{"deadLetterTargetArn": dead.ARN, "maxReceiveCount": queue.MaxReceiveCount}))})
		w.upload(policy("new"))
		w.cloud.Fault(fakeaws.Fault{Service: "kms", Action: "PutKeyPolicy", Kind: fakeaws.Refuse, Code: "ThrottlingException"})
		w.cloud.SQS.Send(queue.Name, string(uploaded(objectName, "")))
		w.drain(queue.Name)
		if n := w.cloud.SQS.Depth(dead.Name); n != 1 {
			t.Errorf("%d dead letters", n)
		}
		for _, e := range w.events() {
			if e.Type != outcome.Failed || e.Detail.Data.Error.Code != outcome.Throttled {
				t.Errorf("%s", say(e))
			}
		}
	})
	if !slices.ContainsFunc(alarms(t), func(a alarm) bool { return a.watches(dead.Name) }) {
		t.Errorf("no alarm tells of a message in %s", dead.Name)
	}
}

// watches tells whether the alarm goes off, to somebody, as soon as a queue
// holds one message.
func (a alarm) watches(queue string) bool {
	return a.Namespace == "AWS/SQS" && a.MetricName == "ApproximateNumberOfMessagesVisible" && len(a.Dimensions) == 1 &&
		a.Dimensions[0].Value == queue && a.ComparisonOperator == "GreaterThanThreshold" && a.Threshold == 0 && len(a.AlarmActions) == 1
}
