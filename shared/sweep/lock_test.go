package sweep_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

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
				w.env["SWEEP_READS_PER_SECOND"] = "10"
				w.fleet(1000)
				w.cloud.Lambda.Start(function, []byte(`{"keysmith": "sweep"}`))
				time.Sleep(50 * time.Second)
				start := time.Now()
				a, err := w.sweep("second", "")
				if err != nil || a.Skipped == "" || a.Sent != 0 || time.Since(start) > time.Second {
					t.Errorf("%+v, %v after %s", a, err, time.Since(start))
				}
				time.Sleep(10 * time.Minute)
				r := w.report()
				if r.Sent != 1000 || r.Running != nil || r.Seconds < 99 || r.Seconds > 102 || r.Parts != 1 {
					t.Errorf("%+v", r)
				}
			})
		})
	}
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
				w.env["SWEEP_READS_PER_SECOND"] = "10"
				w.fleet(600)
				w.cloud.Lambda.Start(function, []byte(`{"keysmith": "sweep"}`))
				time.Sleep(20 * time.Second)
				edit(w)
				time.Sleep(30 * time.Minute)
				if _, err := w.sweep("next", ""); err != nil { // whatever became of the first
					t.Fatal(err)
				}
				asked := w.asked()
				for i := range 600 {
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
		w.fleet(300)
		w.intercept = killedAt(20, "SendMessageBatch")
		if _, err := w.sweep("killed", ""); err == nil {
			t.Fatal("it ended")
		}
		w.intercept = nil
		time.Sleep(49 * time.Hour)
		if a := w.done("later"); a.Sent != 300 {
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
