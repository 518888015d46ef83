package converge_test

import (
	"github.com/keysmith/keysmith/shared/functest"

	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/outcome"
)

// Row 2.
func TestTheSameEventTwiceAtOnceEndsWell(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		event := functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("new")))
		atOnce(w, event, event)
		for _, e := range w.Events() {
			if functest.Say(e) != "Applied" {
				t.Errorf("%s", functest.Say(e))
			}
		}
		if n := len(w.Events()); n != 2 || w.InForce(functest.KeyID) != "new" {
			t.Errorf("%d events, %s in force", n, w.InForce(functest.KeyID))
		}
	})
}

// atOnce invokes the handler with all payloads side by side, as two or more
// sandboxes would.
func atOnce(w *functest.World, payloads ...[]byte) {
	w.Helper()
	var wg sync.WaitGroup
	for _, payload := range payloads {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(w.Context(), functest.Timeout)
			defer cancel()
			if out, err := w.Handler.Invoke(ctx, payload); err != nil {
				w.Errorf("returned: %v (%s)", err, out)
			}
		})
	}
	wg.Wait()
}

// Row 3.
func TestTheOlderEventAfterTheNewerOneChangesNothing(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		v1 := functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("v1")))
		newest := w.Upload(functest.Policy("v2"))
		for _, event := range [][]byte{functest.Uploaded(functest.ObjectName, newest), v1} {
			e := w.Single(event)
			if functest.Say(e) != "Applied" || w.InForce(functest.KeyID) != "v2" || functest.VersionOf(e) != newest {
				t.Errorf("%s of version %s, %s in force", functest.Say(e), functest.VersionOf(e), w.InForce(functest.KeyID))
			}
		}
	})
}

// Row 4.
func TestThereAndBackAgainWhileReadsAreStale(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Cloud.Fault(fakeaws.Fault{Service: "kms", Action: "GetKeyPolicy", Kind: fakeaws.Stale, Delay: 4 * time.Second})
		var events [][]byte
		for _, name := range []string{"A", "B", "A"} {
			events = append(events, functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy(name))))
			time.Sleep(1500 * time.Millisecond)
		}
		atOnce(w, events...)
		if got := functest.SayAll(w.Events()); w.InForce(functest.KeyID) != "A" || got != "Applied, Applied, Applied" {
			t.Errorf("%s, %s in force", got, w.InForce(functest.KeyID))
		}
	})
}

// Row 6.
func TestAKillBetweenThePutAndItsEventLosesNeither(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		version := w.Upload(functest.Policy("new"))
		w.Intercept = functest.Gone("PutEvents")
		_, _ = w.Invoke(functest.Batch(functest.Uploaded(functest.ObjectName, version))) // nobody hears its answer
		if w.InForce(functest.KeyID) != "new" || len(w.Events()) != 0 {
			t.Fatalf("%s in force, %s", w.InForce(functest.KeyID), functest.SayAll(w.Events()))
		}
		w.Intercept = nil
		w.Start(nil)
		if back := w.Batch(functest.Uploaded(functest.ObjectName, version)); back != "" || functest.SayAll(w.Events()) != "Applied" || w.Puts() != 2 {
			t.Errorf("returned %q, %s, %d puts", back, functest.SayAll(w.Events()), w.Puts())
		}
	})
}

// Row 7.
func TestAKillAfterTheEventRepeatsItUnderTheSameKey(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		event := functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("new")))
		w.Batch(event) // and killed before the message is deleted
		w.Start(nil)
		w.Batch(event)
		all := w.Events()
		if functest.SayAll(all) != "Applied, Applied" || all[0].Detail.Metadata.IdempotencyKey != all[1].Detail.Metadata.IdempotencyKey ||
			all[0].Detail.Metadata.ID == all[1].Detail.Metadata.ID {
			t.Errorf("%s: %+v", functest.SayAll(all), all)
		}
	})
}

// Row 11.
func TestAPutThatLandsLateIsFoundAndRepaired(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Cloud.Fault(fakeaws.Fault{Service: "kms", Action: "PutKeyPolicy", Kind: fakeaws.Late, Delay: 30 * time.Second, Times: 1})
		w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("v1"))))
		w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("v2"))))
		time.Sleep(30 * time.Second)
		if w.InForce(functest.KeyID) != "v1" {
			t.Fatalf("%s in force; the late put did not land", w.InForce(functest.KeyID))
		}
		time.Sleep(15 * time.Minute)
		if back := w.Batch(sweep()); back != "m0" || len(w.Events()) != 2 {
			t.Errorf("a sweep takes keysmith's own put for drift, or for nothing: returned %q, %s", back, functest.SayAll(w.Events()))
		}
		waiting := w.Cloud.SQS.Receive("apply", 10)
		if len(waiting) != 1 {
			t.Fatalf("%d reconciles are queued; want one", len(waiting))
		}
		if e := w.Single([]byte(waiting[0].Body)); functest.Say(e) != "Applied" || w.InForce(functest.KeyID) != "v2" {
			t.Errorf("the reconcile: %s, %s in force", functest.Say(e), w.InForce(functest.KeyID))
		}
	})
}

// Row 42.
func TestAThrottledBusGetsTheEventInTheEnd(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		w.Intercept = functest.First(5, "PutEvents", functest.Fails(400, "ThrottlingException", "Rate exceeded"))
		if e := w.Single(functest.Uploaded(functest.ObjectName, "")); functest.Say(e) != "Applied" {
			t.Errorf("%s", functest.Say(e))
		}
	})
}

// Row 43.
func TestWhatKeysmithSaysAndDoesNeverWakesIt(t *testing.T) {
	own := []outcome.Type{outcome.Applied, outcome.Rejected, outcome.Failed, outcome.Planned, outcome.DriftDetected}
	var payloads [][]byte
	for _, kind := range own {
		payloads = append(payloads, functest.JSON(functest.M{"source": outcome.Source, "detail-type": string(kind), "account": functest.Account,
			"detail": functest.M{"data": functest.M{"object": functest.M{"bucket": functest.Bucket, "key": functest.ObjectName}}}}))
	}
	payloads = append(payloads, functest.JSON(functest.M{"source": "aws.kms", "detail-type": "AWS API Call via CloudTrail", "account": functest.Account,
		"detail": functest.M{"eventName": "PutKeyPolicy", "userIdentity": functest.M{"arn": functest.Writer}, "requestParameters": functest.M{"keyId": functest.KeyID}}}))
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("old"))
		for _, payload := range payloads {
			if events := w.Outcomes(payload); len(events) != 0 || w.Puts() != 0 {
				t.Errorf("%s led to %s and %d puts", payload, functest.SayAll(events), w.Puts())
			}
		}
	})
}

// Row 44.
func TestAMonthOldUploadThatIsReplayedAppliesTheNewestObject(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		first := functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("v1")))
		w.Single(first)
		w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("v2"))))
		time.Sleep(30 * 24 * time.Hour)
		if e := w.Single(first); functest.Say(e) != "Applied" || e.Detail.Data.Changed || w.InForce(functest.KeyID) != "v2" {
			t.Errorf("%s, changed %v, %s in force", functest.Say(e), e.Detail.Data.Changed, w.InForce(functest.KeyID))
		}
	})
}

// Row 46.
func TestThreeSecondsBeforeTheEndNothingIsBegun(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		ctx, cancel := context.WithTimeout(w.Context(), 3*time.Second)
		defer cancel()
		out, err := w.Handler.Invoke(ctx, functest.Batch(functest.Uploaded(functest.ObjectName, "")))
		var answer struct{ BatchItemFailures []json.RawMessage }
		if json.Unmarshal(out, &answer) != nil || err != nil || len(answer.BatchItemFailures) != 1 || w.Puts() != 0 {
			t.Errorf("%s, %v, %d puts", out, err, w.Puts())
		}
	})
}

func TestTroubleThatSaysNothingAboutTheKeyIsNoFailure(t *testing.T) {
	for name, trouble := range map[string]functest.Sender{
		"row 48: a wrong clock, for KMS":          functest.First(functest.Always, "GetKeyPolicy", functest.Fails(403, "RequestTimeTooSkewed", "")),
		"row 48: a wrong clock, for the put":      functest.First(functest.Always, "PutKeyPolicy", functest.Fails(403, "InvalidSignatureException", "Signature expired")),
		"row 48: credentials, while it is proven": functest.AfterPut("GetKeyPolicy", functest.Fails(400, "ExpiredTokenException", "")),
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, nil, func(w *functest.World) {
				w.Upload(functest.Policy("new"))
				w.Intercept = trouble
				if back := w.Batch(functest.Uploaded(functest.ObjectName, "")); back != "m0" || len(w.Events()) != 0 {
					t.Errorf("returned %q, %s", back, functest.SayAll(w.Events()))
				}
				w.Intercept = nil
				if back := w.Batch(functest.Uploaded(functest.ObjectName, "")); back != "" || !strings.HasPrefix(functest.SayAll(w.Events()), "Applied") {
					t.Errorf("later: returned %q, %s", back, functest.SayAll(w.Events()))
				}
			})
		})
	}
}
