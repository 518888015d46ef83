package converge_test

import (
	"github.com/keysmith/keysmith/shared/functest"

	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestTroubleWithThePut(t *testing.T) {
	const malformed = "MalformedPolicyDocumentException"
	applied := func(send func() (*http.Response, error)) (*http.Response, error) {
		_, _ = send()
		return functest.AnswerError(http.StatusInternalServerError, "KMSInternalException", "")
	}
	dropped := func(send func() (*http.Response, error)) (*http.Response, error) {
		_, _ = send()
		return nil, functest.ErrDropped
	}
	for name, c := range map[string]struct {
		trouble    functest.Sender
		want       string
		puts       int  // that KMS applied
		again      bool // returned
		reconciles int  // queued for later
	}{
		"row 8: a 500 that was applied":                  {functest.First(1, "PutKeyPolicy", applied), "Applied", 2, false, 1},
		"row 9: a 500 that was not applied":              {functest.First(1, "PutKeyPolicy", functest.Fails(500, "KMSInternalException", "")), "Applied", 1, false, 1},
		"row 9: a 500 without end":                       {functest.First(functest.Always, "PutKeyPolicy", functest.Fails(500, "KMSInternalException", "")), "Failed UNVERIFIED", 0, true, 1},
		"a time-out that was applied":                    {functest.First(1, "PutKeyPolicy", functest.Fails(503, "DependencyTimeoutException", "")), "Applied", 1, false, 1},
		"row 10: a connection dropped after it":          {functest.First(1, "PutKeyPolicy", dropped), "Applied", 2, false, 1},
		"a success that is not true":                     {functest.First(1, "PutKeyPolicy", functest.Fails(200, "", "")), "Failed UNVERIFIED", 0, true, 0},
		"row 16: throttling that passes":                 {functest.First(3, "PutKeyPolicy", functest.Fails(400, "ThrottlingException", "Rate exceeded")), "Applied", 1, false, 0},
		"row 16: throttling without end":                 {functest.First(functest.Always, "PutKeyPolicy", functest.Fails(400, "ThrottlingException", "Rate exceeded")), "Failed THROTTLED", 0, true, 0},
		"row 18: a principal that is not visible yet":    {functest.First(4, "PutKeyPolicy", functest.Fails(400, malformed, "Policy contains a statement with one or more invalid principals.")), "Applied", 1, false, 0},
		"row 19: a principal that never becomes visible": {functest.First(functest.Always, "PutKeyPolicy", functest.Fails(400, malformed, "Policy contains a statement with one or more invalid principals.")), "Failed PRINCIPAL_NOT_FOUND", 0, true, 0},
		"row 20: a lockout that KMS sees":                {functest.First(functest.Always, "PutKeyPolicy", functest.Fails(400, malformed, "The new key policy will not allow you to update the key policy in the future.")), "Failed LOCKOUT", 0, false, 0},
		"a document that KMS refuses":                    {functest.First(functest.Always, "PutKeyPolicy", functest.Fails(400, malformed, "")), "Failed INVALID_POLICY", 0, false, 0},
		"a service principal of another Region":          {functest.First(functest.Always, "PutKeyPolicy", functest.Fails(400, malformed, "Policy contains a statement with one or more invalid service principals.")), "Failed INVALID_POLICY", 0, false, 0},
		"no permission":                                  {functest.First(functest.Always, "PutKeyPolicy", functest.Fails(400, "AccessDeniedException", "no")), "Failed ACCESS_DENIED", 0, true, 0},
		"an unsupported key":                             {functest.First(functest.Always, "PutKeyPolicy", functest.Fails(400, "UnsupportedOperationException", "no")), "Failed INTERNAL", 0, false, 0},
		"row 48: expired credentials":                    {functest.First(functest.Always, "PutKeyPolicy", functest.Fails(400, "ExpiredTokenException", "")), "", 0, true, 0},
		"no right to read before it":                     {functest.First(functest.Always, "GetKeyPolicy", functest.Fails(400, "AccessDeniedException", "no")), "Failed UNVERIFIED", 0, true, 0},
		"throttled reads before it":                      {functest.First(4, "GetKeyPolicy", functest.Fails(400, "ThrottlingException", "")), "Applied", 1, false, 0},
		"no right to describe the key":                   {functest.First(functest.Always, "DescribeKey", functest.Fails(400, "AccessDeniedException", "no")), "Applied", 1, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, nil, func(w *functest.World) {
				w.Upload(functest.Policy("new"))
				w.Intercept = c.trouble
				_, err := w.Invoke(functest.Uploaded(functest.ObjectName, ""))
				if got := functest.SayAll(w.Events()); got != c.want || w.Puts() != c.puts || (err != nil) != c.again {
					t.Errorf("%q, %d puts, returned: %v; want %q, %d puts, returned %v", got, w.Puts(), err, c.want, c.puts, c.again)
				}
				if n := w.Cloud.SQS.Depth("apply"); n != c.reconciles {
					t.Errorf("%d reconciles are queued for later; want %d", n, c.reconciles)
				}
				if err != nil && !strings.Contains(err.Error(), strings.TrimPrefix(c.want, "Failed ")) {
					t.Errorf("the error %q does not hold the outcome", err)
				}
			})
		})
	}
}

// Row 46.
func TestNothingIsPutWhenTimeIsShort(t *testing.T) {
	functest.Play(t, map[string]string{"VERIFY_TIMEOUT": "115s", "VERIFY_READS": "100"}, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		_, err := w.Invoke(functest.Uploaded(functest.ObjectName, ""))
		if err != nil || w.Puts() != 1 {
			t.Fatalf("%v, %d puts", err, w.Puts())
		}
		w.Intercept = functest.First(1, http.MethodGet, func(send func() (*http.Response, error)) (*http.Response, error) {
			time.Sleep(4 * time.Second)
			return send()
		})
		time.Sleep(time.Hour)
		slow := functest.First(functest.Always, "DescribeKey", functest.Fails(400, "ThrottlingException", ""))
		w.Intercept = slow
		_, err = w.Invoke(functest.Uploaded(functest.ObjectName, ""))
		if err == nil || w.Puts() != 1 {
			t.Errorf("returned: %v, %d puts; want no new put", err, w.Puts())
		}
	})
}

// Row 42.
func TestTheEventIsPartOfTheTransaction(t *testing.T) {
	lost := func(func() (*http.Response, error)) (*http.Response, error) {
		return functest.JSONAnswer(`{"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "sorry"}]}`)
	}
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		w.Intercept = functest.First(2, "PutEvents", lost)
		if e := w.Single(functest.Uploaded(functest.ObjectName, "")); functest.Say(e) != "Applied" {
			t.Errorf("%s", functest.Say(e))
		}
		w.Intercept = functest.First(functest.Always, "PutEvents", lost)
		if _, err := w.Invoke(functest.Uploaded(functest.ObjectName, "")); err == nil {
			t.Error("acknowledged, though no bus ever took the event")
		}
		w.Intercept = nil
		if e := w.Single(functest.Uploaded(functest.ObjectName, "")); functest.Say(e) != "Applied" {
			t.Errorf("%s after redelivery", functest.Say(e))
		}
	})
}

func TestReconcilesCompareFirst(t *testing.T) {
	for name, c := range map[string]struct {
		inForce, reason, want string
		puts                  int
	}{
		"a sweep passes over what equals":          {"new", "sweep", "", 0},
		"row 45: a sweep reports drift":            {"old", "sweep", "Drift Detected", 0},
		"a late reconcile passes over what equals": {"new", "late-put", "", 0},
		"a late reconcile repairs":                 {"old", "late-put", "Applied", 1},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, nil, func(w *functest.World) {
				w.Applied(w.Upload(functest.Policy("new")), functest.Policy("new"))
				w.Cloud.KMS.SetPolicy(functest.KeyID, functest.Policy(c.inForce))
				events := w.Outcomes(functest.Reconcile(functest.ObjectName, c.reason))
				if functest.SayAll(events) != c.want || w.Puts() != c.puts {
					t.Errorf("%q, %d puts; want %q", functest.SayAll(events), w.Puts(), c.want)
				}
			})
		})
	}
}

// Row 47. Some calls are made ahead, in a goroutine of their own.
func TestAPanicCostsOnlyItsOwnRecord(t *testing.T) {
	for _, action := range []string{http.MethodGet, http.MethodHead, http.MethodPut, "DescribeKey", "GetKeyPolicy", "PutKeyPolicy", "PutEvents"} {
		t.Run(action, func(t *testing.T) {
			functest.Play(t, nil, func(w *functest.World) {
				w.Upload(functest.Policy("new"))
				w.Cloud.S3.Put(functest.Bucket, "policies/"+functest.OtherID+".json", []byte(functest.Policy("new")), nil)
				w.Client.Timeout = 0 // its goroutine would outlive the panic
				w.Intercept = once(action, func() { panic(functest.Policy("secret")) })
				failures := w.Batch(functest.Uploaded(functest.ObjectName, ""), functest.Uploaded("policies/"+functest.OtherID+".json", ""))
				if len(failures) != len("m0") || functest.SayAll(w.Events()) != "Applied" {
					t.Errorf("failed: %q, events: %s", failures, functest.SayAll(w.Events()))
				}
				if strings.Contains(w.Logs.String(), "secret") {
					t.Error("the log tells what the panic held")
				}
				if !strings.Contains(w.Logs.String(), "trouble_test.go") {
					t.Error("the log does not tell where the panic was")
				}
			})
		})
	}
}

// once does something at the first call of an action, of whatever goroutine.
func once(action string, do func()) functest.Sender {
	var first sync.Once
	return func(got string, send func() (*http.Response, error)) (*http.Response, error) {
		if got == action {
			first.Do(do)
		}
		return send()
	}
}

// An answer of KMS without what it is about says nothing of the key.
func TestASuccessOfKMSWithoutItsContentIsAskedForAgain(t *testing.T) {
	empty := functest.Fails(200, "", "")
	for name, c := range map[string]struct {
		trouble functest.Sender
		want    string
	}{
		"a key without metadata":         {functest.First(3, "DescribeKey", empty), "Applied"},
		"a key that never has metadata":  {functest.First(functest.Always, "DescribeKey", empty), "Failed INTERNAL"},
		"no policy in force":             {functest.First(3, "GetKeyPolicy", empty), "Applied"},
		"never a policy in force":        {functest.First(functest.Always, "GetKeyPolicy", empty), "Failed INTERNAL"},
		"no policy in force any more":    {functest.AfterPut("GetKeyPolicy", empty), "Failed UNVERIFIED"},
		"an answer that nobody can read": {functest.First(functest.Always, "DescribeKey", functest.Fails(404, "", "")), "Failed INTERNAL"},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, nil, func(w *functest.World) {
				w.Upload(functest.Policy("new"))
				w.Intercept = c.trouble
				back := w.Batch(functest.Uploaded(functest.ObjectName, ""))
				if got := functest.SayAll(w.Events()); got != c.want || (back != "") != (c.want != "Applied") {
					t.Errorf("%s, handed back: %q; want %s", got, back, c.want)
				}
				if w.Cloud.S3.Keys(functest.Bucket, "history/") != nil && c.want == "Failed INTERNAL" {
					t.Error("an answer without a policy was kept in the history")
				}
			})
		})
	}
}

// What KMS has not begun, only the end of the time ends.
func TestThrottledOrOutOfReachKMSIsNotGivenUpBeforeTheTimeIsOver(t *testing.T) {
	unreachable := func(func() (*http.Response, error)) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Err: functest.ErrDropped}
	}
	for name, trouble := range map[string]func(func() (*http.Response, error)) (*http.Response, error){
		"THROTTLED": functest.Fails(400, "ThrottlingException", "Rate exceeded"), "INTERNAL": unreachable,
	} {
		for _, action := range []string{"DescribeKey", "GetKeyPolicy", "PutKeyPolicy"} {
			t.Run(name+" "+action, func(t *testing.T) {
				functest.Play(t, nil, func(w *functest.World) {
					w.Upload(functest.Policy("new"))
					w.Intercept = functest.First(functest.Always, action, trouble)
					start := time.Now()
					_, err := w.Invoke(functest.Uploaded(functest.ObjectName, ""))
					if took := time.Since(start); err == nil || took < 95*time.Second {
						t.Errorf("given up after %s of 110 s: %s, %v", took, functest.SayAll(w.Events()), err)
					}
					if got := functest.SayAll(w.Events()); got != "Failed "+name && got != "" {
						t.Error(got)
					}
				})
			})
		}
	}
}
