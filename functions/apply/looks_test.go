package main

import (
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// A look that puts, and whose event the bus never takes, comes ten times and
// then lies dead. Each time it would like to be looked after: it must not
// become ten.
func TestWhatNobodyIsToldOfBringsNoMoreLooks(t *testing.T) {
	play(t, map[string]string{"APPLY_QUEUE_URL": "http://aws.test/" + account + "/work"}, func(w *world) {
		w.deadLetterQueue()
		w.upload(policy("new"))
		w.cloud.Fault(fakeaws.Fault{Service: "events", Action: "PutEvents", Kind: fakeaws.Refuse, Code: "InternalException"})
		w.cloud.SQS.Send("work", string(look(objectName, "late-put")))
		w.drain("work")
		time.Sleep(time.Hour)
		if dead, left := w.cloud.SQS.Depth("dead"), w.cloud.SQS.Depth("work"); dead != 1 || left != 0 || w.inForce(keyID) != "new" {
			t.Errorf("%d messages lie dead, %d are left", dead, left)
		}
	})
}
