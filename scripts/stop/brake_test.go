package main

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/keysmith/keysmith/shared/functest"
)

// brakeAlarm is what the template deploys: an alarm that rings while messages were
// braked of late, and a rule that stops the reading when it begins to ring.
type brakeAlarm struct {
	braked int
	last   time.Time
	rings  bool
	rang   int
}

// workQueueURL is that of the queue that stackOf reads, which has a dead-letter queue.
const workQueueURL = "http://aws.test/" + functest.Account + "/work"

const ringsFor = 5 * time.Minute

func (a *brakeAlarm) look(w *functest.World, s *stack) {
	if n := strings.Count(w.EMF.String(), `"Braked":1`); n > a.braked {
		a.braked, a.last = n, time.Now()
	}
	was := a.rings
	a.rings = a.braked > 0 && time.Since(a.last) < ringsFor
	if !a.rings || was {
		return
	}
	a.rang++
	_, err := s.lambda.UpdateEventSourceMapping(w.Context(), &lambda.UpdateEventSourceMappingInput{UUID: aws.String("work"), Enabled: aws.Bool(false)})
	if err != nil {
		w.Fatal(err)
	}
}

// step is five seconds of Lambda and CloudWatch.
func (a *brakeAlarm) step(w *functest.World, s *stack) {
	if messages := w.Cloud.SQS.Receive("work", 10); len(messages) > 0 {
		w.Settle("work", messages)
	}
	a.look(w, s)
	time.Sleep(5 * time.Second)
}

// The alarm stops the reading when it begins to ring, and not while it rings: resume
// counts at once. Where the brake still has no token, the alarm ends, and then stops
// the reading again. No message is lost, however often that is.
func TestTheQueueIsResumedWhileTheAlarmOfTheBrakeRings(t *testing.T) {
	functest.Play(t, map[string]string{"CHANGES_PER_HOUR": "1", "APPLY_QUEUE_URL": workQueueURL}, func(w *functest.World) {
		w.DeadLetterQueue()
		s, _ := stackOf(w)
		upload := func(name string) {
			w.Cloud.SQS.Send("work", string(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy(name)))))
		}
		alarm := &brakeAlarm{}
		upload("first")
		alarm.step(w, s)
		upload("second")
		alarm.step(w, s)
		time.Sleep(time.Minute)
		if !alarm.rings || w.Cloud.Lambda.Reads("work") {
			t.Fatal("the alarm has not stopped the reading")
		}
		alarm.look(w, s)
		if err := s.resume(w.Context()); err != nil || !alarm.rings || !w.Cloud.Lambda.Reads("work") {
			t.Fatalf("it is not read again while the alarm rings: %v", err)
		}
		resumed := 1
		for end := time.Now().Add(3 * time.Hour); w.Cloud.SQS.Depth("work") > 0 && time.Now().Before(end); {
			if w.Cloud.Lambda.Reads("work") {
				alarm.step(w, s)
				continue
			}
			time.Sleep(10 * time.Minute) // until somebody sees it
			alarm.look(w, s)
			if err := s.resume(w.Context()); err != nil {
				t.Fatal(err)
			}
			resumed++
		}
		if w.Cloud.SQS.Depth("work")+w.Cloud.SQS.Depth("dead") != 0 || w.InForce(functest.KeyID) != "second" {
			t.Errorf("%d messages left, %d dead, %s in force", w.Cloud.SQS.Depth("work"), w.Cloud.SQS.Depth("dead"), w.InForce(functest.KeyID))
		}
		if resumed < 2 || alarm.rang < 2 {
			t.Errorf("resumed %d times, and the alarm rang %d times: the test shows nothing", resumed, alarm.rang)
		}
	})
}
