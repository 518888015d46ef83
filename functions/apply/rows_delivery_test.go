package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/outcome"
)

// Row 2.
func TestTheSameEventTwiceAtOnceEndsWell(t *testing.T) {
	play(t, nil, func(w *world) {
		event := uploaded(objectName, w.upload(policy("new")))
		w.atOnce(event, event)
		for _, e := range w.events() {
			if say(e) != "Applied" {
				t.Errorf("%s", say(e))
			}
		}
		if n := len(w.events()); n != 2 || w.inForce(keyID) != "new" {
			t.Errorf("%d events, %s in force", n, w.inForce(keyID))
		}
	})
}

// atOnce invokes the handler with all payloads side by side, as two or more
// sandboxes would.
func (w *world) atOnce(payloads ...[]byte) {
	w.Helper()
	var wg sync.WaitGroup
	for _, payload := range payloads {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(w.Context(), timeout)
			defer cancel()
			if out, err := w.h.Invoke(ctx, payload); err != nil {
				w.Errorf("handed back: %v (%s)", err, out)
			}
		})
	}
	wg.Wait()
}

// Row 3.
func TestTheOlderEventAfterTheNewerOneChangesNothing(t *testing.T) {
	play(t, nil, func(w *world) {
		v1 := uploaded(objectName, w.upload(policy("v1")))
		newest := w.upload(policy("v2"))
		for _, event := range [][]byte{uploaded(objectName, newest), v1} {
			e := w.single(event)
			if say(e) != "Applied" || w.inForce(keyID) != "v2" || versionOf(e) != newest {
				t.Errorf("%s of version %s, %s in force", say(e), versionOf(e), w.inForce(keyID))
			}
		}
	})
}

// Row 4.
func TestThereAndBackAgainWhileReadsAreStale(t *testing.T) {
	play(t, nil, func(w *world) {
		w.cloud.Fault(fakeaws.Fault{Service: "kms", Action: "GetKeyPolicy", Kind: fakeaws.Stale, Delay: 4 * time.Second})
		var events [][]byte
		for _, name := range []string{"A", "B", "A"} {
			events = append(events, uploaded(objectName, w.upload(policy(name))))
			time.Sleep(1500 * time.Millisecond)
		}
		w.atOnce(events...)
		if got := sayAll(w.events()); w.inForce(keyID) != "A" || got != "Applied, Applied, Applied" {
			t.Errorf("%s, %s in force", got, w.inForce(keyID))
		}
	})
}

// gone lets nothing through from the first call of an action on, as if the
// process had been killed there.
func gone(action string) sender {
	var dead atomic.Bool
	return func(got string, send func() (*http.Response, error)) (*http.Response, error) {
		if got == action {
			dead.Store(true)
		}
		if dead.Load() {
			return nil, errDropped
		}
		return send()
	}
}

// Row 6.
func TestAKillBetweenThePutAndItsEventLosesNeither(t *testing.T) {
	play(t, nil, func(w *world) {
		version := w.upload(policy("new"))
		w.intercept = gone("PutEvents")
		_, _ = w.invoke(batch(uploaded(objectName, version))) // nobody hears its answer
		if w.inForce(keyID) != "new" || len(w.events()) != 0 {
			t.Fatalf("%s in force, %s", w.inForce(keyID), sayAll(w.events()))
		}
		w.intercept = nil
		w.start(nil)
		if back := w.batch(uploaded(objectName, version)); back != "" || sayAll(w.events()) != "Applied" || w.puts() != 2 {
			t.Errorf("handed back %q, %s, %d puts", back, sayAll(w.events()), w.puts())
		}
	})
}

// Row 7.
func TestAKillAfterTheEventRepeatsItUnderTheSameKey(t *testing.T) {
	play(t, nil, func(w *world) {
		event := uploaded(objectName, w.upload(policy("new")))
		w.batch(event) // and killed before the message is deleted
		w.start(nil)
		w.batch(event)
		all := w.events()
		if sayAll(all) != "Applied, Applied" || all[0].Detail.Metadata.IdempotencyKey != all[1].Detail.Metadata.IdempotencyKey ||
			all[0].Detail.Metadata.ID == all[1].Detail.Metadata.ID {
			t.Errorf("%s: %+v", sayAll(all), all)
		}
	})
}

// Row 11.
func TestAPutThatLandsLateIsFoundAndRepaired(t *testing.T) {
	play(t, nil, func(w *world) {
		w.cloud.Fault(fakeaws.Fault{Service: "kms", Action: "PutKeyPolicy", Kind: fakeaws.Late, Delay: 30 * time.Second, Times: 1})
		w.single(uploaded(objectName, w.upload(policy("v1"))))
		w.single(uploaded(objectName, w.upload(policy("v2"))))
		time.Sleep(30 * time.Second)
		if w.inForce(keyID) != "v1" {
			t.Fatalf("%s in force; the late put did not land", w.inForce(keyID))
		}
		time.Sleep(15 * time.Minute)
		if e := w.single(look(objectName, "sweep")); say(e) != "Drift Detected" {
			t.Errorf("a sweep: %s", say(e))
		}
		waiting := w.cloud.SQS.Receive("apply", 10)
		if len(waiting) != 1 {
			t.Fatalf("%d looks are queued; want one", len(waiting))
		}
		if e := w.single([]byte(waiting[0].Body)); say(e) != "Applied" || w.inForce(keyID) != "v2" {
			t.Errorf("the look: %s, %s in force", say(e), w.inForce(keyID))
		}
	})
}

// Row 42.
func TestAThrottledBusGetsTheEventInTheEnd(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("new"))
		w.intercept = first(5, "PutEvents", fails(400, "ThrottlingException", "Rate exceeded"))
		if e := w.single(uploaded(objectName, "")); say(e) != "Applied" {
			t.Errorf("%s", say(e))
		}
	})
}

// Row 43.
func TestWhatKeysmithSaysAndDoesNeverWakesIt(t *testing.T) {
	own := []outcome.Type{outcome.Applied, outcome.Rejected, outcome.Failed, outcome.Planned, outcome.DriftDetected}
	var payloads [][]byte
	for _, kind := range own {
		payloads = append(payloads, toJSON(m{"source": outcome.Source, "detail-type": string(kind), "account": account,
			"detail": m{"data": m{"object": m{"bucket": policyBkt, "key": objectName}}}}))
	}
	payloads = append(payloads, toJSON(m{"source": "aws.kms", "detail-type": "AWS API Call via CloudTrail", "account": account,
		"detail": m{"eventName": "PutKeyPolicy", "userIdentity": m{"arn": writer}, "requestParameters": m{"keyId": keyID}}}))
	play(t, nil, func(w *world) {
		w.upload(policy("old"))
		for _, payload := range payloads {
			if events := w.outcomes(payload); len(events) != 0 || w.puts() != 0 {
				t.Errorf("%s led to %s and %d puts", payload, sayAll(events), w.puts())
			}
		}
	})
}

// Row 44.
func TestAMonthOldUploadThatIsReplayedAppliesTheNewestObject(t *testing.T) {
	play(t, nil, func(w *world) {
		first := uploaded(objectName, w.upload(policy("v1")))
		w.single(first)
		w.single(uploaded(objectName, w.upload(policy("v2"))))
		time.Sleep(30 * 24 * time.Hour)
		if e := w.single(first); say(e) != "Applied" || e.Detail.Data.Changed || w.inForce(keyID) != "v2" {
			t.Errorf("%s, changed %v, %s in force", say(e), e.Detail.Data.Changed, w.inForce(keyID))
		}
	})
}

// Row 46.
func TestThreeSecondsBeforeTheEndNothingIsBegun(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("new"))
		ctx, cancel := context.WithTimeout(w.Context(), 3*time.Second)
		defer cancel()
		out, err := w.h.Invoke(ctx, batch(uploaded(objectName, "")))
		var answer struct{ BatchItemFailures []json.RawMessage }
		if json.Unmarshal(out, &answer) != nil || err != nil || len(answer.BatchItemFailures) != 1 || w.puts() != 0 {
			t.Errorf("%s, %v, %d puts", out, err, w.puts())
		}
	})
}

func TestTroubleThatSaysNothingAboutTheKeyIsNoFailure(t *testing.T) {
	for name, trouble := range map[string]sender{
		"row 48: a wrong clock, for KMS":          first(always, "GetKeyPolicy", fails(403, "RequestTimeTooSkewed", "")),
		"row 48: a wrong clock, for the put":      first(always, "PutKeyPolicy", fails(403, "InvalidSignatureException", "Signature expired")),
		"row 48: credentials, while it is proven": afterPut("GetKeyPolicy", fails(400, "ExpiredTokenException", "")),
	} {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(w *world) {
				w.upload(policy("new"))
				w.intercept = trouble
				if back := w.batch(uploaded(objectName, "")); back != "m0" || len(w.events()) != 0 {
					t.Errorf("handed back %q, %s", back, sayAll(w.events()))
				}
				w.intercept = nil
				if back := w.batch(uploaded(objectName, "")); back != "" || !strings.HasPrefix(sayAll(w.events()), "Applied") {
					t.Errorf("later: handed back %q, %s", back, sayAll(w.events()))
				}
			})
		})
	}
}

// afterPut lets f stand in for all calls of an action after the first put.
func afterPut(action string, f func(func() (*http.Response, error)) (*http.Response, error)) sender {
	var put atomic.Bool
	return func(got string, send func() (*http.Response, error)) (*http.Response, error) {
		if got == "PutKeyPolicy" {
			put.Store(true)
		}
		if put.Load() && got == action {
			return f(send)
		}
		return send()
	}
}
