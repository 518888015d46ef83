package main

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// sender is what stands between the SDK and the cloud.
type sender = func(action string, send func() (*http.Response, error)) (*http.Response, error)

// first lets f stand in for the first n calls of an action.
func first(n int, action string, f func(send func() (*http.Response, error)) (*http.Response, error)) sender {
	return func(got string, send func() (*http.Response, error)) (*http.Response, error) {
		if got != action || n == 0 {
			return send()
		}
		n--
		return f(send)
	}
}

func fails(status int, code, message string) func(func() (*http.Response, error)) (*http.Response, error) {
	return func(func() (*http.Response, error)) (*http.Response, error) {
		return answerError(status, code, message)
	}
}

const always = -1

func TestTroubleWithThePut(t *testing.T) {
	const malformed = "MalformedPolicyDocumentException"
	applied := func(send func() (*http.Response, error)) (*http.Response, error) {
		_, _ = send()
		return answerError(http.StatusInternalServerError, "KMSInternalException", "")
	}
	dropped := func(send func() (*http.Response, error)) (*http.Response, error) {
		_, _ = send()
		return nil, errDropped
	}
	for name, c := range map[string]struct {
		trouble sender
		want    string
		puts    int  // that KMS applied
		again   bool // handed back
		looks   int  // queued for later
	}{
		"row 8: a 500 that was applied":                  {first(1, "PutKeyPolicy", applied), "Applied", 1, false, 1},
		"row 9: a 500 that was not applied":              {first(1, "PutKeyPolicy", fails(500, "KMSInternalException", "")), "Applied", 1, false, 1},
		"row 9: a 500 without end":                       {first(always, "PutKeyPolicy", fails(500, "KMSInternalException", "")), "Failed UNVERIFIED", 0, true, 1},
		"a time-out that was applied":                    {first(1, "PutKeyPolicy", fails(503, "DependencyTimeoutException", "")), "Applied", 1, false, 1},
		"row 10: a connection dropped after it":          {first(1, "PutKeyPolicy", dropped), "Applied", 1, false, 1},
		"a success that is not true":                     {first(1, "PutKeyPolicy", fails(200, "", "")), "Failed UNVERIFIED", 0, true, 0},
		"row 16: throttling that passes":                 {first(3, "PutKeyPolicy", fails(400, "ThrottlingException", "Rate exceeded")), "Applied", 1, false, 0},
		"row 16: throttling without end":                 {first(always, "PutKeyPolicy", fails(400, "ThrottlingException", "Rate exceeded")), "Failed THROTTLED", 0, true, 0},
		"row 18: a principal that is not visible yet":    {first(4, "PutKeyPolicy", fails(400, malformed, "Policy contains a statement with one or more invalid principals.")), "Applied", 1, false, 0},
		"row 19: a principal that never becomes visible": {first(always, "PutKeyPolicy", fails(400, malformed, "Policy contains a statement with one or more invalid principals.")), "Failed PRINCIPAL_NOT_FOUND", 0, false, 0},
		"row 20: a lockout that KMS sees":                {first(always, "PutKeyPolicy", fails(400, malformed, "The new key policy will not allow you to update the key policy in the future.")), "Failed LOCKOUT", 0, false, 0},
		"a document that KMS refuses":                    {first(always, "PutKeyPolicy", fails(400, malformed, "")), "Failed INVALID_POLICY", 0, false, 0},
		"a service principal of another Region":          {first(always, "PutKeyPolicy", fails(400, malformed, "Policy contains a statement with one or more invalid service principals.")), "Failed INVALID_POLICY", 0, false, 0},
		"no permission":                                  {first(always, "PutKeyPolicy", fails(400, "AccessDeniedException", "no")), "Failed ACCESS_DENIED", 0, false, 0},
		"an unsupported key":                             {first(always, "PutKeyPolicy", fails(400, "UnsupportedOperationException", "no")), "Failed INTERNAL", 0, false, 0},
		"row 48: expired credentials":                    {first(always, "PutKeyPolicy", fails(400, "ExpiredTokenException", "")), "", 0, true, 0},
		"no right to read before it":                     {first(always, "GetKeyPolicy", fails(400, "AccessDeniedException", "no")), "Failed UNVERIFIED", 0, false, 0},
		"throttled reads before it":                      {first(4, "GetKeyPolicy", fails(400, "ThrottlingException", "")), "Applied", 1, false, 0},
		"no right to describe the key":                   {first(always, "DescribeKey", fails(400, "AccessDeniedException", "no")), "Applied", 1, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(w *world) {
				w.upload(policy("new"))
				w.intercept = c.trouble
				_, err := w.invoke(uploaded(objectName, ""))
				if got := sayAll(w.events()); got != c.want || w.puts() != c.puts || (err != nil) != c.again {
					t.Errorf("%q, %d puts, handed back: %v; want %q, %d puts, handed back %v", got, w.puts(), err, c.want, c.puts, c.again)
				}
				if n := w.cloud.SQS.Depth("apply"); n != c.looks {
					t.Errorf("%d looks are queued for later; want %d", n, c.looks)
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
	play(t, map[string]string{"VERIFY_TIMEOUT": "115s", "VERIFY_READS": "100"}, func(w *world) {
		w.upload(policy("new"))
		_, err := w.invoke(uploaded(objectName, ""))
		if err != nil || w.puts() != 1 {
			t.Fatalf("%v, %d puts", err, w.puts())
		}
		w.intercept = first(1, http.MethodGet, func(send func() (*http.Response, error)) (*http.Response, error) {
			time.Sleep(4 * time.Second)
			return send()
		})
		time.Sleep(time.Hour)
		slow := first(always, "DescribeKey", fails(400, "ThrottlingException", ""))
		w.intercept = slow
		_, err = w.invoke(uploaded(objectName, ""))
		if err == nil || w.puts() != 1 {
			t.Errorf("handed back: %v, %d puts; want no new put", err, w.puts())
		}
	})
}

// Row 42.
func TestTheEventIsPartOfTheTransaction(t *testing.T) {
	lost := func(func() (*http.Response, error)) (*http.Response, error) {
		return jsonAnswer(`{"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "sorry"}]}`)
	}
	play(t, nil, func(w *world) {
		w.upload(policy("new"))
		w.intercept = first(2, "PutEvents", lost)
		if e := w.single(uploaded(objectName, "")); say(e) != "Applied" {
			t.Errorf("%s", say(e))
		}
		w.intercept = first(always, "PutEvents", lost)
		if _, err := w.invoke(uploaded(objectName, "")); err == nil {
			t.Error("acknowledged, though no bus ever took the event")
		}
		w.intercept = nil
		if e := w.single(uploaded(objectName, "")); say(e) != "Applied" {
			t.Errorf("%s after redelivery", say(e))
		}
	})
}

func TestLooksCompareFirst(t *testing.T) {
	for name, c := range map[string]struct {
		inForce, reason, want string
		puts                  int
	}{
		"a sweep passes over what equals":     {"new", "sweep", "", 0},
		"row 45: a sweep reports drift":       {"old", "sweep", "Drift Detected", 0},
		"a late look passes over what equals": {"new", "late-put", "", 0},
		"a late look repairs":                 {"old", "late-put", "Applied", 1},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(w *world) {
				w.upload(policy("new"))
				w.cloud.KMS.SetPolicy(keyID, policy(c.inForce))
				events := w.outcomes(look(objectName, c.reason))
				if sayAll(events) != c.want || w.puts() != c.puts {
					t.Errorf("%q, %d puts; want %q", sayAll(events), w.puts(), c.want)
				}
			})
		})
	}
}

// Row 47.
func TestAPanicCostsOnlyItsOwnRecord(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("new"))
		w.client.Timeout = 0 // its goroutine would outlive the panic
		w.intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			if action == "PutKeyPolicy" {
				panic(policy("secret"))
			}
			return send()
		}
		w.cloud.S3.Put(policyBkt, "policies/"+otherID+".json", []byte(typo), nil)
		failures := w.batch(uploaded(objectName, ""), uploaded("policies/"+otherID+".json", ""))
		if failures != "m0" || sayAll(w.events()) != "Rejected INVALID_POLICY" {
			t.Errorf("failed: %q, events: %s", failures, sayAll(w.events()))
		}
		if strings.Contains(w.log.String(), "secret") {
			t.Error("the log tells what the panic held")
		}
	})
}
