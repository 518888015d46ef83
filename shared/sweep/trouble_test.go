package sweep_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/sweep"
)

func TestOfSweepsThatStartAtOnceOneSweeps(t *testing.T) {
	play(t, 0, func(w *world) {
		w.fleet(300)
		w.slow(20 * time.Millisecond)
		var all sync.WaitGroup
		answers := make([]sweep.Answer, 8)
		for i := range answers {
			all.Go(func() {
				var err error
				if answers[i], err = w.sweep(fmt.Sprint("r", i), ""); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		swept := 0
		for _, a := range answers {
			if a.Skipped == "" {
				swept++
			} else if a.Sent != 0 || a.After != "" {
				t.Errorf("%+v", a)
			}
		}
		if swept != 1 || len(w.cloud.SQS.Bodies("reconcile")) != 300 {
			t.Errorf("%d of them swept, with %d messages", swept, len(w.cloud.SQS.Bodies("reconcile")))
		}
	})
}

func TestASweepThatStartsWhileAnotherIsRunningEndsAtOnce(t *testing.T) {
	for name, skew := range map[string]time.Duration{"clocks agree": 0, "the function's is late": 3 * time.Hour, "the function's is early": -3 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			play(t, skew, func(w *world) {
				w.fleet(5000)
				w.cloud.Lambda.Start(function, []byte(`{"keysmith": "sweep"}`))
				time.Sleep(50 * time.Second)
				start := time.Now()
				a, err := w.sweep("second", "")
				if err != nil || a.Skipped == "" || a.Sent != 0 || time.Since(start) > time.Second {
					t.Errorf("%+v, %v after %s", a, err, time.Since(start))
				}
				time.Sleep(10 * time.Minute)
				r := w.report()
				if r.Sent != 5000 || r.Running != nil || r.Seconds < 99 || r.Seconds > 102 || r.Parts != 1 {
					t.Errorf("%+v", r)
				}
			})
		})
	}
}

// A sweep is killed at each of its first calls, as by SIGKILL: nothing that it
// had under way arrives, and it writes no more.
func TestASweepThatIsKilledIsTakenUpWhereItWas(t *testing.T) {
	const keys = 1200
	for _, c := range []struct {
		action string
		n      int
	}{
		{"PUT status/sweep.json", 0}, {"PUT status/sweep.json", 1}, {"PUT status/sweep.json", 2}, {"GET status/sweep.json", 0},
		{"SendMessageBatch", 0}, {"SendMessageBatch", 1}, {"SendMessageBatch", 60}, {"SendMessageBatch", 119}, {"ListKeys", 0}, {"PUT status/unmanaged.json", 0},
	} {
		t.Run(fmt.Sprint(c.action, " ", c.n), func(t *testing.T) {
			play(t, 0, func(w *world) {
				w.fleet(keys)
				w.intercept = killedAt(c.n, c.action)
				if a, err := w.sweep("killed", ""); err == nil {
					t.Fatalf("it ended: %+v", a)
				}
				before := w.asked()
				w.intercept = nil
				if c.n%2 == 0 { // the next attempt of Lambda's, or the next start by somebody else when the lease has ended
					w.done("killed")
				} else {
					time.Sleep(time.Minute)
					w.done("later")
				}
				asked := w.asked()
				twice := 0
				for i := range keys {
					if asked[object(i)] == 0 {
						t.Fatalf("%s was forgotten", object(i))
					}
					twice += asked[object(i)] - 1
				}
				if twice > 50*17 { // what was sent since it last wrote how far it was
					t.Errorf("%d messages came twice", twice)
				}
				t.Logf("%d were sent before, %d came twice", len(before), twice)
				if r := w.report(); !r.Complete || r.Running != nil || r.Objects != keys {
					t.Errorf("%+v", r)
				}
			})
		})
	}
}

func TestLambdaItselfTakesUpASweepThatFails(t *testing.T) {
	play(t, 0, func(w *world) {
		w.fleet(500)
		failures := 0
		w.intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			if action == "SendMessageBatch" && time.Since(w.start()) < 30*time.Second {
				failures++
				return nil, errors.New("no route to SQS")
			}
			return send()
		}
		w.cloud.Lambda.Start(function, []byte(`{"keysmith": "sweep"}`))
		time.Sleep(5 * time.Minute)
		all := w.cloud.Lambda.Invocations()
		if len(all) != 2 || all[0].Err == nil || all[1].Err != nil || failures == 0 || len(w.asked()) != 500 {
			t.Errorf("%+v, %d failures, %d objects", all, failures, len(w.asked()))
		}
		if r := w.report(); r.Parts != 2 || r.Objects != 500 || !r.Complete {
			t.Errorf("%+v", r)
		}
	})
}

func TestASweepThatTakesLongerThanAnInvocationContinuesItself(t *testing.T) {
	play(t, 0, func(w *world) {
		w.env["SWEEP_READS_PER_SECOND"] = "10"
		w.timeout = time.Minute
		w.fleet(2500)
		w.slow(50 * time.Millisecond)
		a, err := w.sweep("first", "")
		if err != nil || a.After == "" || a.Sent == 0 || a.Sent%10 != 0 {
			t.Fatalf("%+v, %v", a, err)
		}
		time.Sleep(30 * time.Minute)
		asked := w.asked()
		for i := range 2500 {
			if asked[object(i)] != 1 {
				t.Fatalf("%s: %d messages", object(i), asked[object(i)])
			}
		}
		r := w.report()
		if !r.Complete || r.Parts < 4 || r.Parts > 7 || r.Seconds > 270 || r.Sent != 2500 {
			t.Errorf("%+v", r)
		}
	})
}

func TestASweepContinuesItselfABoundedNumberOfTimes(t *testing.T) {
	play(t, 0, func(w *world) {
		w.env["SWEEP_READS_PER_SECOND"] = "1"
		w.timeout = 30 * time.Second
		w.fleet(1000)
		w.cloud.Lambda.Start(function, []byte(`{"keysmith": "sweep"}`))
		time.Sleep(6 * time.Hour)
		r := w.report()
		if n := len(w.cloud.Lambda.Invocations()); n != 20 || r.Complete || r.Running != nil || len(r.Failed) != 1 || !strings.Contains(r.Failed[0], "SWEEP_READS_PER_SECOND") {
			t.Errorf("%d invocations, %+v", n, r)
		}
		if strings.Contains(w.metrics.String(), "SweepsEnded") {
			t.Error("it counts as ended")
		}
	})
}

func TestASweepThatCannotContinueItselfWaitsForTheNext(t *testing.T) {
	play(t, 0, func(w *world) {
		w.timeout = 20 * time.Second
		w.fleet(1500)
		w.cloud.Fault(fakeaws.Fault{Service: "lambda", Kind: fakeaws.Refuse, Code: "AccessDeniedException"})
		a := w.done("first")
		if a.After == "" {
			t.Fatalf("%+v", a)
		}
		w.timeout = 15 * time.Minute
		if b := w.done("second"); b.After != "" || a.Sent+b.Sent != 1500 || len(w.asked()) != 1500 {
			t.Errorf("%+v, then %+v", a, b)
		}
	})
}

func TestEntriesThatFailAreSentAgain(t *testing.T) {
	play(t, 0, func(w *world) {
		w.fleet(200)
		n := 0
		w.intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			if action != "SendMessageBatch" {
				return send()
			}
			switch n++; {
			case n%5 == 1: // none of the ten is taken
				var failed []string
				for i := range 10 {
					failed = append(failed, entry(i, false))
				}
				return answer(`{"Successful": [], "Failed": [` + strings.Join(failed, ",") + `]}`)
			case n == 3: // sent, and the answer is lost
				_, err := send()
				return nil, errors.Join(errGone, err)
			}
			return send()
		}
		w.done("r1")
		asked := w.asked()
		for i := range 200 {
			if asked[object(i)] == 0 {
				t.Fatalf("%s was forgotten", object(i))
			}
		}
		if r := w.report(); len(r.Failed) != 0 || !r.Complete {
			t.Errorf("%+v", r)
		}
	})
}

func TestAnEntryThatSQSDoesNotTakeIsReportedAndTheOthersAreSent(t *testing.T) {
	play(t, 0, func(w *world) {
		w.fleet(30)
		n := 0
		w.intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			if action == "SendMessageBatch" {
				if n++; n == 2 {
					return answer(`{"Successful": [], "Failed": [` + entry(3, true) + `]}`)
				}
			}
			return send()
		}
		if a := w.done("r1"); a.Sent != 29 {
			t.Errorf("%+v", a)
		}
		if r := w.report(); len(r.Failed) != 1 || !strings.Contains(r.Failed[0], "policies/") || !strings.Contains(r.Failed[0], "Some") {
			t.Errorf("%+v", r)
		}
	})
}

func entry(i int, senderFault bool) string {
	b, _ := json.Marshal(map[string]any{"Id": fmt.Sprint(i), "Code": "Some", "Message": "reason", "SenderFault": senderFault})
	return string(b)
}

func TestSomebodyWhoEditsTheLockStopsNoSweep(t *testing.T) {
	for name, edit := range map[string]func(*world){
		"deleted": func(w *world) { w.cloud.S3.Delete(bucket, objectkey.SweepReport) },
		"garbage": func(w *world) { w.cloud.S3.Put(bucket, objectkey.SweepReport, []byte("garbage"), nil) },
		"edited": func(w *world) {
			o, _ := w.cloud.S3.Get(bucket, objectkey.SweepReport)
			w.cloud.S3.Put(bucket, objectkey.SweepReport, append(o.Body, ' '), nil)
		},
		"too large": func(w *world) {
			w.cloud.S3.Put(bucket, objectkey.SweepReport, []byte(strings.Repeat(" ", 70<<10)), nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, 0, func(w *world) {
				w.fleet(3000)
				w.cloud.Lambda.Start(function, []byte(`{"keysmith": "sweep"}`))
				time.Sleep(20 * time.Second)
				edit(w)
				time.Sleep(30 * time.Minute)
				if _, err := w.sweep("next", ""); err != nil { // whatever became of the first
					t.Fatal(err)
				}
				asked := w.asked()
				for i := range 3000 {
					if asked[object(i)] == 0 {
						t.Fatalf("%s was forgotten", object(i))
					}
				}
				if r := w.report(); !r.Complete || r.Running != nil {
					t.Errorf("%+v", r)
				}
			})
		})
	}
}

// A lock that was left long ago is no reason to begin in the middle.
func TestASweepOfAnotherDayIsNotTakenUp(t *testing.T) {
	play(t, 0, func(w *world) {
		w.fleet(1200)
		w.intercept = killedAt(100, "SendMessageBatch")
		if _, err := w.sweep("killed", ""); err == nil {
			t.Fatal("it ended")
		}
		w.intercept = nil
		time.Sleep(49 * time.Hour)
		if a := w.done("later"); a.Sent != 1200 {
			t.Errorf("%+v", a)
		}
	})
}

func TestASweepThatIsStillRunningWhenTheNextIsDueIsCounted(t *testing.T) {
	play(t, 0, func(w *world) {
		w.env["SWEEP_SCHEDULE"] = "rate(5 minutes)"
		w.env["SWEEP_READS_PER_SECOND"] = "5"
		w.fleet(2000)
		w.cloud.Lambda.Start(function, []byte(`{"keysmith": "sweep"}`))
		time.Sleep(4 * time.Minute)
		if _, err := w.sweep("by hand", ""); err != nil || strings.Contains(w.metrics.String(), "SweepsOverdue") {
			t.Errorf("%v, %s", err, w.metrics.String())
		}
		time.Sleep(time.Minute)
		if _, err := w.sweep("next", ""); err != nil || !strings.Contains(w.metrics.String(), "SweepsOverdue") {
			t.Errorf("%v, %s", err, w.metrics.String())
		}
	})
}
