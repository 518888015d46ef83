package invocation_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/converge"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/queue"
)

const malformed = "MalformedPolicyDocumentException"

// A refusal is an error that usually resolves itself.
type refusal struct {
	action, code, message string
	after                 bool // only after the first put
	want                  outcome.Code
	asks                  bool // more than once within one run
}

func refusals() map[string]refusal {
	return map[string]refusal{
		"the put is denied":                   {"PutKeyPolicy", "AccessDeniedException", "no", false, outcome.AccessDenied, false},
		"the history may not be written":      {http.MethodPut, "AccessDenied", "no", false, outcome.AccessDenied, false},
		"the policy in force may not be read": {"GetKeyPolicy", "AccessDeniedException", "no", false, outcome.Unverified, false},
		"the policy may not be read back":     {"GetKeyPolicy", "AccessDeniedException", "no", true, outcome.Unverified, true},
		"the object may not be read":          {http.MethodGet, "AccessDenied", "no", false, outcome.Unreadable, true},
		"the key is not there":                {"DescribeKey", "NotFoundException", "no", false, outcome.NotFound, true},
		"a principal is not there":            {"PutKeyPolicy", malformed, "one or more invalid principals", false, outcome.PrincipalNotFound, true},
	}
}

// until is the trouble as long as it is not over.
func (c refusal) until(over func() bool) functest.Sender {
	var put atomic.Bool
	return func(got string, send func() (*http.Response, error)) (*http.Response, error) {
		refused := got == c.action && (put.Load() || !c.after) && !over()
		if got == "PutKeyPolicy" {
			put.Store(true)
		}
		switch {
		case !refused:
			return send()
		case got == http.MethodGet || got == http.MethodPut:
			return s3Refusal(c.code)
		}
		return functest.AnswerError(http.StatusBadRequest, c.code, c.message)
	}
}

func never() bool { return false }

func s3Refusal(code string) (*http.Response, error) {
	answer, err := functest.JSONAnswer("<Error><Code>" + code + "</Code></Error>")
	answer.StatusCode = http.StatusForbidden
	return answer, err
}

// queued plays a scene in which uploads come through a queue that has a
// dead-letter queue.
func queued(t *testing.T, scene func(w *functest.World)) {
	functest.Play(t, map[string]string{"APPLY_QUEUE_URL": "http://aws.test/" + functest.Account + "/work"}, func(w *functest.World) {
		w.DeadLetterQueue()
		scene(w)
	})
}

func TestAnErrorThatResolvesItselfInTimeLosesNoUpload(t *testing.T) {
	for name, c := range refusals() {
		t.Run(name, func(t *testing.T) {
			queued(t, func(w *functest.World) {
				version := w.Upload(functest.Policy("new"))
				over := time.Now().Add(10 * time.Minute)
				w.Intercept = c.until(func() bool { return time.Now().After(over) })
				w.Cloud.SQS.Send("work", string(functest.Uploaded(functest.ObjectName, version)))
				w.Drain("work")
				if got, want := functest.SayAll(w.Events()), "Failed "+string(c.want)+", Applied"; got != want || w.InForce(functest.KeyID) != "new" {
					t.Fatalf("%s, with %s in force; want %s", got, w.InForce(functest.KeyID), want)
				}
				if first := w.Events()[0].Detail; !first.Data.Error.Retryable || first.Metadata.Attempt != 1 {
					t.Errorf("told first: %+v", first)
				}
			})
		})
	}
}

func TestAnErrorThatDoesNotResolveItselfIsFinalAfterAQuarterOfAnHour(t *testing.T) {
	for name, c := range refusals() {
		t.Run(name, func(t *testing.T) {
			queued(t, func(w *functest.World) {
				version := w.Upload(functest.Policy("new"))
				start := time.Now()
				w.Intercept = c.until(never)
				w.Cloud.SQS.Send("work", string(functest.Uploaded(functest.ObjectName, version)))
				w.Drain("work")
				events := w.Events()
				if got, want := functest.SayAll(events), "Failed "+string(c.want)+", Failed "+string(c.want); got != want {
					t.Fatalf("%s; want %s", got, want)
				}
				first, last := events[0].Detail, events[1].Detail
				if !first.Data.Error.Retryable || last.Data.Error.Retryable {
					t.Errorf("retryable: %v, then %v", first.Data.Error, last.Data.Error)
				}
				if first.Metadata.IdempotencyKey == last.Metadata.IdempotencyKey {
					t.Error("both have one idempotency key: whoever keeps to it never learns that it is final")
				}
				if took := last.Metadata.Time.Sub(start); took < converge.ResolvesWithin || took > converge.ResolvesWithin+6*time.Minute {
					t.Errorf("final after %s", took)
				}
				if dead := w.Cloud.SQS.Depth("dead"); dead != 0 {
					t.Errorf("%d dead letters, though it was answered", dead)
				}
			})
		})
	}
}

func TestALaterAttemptTellsAnotherErrorOnce(t *testing.T) {
	queued(t, func(w *functest.World) {
		version := w.Upload(functest.Policy("new"))
		start := time.Now()
		missing := refusals()["the key is not there"].until(func() bool { return time.Since(start) > 4*time.Minute })
		denied := refusals()["the put is denied"].until(func() bool { return time.Since(start) > 10*time.Minute })
		w.Intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			return missing(action, func() (*http.Response, error) { return denied(action, send) })
		}
		w.Cloud.SQS.Send("work", string(functest.Uploaded(functest.ObjectName, version)))
		w.Drain("work")
		if got := functest.SayAll(w.Events()); got != "Failed NOT_FOUND, Failed ACCESS_DENIED, Applied" {
			t.Error(got)
		}
	})
}

// An instance that has just started does not know what was reported. It must not
// tell the same again, and nobody waits for it in vain.
func TestAnInstanceThatKnowsNothingWaitsForWhatIsFinal(t *testing.T) {
	queued(t, func(w *functest.World) {
		version := w.Upload(functest.Policy("new"))
		w.Intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			if action == "PutEvents" {
				defer w.Start(map[string]string{"APPLY_QUEUE_URL": "http://aws.test/" + functest.Account + "/work"})
			}
			if action == "PutKeyPolicy" {
				return functest.AnswerError(http.StatusBadRequest, "AccessDeniedException", "no")
			}
			return send()
		}
		w.Cloud.SQS.Send("work", string(functest.Uploaded(functest.ObjectName, version)))
		w.Drain("work")
		if got := functest.SayAll(w.Events()); got != "Failed ACCESS_DENIED, Failed ACCESS_DENIED" {
			t.Error(got)
		}
	})
}

// Within one run, what is denied is not asked for again; a principal and a key
// get their short time.
func TestWithinOneRunWhatIsDeniedIsNotAskedForAgain(t *testing.T) {
	for name, c := range refusals() {
		functest.Play(t, nil, func(w *functest.World) {
			w.Upload(functest.Policy("new"))
			var calls atomic.Int32
			refuse := c.until(never)
			w.Intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
				if action == c.action {
					calls.Add(1)
				}
				return refuse(action, send)
			}
			if _, err := w.Invoke(functest.Uploaded(functest.ObjectName, "")); err == nil {
				t.Errorf("%s: acknowledged", name)
			}
			if c.asks != (calls.Load() > 1) {
				t.Errorf("%s: %d calls", name, calls.Load())
			}
		})
	}
}

// A direct call knows since when an event is on its way only from the event.
func TestADirectCallIsTriedAgainOnlyWhileItsEventIsYoung(t *testing.T) {
	s3Record := func(at string) []byte {
		return functest.JSON(functest.M{"Records": []functest.M{{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "eventTime": at,
			"s3": functest.M{"bucket": functest.M{"name": functest.Bucket}, "object": functest.M{"key": functest.ObjectName}}}}})
	}
	ago := func(d time.Duration) string { return time.Now().Add(-d).UTC().Format(time.RFC3339) }
	for name, c := range map[string]struct {
		payload func() []byte
		again   bool
	}{
		"EventBridge, of now":                     {func() []byte { return functest.Uploaded(functest.ObjectName, "") }, true},
		"EventBridge, of an hour ago":             {func() []byte { return functest.Old(functest.Uploaded(functest.ObjectName, "")) }, false},
		"S3, of fourteen minutes ago":             {func() []byte { return s3Record(ago(14 * time.Minute)) }, true},
		"S3, of sixteen minutes ago":              {func() []byte { return s3Record(ago(16 * time.Minute)) }, false},
		"S3, without a time":                      {func() []byte { return functest.Notified(functest.ObjectName) }, false},
		"the detail of a request, without a time": {func() []byte { return functest.JSON(functest.M{"object": functest.ObjectName}) }, false},
		"a message of the queue without its time": {func() []byte { return functest.Batch(functest.Uploaded(functest.ObjectName, "")) }, false},
	} {
		functest.Play(t, nil, func(w *functest.World) {
			w.Upload(functest.Policy("new"))
			w.Intercept = functest.First(functest.Always, "PutKeyPolicy", functest.Fails(400, "AccessDeniedException", "no"))
			_, err := w.Invoke(c.payload())
			events := w.Events()
			if functest.SayAll(events) != "Failed ACCESS_DENIED" || (err != nil) != c.again || events[0].Detail.Data.Error.Retryable != c.again {
				t.Errorf("%s: %s, %v; want it again: %v", name, functest.SayAll(events), err, c.again)
			}
		})
	}
}

// A group is as young as its youngest trigger, and tells at that one's first
// attempt.
func TestAYoungUploadIsNotFinalBecauseOfAnOldOneForTheSameObject(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		version := w.Upload(functest.Policy("new"))
		w.Intercept = functest.First(functest.Always, "PutKeyPolicy", functest.Fails(400, "AccessDeniedException", "no"))
		old := fakeaws.Message{ID: "old", Body: string(functest.Uploaded(functest.ObjectName, version)), ReceiveCount: 8, FirstReceived: time.Now().Add(-time.Hour)}
		young := fakeaws.Message{ID: "young", Body: old.Body, ReceiveCount: 1, FirstReceived: time.Now()}
		out, err := w.Invoke(functest.BatchOf([]fakeaws.Message{old, young}))
		if err != nil || !strings.Contains(string(out), `"old"`) || !strings.Contains(string(out), `"young"`) {
			t.Errorf("%s, %v", out, err)
		}
		events := w.Events()
		if functest.SayAll(events) != "Failed ACCESS_DENIED" || !events[0].Detail.Data.Error.Retryable || events[0].Detail.Metadata.Attempt != 1 {
			t.Errorf("%+v", events)
		}
	})
}

func TestTheLastReceiveTellsWhereTheMessageEnds(t *testing.T) {
	queued(t, func(w *functest.World) {
		version := w.Upload(functest.Policy("new"))
		w.Intercept = functest.First(functest.Always, "PutKeyPolicy", functest.Fails(400, "ThrottlingException", "Rate exceeded"))
		w.Cloud.SQS.Send("work", string(functest.Uploaded(functest.ObjectName, version)))
		w.Drain("work")
		for i, e := range w.Events() {
			failure, last := e.Detail.Data.Error, i == queue.MaxReceives-1
			if functest.Say(e) != "Failed THROTTLED" || failure.Retryable == last || strings.Contains(failure.Message, "dead-letter queue") != last {
				t.Errorf("attempt %d: %+v", e.Detail.Metadata.Attempt, failure)
			}
		}
		if n, dead := len(w.Events()), w.Cloud.SQS.Depth("dead"); n != queue.MaxReceives || dead != 1 {
			t.Errorf("%d events, %d dead letters", n, dead)
		}
	})
}

// Fifteen minutes, 30 s for each receive, and ten receives belong together: an
// error that resolves itself must become final before the message becomes a dead
// letter, with one receive to spare.
func TestTheQueueHandsOutAMessageForLongerThanErrorsMayTakeToResolve(t *testing.T) {
	stack := functest.Deployment(t)
	function := stack.Functions[0]
	source, ok := stack.QueueByARN(function.Sources[0].QueueARN)
	if !ok || source.MaxReceiveCount != queue.MaxReceives {
		t.Errorf("the template allows %d receives; the code counts on %d", source.MaxReceiveCount, queue.MaxReceives)
	}
	var comes time.Duration // the last receive but one, after the first
	for receive := 1; receive < queue.MaxReceives-1; receive++ {
		comes += time.Duration(receive) * queue.Backoff
	}
	if comes < converge.ResolvesWithin {
		t.Errorf("the last receive but one comes after %s; errors are tried again for %s", comes, converge.ResolvesWithin)
	}
	if function.Timeout != converge.Timeout {
		t.Errorf("the template gives an invocation %s; the code counts on %s", function.Timeout, converge.Timeout)
	}
}
