package main

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestReadsThatLagOrLie(t *testing.T) {
	many := func(name string, n int) []string { return strings.Split(strings.Repeat(name+",", n)+name, ",") }
	for name, c := range map[string]struct {
		reads []string
		want  string
		again bool
	}{
		"row 12: stale for a while":      {append(many("old", 12), ""), "Applied", false},
		"stale without end":              {many("old", 1), "Failed UNVERIFIED", true},
		"row 13: flapping, then settled": {[]string{"old", "", "old", "", "old", ""}, "Applied", false},
		"row 15: denied after the put":   {[]string{"old", "denied"}, "Failed UNVERIFIED", false},
		"row 14: a third policy, stable": {[]string{"old", "third"}, "Failed VERIFY_MISMATCH", false},
		"a third policy for a moment":    {[]string{"old", "third", "third", ""}, "Applied", false},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(w *world) {
				w.upload(policy("new"))
				reads := c.reads // one a GetKeyPolicy, the last for ever; "" is the truth
				w.intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
					if action != "GetKeyPolicy" {
						return send()
					}
					name := reads[0]
					if len(reads) > 1 {
						reads = reads[1:]
					}
					switch name {
					case "":
						return send()
					case "denied":
						return answerError(400, "AccessDeniedException", "no")
					}
					return policyAnswer(policy(name))
				}
				start := time.Now()
				_, err := w.invoke(uploaded(objectName, ""))
				if got := sayAll(w.events()); got != c.want || (err != nil) != c.again || w.puts() != 1 {
					t.Errorf("%q, handed back: %v, %d puts; want %q", got, err, w.puts(), c.want)
				}
				if took := time.Since(start); c.want == "Failed VERIFY_MISMATCH" && took > 10*time.Second {
					t.Errorf("a mismatch was told only after %s", took)
				}
			})
		})
	}
}

// Row 5.
func TestAnUploadDuringThePutIsFollowed(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("v1"))
		w.intercept = first(1, "PutKeyPolicy", func(send func() (*http.Response, error)) (*http.Response, error) {
			w.upload(policy("v2"))
			return send()
		})
		e := w.single(uploaded(objectName, ""))
		if say(e) != "Applied" || w.inForce(keyID) != "v2" || w.puts() != 2 {
			t.Errorf("%s, %s in force, %d puts", say(e), w.inForce(keyID), w.puts())
		}
	})
}

func TestAnObjectThatNeverRestsIsHandedBack(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("v"))
		w.intercept = first(always, "PutKeyPolicy", func(send func() (*http.Response, error)) (*http.Response, error) {
			w.upload(policy("v" + time.Now().Format("150405.000")))
			return send()
		})
		_, err := w.invoke(uploaded(objectName, ""))
		if err == nil || w.puts() != 5 {
			t.Errorf("handed back: %v after %d puts; want 5 puts", err, w.puts())
		}
	})
}

func TestWhatWasPutIsReportedBeforeANewerObjectIsRejected(t *testing.T) {
	for name, change := range map[string]func(*world){
		"unacceptable": func(w *world) { w.upload(lockout) },
		"deleted":      func(w *world) { w.cloud.S3.Delete(policyBkt, objectName) },
	} {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(w *world) {
				v1 := w.upload(policy("v1"))
				w.intercept = first(1, "PutKeyPolicy", func(send func() (*http.Response, error)) (*http.Response, error) {
					change(w)
					return send()
				})
				events := w.outcomes(uploaded(objectName, ""))
				want := map[string]string{"unacceptable": "Applied, Rejected LOCKOUT", "deleted": "Applied"}[name]
				if sayAll(events) != want || w.inForce(keyID) != "v1" || events[0].Detail.Data.Object.VersionID != v1 {
					t.Errorf("%s with %s in force; want %s", sayAll(events), w.inForce(keyID), want)
				}
			})
		})
	}
}

// reads lets GetKeyPolicy answer from a list of policy names, one a read; what
// comes after the list, and what is empty, is the truth.
func reads(names ...string) sender {
	return func(action string, send func() (*http.Response, error)) (*http.Response, error) {
		if action != "GetKeyPolicy" || len(names) == 0 {
			return send()
		}
		name := names[0]
		names = names[1:]
		if name == "" {
			return send()
		}
		return policyAnswer(policy(name))
	}
}

func TestAnUnansweredPutIsSentAgainWhereReadsCannotTell(t *testing.T) {
	play(t, nil, func(w *world) {
		w.single(uploaded(objectName, w.upload(policy("a"))))
		w.single(uploaded(objectName, w.upload(policy("b"))))
		w.upload(policy("a"))
		stale := reads("b", "a", "a", "a", "a", "a", "a", "a") // the truth before the put, then the past
		lost := first(1, "PutKeyPolicy", fails(500, "KMSInternalException", ""))
		w.intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			return stale(action, func() (*http.Response, error) { return lost(action, send) })
		}
		if e := w.single(uploaded(objectName, "")); say(e) != "Applied" || w.inForce(keyID) != "a" {
			t.Errorf("%s, though %s is in force", say(e), w.inForce(keyID))
		}
	})
}

func TestAPolicyThatKeysmithReplacedItselfIsNoMismatch(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("new"))
		w.single(uploaded(objectName, ""))
		w.intercept = reads("new", "old", "old", "old", "old", "old", "old", "old")
		if e := w.single(uploaded(objectName, "")); say(e) != "Applied" {
			t.Errorf("%s after stale reads of what the first delivery replaced", say(e))
		}
		w.intercept = reads("old", "old", "old", "old", "old", "old")
		if events := w.outcomes(look(objectName, "sweep")); len(events) != 0 {
			t.Errorf("a stale read was told as %s", sayAll(events))
		}
	})
}

func TestANewerVersionThanTheRefusedOneIsNoMismatch(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("v1"))
		put := first(1, "PutKeyPolicy", func(send func() (*http.Response, error)) (*http.Response, error) {
			w.upload(typo)
			return send()
		})
		gets := 0
		w.intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			if action == http.MethodGet {
				if gets++; gets == 2 { // what is read now is the typo; then another worker is faster
					defer func() { w.upload(policy("v3")); w.cloud.KMS.SetPolicy(keyID, policy("v3")) }()
				}
			}
			return put(action, send)
		}
		events := w.outcomes(uploaded(objectName, ""))
		if got := sayAll(events); strings.Contains(got, "VERIFY_MISMATCH") || w.inForce(keyID) != "v3" {
			t.Errorf("%s, %s in force", got, w.inForce(keyID))
		}
	})
}

func TestARedeliveredTriggerTakesCareOfAPutThatMayStillLand(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("new"))
		if w.batch(uploaded(objectName, "")); w.cloud.SQS.Depth("apply") != 1 {
			t.Errorf("%d looks are queued; want one", w.cloud.SQS.Depth("apply"))
		}
		w.intercept = reads("new") // stale: the first delivery put something old and was killed
		w.cloud.KMS.SetPolicy(keyID, policy("old"))
		if w.batch(look(objectName, "late-put")); w.inForce(keyID) != "new" {
			t.Errorf("%s in force", w.inForce(keyID))
		}
	})
}

func TestALookThatCannotBeQueuedIsNotForgotten(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("new"))
		put := first(1, "PutKeyPolicy", fails(500, "KMSInternalException", ""))
		w.intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			if action == "SendMessage" {
				return answerError(403, "AccessDenied", "no")
			}
			return put(action, send)
		}
		if _, err := w.invoke(uploaded(objectName, "")); err == nil || sayAll(w.events()) != "Applied" {
			t.Errorf("%s, handed back: %v", sayAll(w.events()), err)
		}
	})
}
