package sweep_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// A sweep is killed at each of its first calls, as by SIGKILL: nothing that it
// had under way arrives, and it writes no more.
func TestASweepThatIsKilledIsTakenUpWhereItWas(t *testing.T) {
	const keys, perSecond = 600, 10
	for _, c := range []struct {
		action string
		n      int
	}{
		{"PUT status/sweep.json", 0}, {"PUT status/sweep.json", 1}, {"PUT status/sweep.json", 2}, {"GET status/sweep.json", 0},
		{"SendMessageBatch", 0}, {"SendMessageBatch", 1}, {"SendMessageBatch", 30}, {"SendMessageBatch", 59}, {"ListKeys", 0}, {"PUT status/unmanaged.json", 0},
	} {
		t.Run(fmt.Sprint(c.action, " ", c.n), func(t *testing.T) {
			play(t, 0, func(w *world) {
				w.env["SWEEP_READS_PER_SECOND"] = strconv.Itoa(perSecond)
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
				if twice > perSecond*17 { // what was sent since it last wrote how far it was
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
		var failures atomic.Int32 // entries are sent side by side
		w.intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			if action == "SendMessageBatch" && time.Since(w.start()) < 30*time.Second {
				failures.Add(1)
				return nil, errors.New("no route to SQS")
			}
			return send()
		}
		w.cloud.Lambda.Start(function, []byte(`{"keysmith": "sweep"}`))
		time.Sleep(5 * time.Minute)
		all := w.cloud.Lambda.Invocations()
		if len(all) != 2 || all[0].Err == nil || all[1].Err != nil || failures.Load() == 0 || len(w.asked()) != 500 {
			t.Errorf("%+v, %d failures, %d objects", all, failures.Load(), len(w.asked()))
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
		var calls atomic.Int32
		w.intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			if action != "SendMessageBatch" {
				return send()
			}
			switch n := calls.Add(1); {
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
		var calls atomic.Int32
		w.intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			if action == "SendMessageBatch" && calls.Add(1) == 2 {
				return answer(`{"Successful": [], "Failed": [` + entry(3, true) + `]}`)
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
