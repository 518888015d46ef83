package converge_test

import (
	"github.com/keysmith/keysmith/shared/functest"

	"net/http"
	"slices"
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
		"row 15: denied after the put":   {[]string{"old", "denied"}, "Failed UNVERIFIED", true},
		"row 14: a third policy, stable": {[]string{"old", "third"}, "Failed VERIFY_MISMATCH", false},
		"a third policy for a moment":    {[]string{"old", "third", "third", ""}, "Applied", false},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, nil, func(w *functest.World) {
				w.Upload(functest.Policy("new"))
				reads := c.reads // one a GetKeyPolicy, the last for ever; "" is the truth
				w.Intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
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
						return functest.AnswerError(400, "AccessDeniedException", "no")
					}
					return functest.PolicyAnswer(functest.Policy(name))
				}
				start := time.Now()
				_, err := w.Invoke(functest.Uploaded(functest.ObjectName, ""))
				if got := functest.SayAll(w.Events()); got != c.want || (err != nil) != c.again || w.Puts() != 1 {
					t.Errorf("%q, returned: %v, %d puts; want %q", got, err, w.Puts(), c.want)
				}
				if took := time.Since(start); c.want == "Failed VERIFY_MISMATCH" && took > 10*time.Second {
					t.Errorf("a mismatch was reported only after %s", took)
				}
			})
		})
	}
}

// Row 5.
func TestAnUploadDuringThePutIsFollowed(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("v1"))
		w.Intercept = functest.First(1, "PutKeyPolicy", func(send func() (*http.Response, error)) (*http.Response, error) {
			w.Upload(functest.Policy("v2"))
			return send()
		})
		e := w.Single(functest.Uploaded(functest.ObjectName, ""))
		if functest.Say(e) != "Applied" || w.InForce(functest.KeyID) != "v2" || w.Puts() != 2 {
			t.Errorf("%s, %s in force, %d puts", functest.Say(e), w.InForce(functest.KeyID), w.Puts())
		}
	})
}

func TestAnObjectThatNeverRestsIsHandedBack(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("v"))
		w.Intercept = functest.First(functest.Always, "PutKeyPolicy", func(send func() (*http.Response, error)) (*http.Response, error) {
			w.Upload(functest.Policy("v" + time.Now().Format("150405.000")))
			return send()
		})
		_, err := w.Invoke(functest.Uploaded(functest.ObjectName, ""))
		if err == nil || w.Puts() != 5 {
			t.Errorf("returned: %v after %d puts; want 5 puts", err, w.Puts())
		}
	})
}

func TestWhatWasPutIsReportedBeforeANewerObjectIsRejected(t *testing.T) {
	for name, change := range map[string]func(*functest.World){
		"unacceptable": func(w *functest.World) { w.Upload(functest.Lockout) },
		"deleted":      func(w *functest.World) { w.Cloud.S3.Delete(functest.Bucket, functest.ObjectName) },
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, nil, func(w *functest.World) {
				v1 := w.Upload(functest.Policy("v1"))
				w.Intercept = functest.First(1, "PutKeyPolicy", func(send func() (*http.Response, error)) (*http.Response, error) {
					change(w)
					return send()
				})
				events := w.Outcomes(functest.Uploaded(functest.ObjectName, ""))
				want := map[string]string{"unacceptable": "Applied, Rejected LOCKOUT", "deleted": "Applied"}[name]
				if functest.SayAll(events) != want || w.InForce(functest.KeyID) != "v1" || events[0].Detail.Data.Object.VersionID != v1 {
					t.Errorf("%s with %s in force; want %s", functest.SayAll(events), w.InForce(functest.KeyID), want)
				}
			})
		})
	}
}

// No read proves a put that KMS did not confirm: the policy may have been in
// force shortly before, and the read may be stale.
func TestAPutThatKMSDidNotConfirmIsNotProvenByReads(t *testing.T) {
	uploads := func(names ...string) func(*functest.World) {
		return func(w *functest.World) {
			for _, name := range names {
				w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy(name))))
			}
		}
	}
	for name, c := range map[string]struct {
		before   func(*functest.World)
		inForce  string // when the put is lost
		lost     int    // puts
		outcomes string
		returned bool
	}{
		"keysmith replaced it a moment ago":        {uploads("a", "b"), "b", 1, "Applied", false},
		"the same, and KMS never confirms":         {uploads("a", "b"), "b", functest.Always, "Failed UNVERIFIED", true},
		"somebody replaced it by hand":             {changedByHand(uploads("a")), "by hand", 1, "Applied", false},
		"the same by hand, and KMS never confirms": {changedByHand(uploads("a")), "by hand", functest.Always, "Failed UNVERIFIED", true},
		"keysmith has never put on this key":       {func(*functest.World) {}, "old", 1, "Applied", false},
		"the same new key, and KMS never confirms": {func(*functest.World) {}, "old", functest.Always, "Failed UNVERIFIED", true},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, nil, func(w *functest.World) {
				c.before(w)
				before := len(w.Events())
				w.Upload(functest.Policy("a"))
				past := append([]string{c.inForce}, slices.Repeat([]string{"a"}, 200)...) // the truth before the put, then the past
				stale, lost := functest.Reads(past...), functest.First(c.lost, "PutKeyPolicy", functest.Fails(500, "KMSInternalException", ""))
				w.Intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
					return stale(action, func() (*http.Response, error) { return lost(action, send) })
				}
				_, err := w.Invoke(functest.Uploaded(functest.ObjectName, ""))
				if got := functest.SayAll(w.Events()[before:]); got != c.outcomes || (err != nil) != c.returned {
					t.Errorf("%s, %v; want %s", got, err, c.outcomes)
				}
				if want := map[bool]string{true: c.inForce, false: "a"}[c.returned]; w.InForce(functest.KeyID) != want {
					t.Errorf("%s is in force; want %s", w.InForce(functest.KeyID), want)
				}
			})
		})
	}
}

// changedByHand is a change in the console, long after something else.
func changedByHand(before func(*functest.World)) func(*functest.World) {
	return func(w *functest.World) {
		before(w)
		time.Sleep(time.Hour)
		w.Cloud.KMS.SetPolicy(functest.KeyID, functest.Policy("by hand"))
	}
}

func TestAPolicyThatKeysmithReplacedItselfIsNoMismatch(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		w.Single(functest.Uploaded(functest.ObjectName, ""))
		w.Intercept = functest.Reads("new", "old", "old", "old", "old", "old", "old", "old")
		if e := w.Single(functest.Uploaded(functest.ObjectName, "")); functest.Say(e) != "Applied" {
			t.Errorf("%s after stale reads of what the first delivery replaced", functest.Say(e))
		}
		w.Intercept = functest.Reads("old", "old", "old", "old", "old", "old")
		if events := w.Outcomes(functest.Reconcile(functest.ObjectName, "sweep")); len(events) != 0 {
			t.Errorf("a stale read was reported as %s", functest.SayAll(events))
		}
	})
}

func TestANewerVersionThanTheRefusedOneIsNoMismatch(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("v1"))
		put := functest.First(1, "PutKeyPolicy", func(send func() (*http.Response, error)) (*http.Response, error) {
			w.Upload(functest.Typo)
			return send()
		})
		gets := 0
		w.Intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			if action == http.MethodGet {
				if gets++; gets == 3 { // after the object and its hold: what is read now is the typo; then another worker is faster
					defer func() { w.Upload(functest.Policy("v3")); w.Cloud.KMS.SetPolicy(functest.KeyID, functest.Policy("v3")) }()
				}
			}
			return put(action, send)
		}
		events := w.Outcomes(functest.Uploaded(functest.ObjectName, ""))
		if got := functest.SayAll(events); strings.Contains(got, "VERIFY_MISMATCH") || w.InForce(functest.KeyID) != "v3" {
			t.Errorf("%s, %s in force", got, w.InForce(functest.KeyID))
		}
	})
}

func TestARedeliveredTriggerTakesCareOfAPutThatMayStillLand(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		if w.Batch(functest.Uploaded(functest.ObjectName, "")); w.Cloud.SQS.Depth("apply") != 1 {
			t.Errorf("%d reconciles are queued; want one", w.Cloud.SQS.Depth("apply"))
		}
		w.Intercept = functest.Reads("new") // stale: the first delivery put something old and was killed
		w.Cloud.KMS.SetPolicy(functest.KeyID, functest.Policy("old"))
		if w.Batch(functest.Reconcile(functest.ObjectName, "late-put")); w.InForce(functest.KeyID) != "new" {
			t.Errorf("%s in force", w.InForce(functest.KeyID))
		}
	})
}

func TestAReconcileThatCannotBeQueuedIsNotForgotten(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		put := functest.First(1, "PutKeyPolicy", functest.Fails(500, "KMSInternalException", ""))
		w.Intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			if action == "SendMessage" {
				return functest.AnswerError(403, "AccessDenied", "no")
			}
			return put(action, send)
		}
		if _, err := w.Invoke(functest.Uploaded(functest.ObjectName, "")); err == nil || functest.SayAll(w.Events()) != "Applied" {
			t.Errorf("%s, returned: %v", functest.SayAll(w.Events()), err)
		}
	})
}
