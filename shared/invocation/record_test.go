package invocation_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
)

const put = http.MethodPut + functest.Status

func TestTheStatusRepeatsTheEvent(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		version := w.Upload(functest.Policy("new"))
		e := w.Single(functest.Uploaded(functest.ObjectName, version))
		s := w.Status(functest.ObjectName)
		if s == nil || s.Outcome != status.Applied || s.VersionID != version || s.Event != e.Detail.Metadata.ID || !s.Time.Equal(e.Detail.Metadata.Time) {
			t.Fatalf("%+v of %+v", s, e.Detail)
		}
		if s.LastApplied.VersionID != version || s.LastApplied.CanonicalSHA256 != e.Detail.Data.Policy.CanonicalSHA256 || s.Key.ID != functest.KeyID {
			t.Errorf("%+v", s)
		}
		refused := w.Upload(`{"Version": "2012-10-17", "Statement": []}`)
		w.Single(functest.Uploaded(functest.ObjectName, refused))
		if r := w.Status(functest.ObjectName); r.Outcome != status.Rejected || r.VersionID != refused || len(r.Findings) == 0 || r.LastApplied.VersionID != version {
			t.Errorf("%+v", r)
		}
	})
}

func TestEveryOutcomeHasItsStatus(t *testing.T) {
	const bad = "policies/readme.json"
	for name, c := range map[string]struct {
		env    map[string]string
		object string
		fault  fakeaws.Fault
		want   status.Outcome
	}{
		"a failure":                     {nil, functest.ObjectName, fakeaws.Fault{Service: "kms", Action: "PutKeyPolicy", Kind: fakeaws.Refuse, Code: "MalformedPolicyDocumentException"}, status.Failed},
		"a failure that is tried again": {nil, functest.ObjectName, fakeaws.Fault{Service: "kms", Action: "PutKeyPolicy", Kind: fakeaws.Refuse, Code: "AccessDeniedException"}, status.Failed},
		"a name that is not allowed":    {nil, bad, fakeaws.Fault{}, status.Rejected},
		"a plan":                        {nil, planName, fakeaws.Fault{}, status.Planned},
		"a stack that only plans":       {map[string]string{"MODE": "plan"}, functest.ObjectName, fakeaws.Fault{}, status.Planned},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, c.env, func(w *functest.World) {
				w.Cloud.S3.Put(functest.Bucket, c.object, []byte(functest.Policy("new")), nil)
				if c.fault.Kind != "" {
					w.Cloud.Fault(c.fault)
				}
				_, _ = w.Invoke(functest.Batch(functest.Uploaded(c.object, "")))
				if s := w.Status(c.object); s == nil || s.Outcome != c.want {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

func TestADryRunHasNoStatus(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		for _, detail := range []functest.M{
			{"object": functest.ObjectName, "dryRun": true},
			{"key": functest.KeyID, "policy": functest.Policy("other"), "dryRun": true},
		} {
			if e := w.Single(functest.Requested("r1", time.Now(), detail)); e.Type != outcome.Planned {
				t.Error(functest.Say(e))
			}
		}
		if s := w.Status(functest.ObjectName); s != nil {
			t.Errorf("%+v", s)
		}
	})
}

// The event comes before the status, and the status before the acknowledgement.
func TestWithoutItsEventThereIsNoStatus(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		w.Cloud.Fault(fakeaws.Fault{Service: "events", Action: "PutEvents", Kind: fakeaws.Refuse, Code: "InternalException"})
		if back := w.Batch(functest.Uploaded(functest.ObjectName, "")); back != "m0" || w.Status(functest.ObjectName) != nil {
			t.Errorf("returned %q, %+v", back, w.Status(functest.ObjectName))
		}
	})
}

func TestAStatusThatCannotBeWrittenRetriesTheTriggerOnceAndThenQueuesAReconcile(t *testing.T) {
	functest.Play(t, functest.Deployed(), func(w *functest.World) {
		w.Intercept = functest.First(functest.Always, put, functest.Fails(403, "AccessDenied", ""))
		w.Upload(functest.Policy("new"))
		w.Cloud.SQS.Send("apply", string(functest.Uploaded(functest.ObjectName, "")))
		w.Drain("apply")
		if got := functest.SayAll(w.Events()); got != "Applied, Applied" {
			t.Errorf("%s", got)
		}
		bodies := w.Cloud.SQS.Bodies("reconcile")
		if len(bodies) != 1 || !strings.Contains(bodies[0], functest.ObjectName) {
			t.Errorf("queued: %v", bodies)
		}
		if !strings.Contains(w.Logs.String(), "the status is not written") {
			t.Error("the log says nothing")
		}
	})
}

func TestWhereNoReconcileCanBeQueuedTheTriggerComesAgain(t *testing.T) {
	functest.Play(t, functest.Deployed(), func(w *functest.World) {
		w.Intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			if action == put || action == "SendMessage" {
				return functest.AnswerError(http.StatusBadRequest, "AccessDenied", "no")
			}
			return send()
		}
		w.Upload(functest.Policy("new"))
		w.Cloud.SQS.Send("apply", string(functest.Uploaded(functest.ObjectName, "")))
		for range 3 {
			w.Settle("apply", w.Cloud.SQS.Receive("apply", 1))
			time.Sleep(5 * time.Minute)
		}
		if w.Cloud.SQS.Depth("apply") != 1 {
			t.Error("the upload is acknowledged, and nobody knows that its status is missing")
		}
	})
}

// A status that can never be written must not make reconciles without end.
func TestAReconcileWhoseStatusCannotBeWrittenQueuesNoOther(t *testing.T) {
	functest.Play(t, functest.Deployed(), func(w *functest.World) {
		w.Intercept = functest.First(functest.Always, put, functest.Fails(403, "AccessDenied", ""))
		w.Upload(functest.Policy("new"))
		w.Cloud.SQS.Send("reconcile", string(functest.Reconcile(functest.ObjectName, "late-put")))
		for range 20 {
			for _, queue := range []string{"reconcile", "apply"} {
				if messages := w.Cloud.SQS.Receive(queue, 1); len(messages) > 0 {
					w.Settle(queue, messages)
				}
			}
			time.Sleep(5 * time.Minute)
		}
		if n := w.Cloud.SQS.Depth("reconcile") + w.Cloud.SQS.Depth("apply"); n != 0 || len(w.Events()) > 2 {
			t.Errorf("%d messages, %s", n, functest.SayAll(w.Events()))
		}
	})
}

// S3 takes 1,024 bytes of an object key: the status of the longest names has none.
func TestANameTooLongForAStatusIsRejectedAllTheSame(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		long := "policies/" + strings.Repeat("x", 1024-len("policies/"))
		w.Cloud.S3.Put(functest.Bucket, long, []byte("{}"), nil)
		if back := w.Batch(functest.Uploaded(long, "")); back != "" || functest.SayAll(w.Events()) != "Rejected BAD_OBJECT_KEY" {
			t.Errorf("returned %q, %s", back, functest.SayAll(w.Events()))
		}
	})
}

// What was put is reported before anything else: a bus that refuses that report gets no
// later one of the same run, and the trigger comes again.
func TestWhatFollowsAReportThatIsRefusedWaits(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("v1"))
		w.Intercept = functest.First(1, "PutKeyPolicy", func(send func() (*http.Response, error)) (*http.Response, error) {
			w.Upload(functest.Lockout)
			return send()
		})
		w.Cloud.Fault(fakeaws.Fault{Service: "events", Action: "PutEvents", Kind: fakeaws.FailEntries, Count: 1, Times: 4}) // all tries of one report
		if back := w.Batch(functest.Uploaded(functest.ObjectName, "")); back != "m0" || len(w.Events()) != 0 {
			t.Errorf("returned %q after %s", back, functest.SayAll(w.Events()))
		}
		if back := w.Batch(functest.Uploaded(functest.ObjectName, "")); back != "" || functest.SayAll(w.Events()) != "Rejected LOCKOUT" {
			t.Errorf("then returned %q after %s", back, functest.SayAll(w.Events()))
		}
	})
}
