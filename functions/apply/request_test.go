package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

func raw(text string) json.RawMessage { return json.RawMessage(text) }

func TestAnInlinePolicyBecomesTheObjectAndIsApplied(t *testing.T) {
	arn := "arn:aws:kms:us-east-1:" + account + ":key/" + keyID
	for name, detail := range map[string]m{
		"an object, by key id":  {"key": keyID, "policy": raw(policy("new"))},
		"a text, by key ARN":    {"key": arn, "policy": policy("new")},
		"a text, by alias":      {"key": "alias/payments", "policy": policy("new")},
		"by the alias's ARN":    {"key": strings.Replace(arn, "key/"+keyID, "alias/payments", 1), "policy": policy("new")},
		"said to be no dry run": {"key": keyID, "policy": policy("new"), "dryRun": false},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(w *world) {
				e := w.single(requested("r1", time.Now(), detail))
				if say(e) != "Applied" || w.inForce(keyID) != "new" || e.Detail.Metadata.CorrelationID != "r1" {
					t.Fatalf("%s, %s in force, for %s", say(e), w.inForce(keyID), e.Detail.Metadata.CorrelationID)
				}
				o, ok := w.cloud.S3.Get(policyBkt, objectName)
				if !ok || o.Metadata["keysmith-request-id"] != "r1" {
					t.Errorf("the object: %v with %v", ok, o.Metadata)
				}
			})
		})
	}
}

func TestADryRunStoresNothingAndPutsNothing(t *testing.T) {
	for name, c := range map[string]struct {
		env     map[string]string
		payload func() []byte
		want    string
	}{
		"of an inline policy": {nil, func() []byte {
			return requested("r1", time.Now(), m{"key": "alias/payments", "policy": policy("new"), "dryRun": true})
		}, "Planned"},
		"of an object":            {nil, func() []byte { return requested("r1", time.Now(), m{"object": objectName, "dryRun": true}) }, "Planned"},
		"of an unacceptable one":  {nil, func() []byte { return requested("r1", time.Now(), m{"key": keyID, "policy": typo, "dryRun": true}) }, "Rejected INVALID_POLICY"},
		"under plans/":            {nil, func() []byte { return uploaded("plans/"+keyID+".json", "") }, "Planned"},
		"in a stack that plans":   {map[string]string{"MODE": "plan"}, func() []byte { return uploaded(objectName, "") }, "Planned"},
		"of a request, planning":  {map[string]string{"MODE": "plan"}, func() []byte { return requested("r1", time.Now(), m{"key": keyID, "policy": policy("new")}) }, "Planned"},
		"of a sweep, planning":    {map[string]string{"MODE": "plan"}, func() []byte { return look(objectName, "sweep") }, "Drift Detected"},
		"of a late put, planning": {map[string]string{"MODE": "plan"}, func() []byte { return look(objectName, "late-put") }, "Planned"},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, c.env, func(w *world) {
				w.upload(policy("stored"))
				w.cloud.S3.Put(policyBkt, "plans/"+keyID+".json", []byte(policy("new")), nil)
				e := w.single(c.payload())
				d := e.Detail.Data
				if say(e) != c.want || w.puts() != 0 || w.inForce(keyID) != "old" || len(w.cloud.S3.Versions(policyBkt, objectName)) != 1 {
					t.Fatalf("%s, %d puts, %d versions; want %s", say(e), w.puts(), len(w.cloud.S3.Versions(policyBkt, objectName)), c.want)
				}
				if c.want == "Planned" && len(d.Changes) == 0 {
					t.Error("the plan does not tell what would change")
				}
				if keys := w.cloud.S3.Keys(policyBkt, "history/"); len(keys) > 0 {
					t.Errorf("a dry run left %v", keys)
				}
			})
		})
	}
}

func TestAnUnacceptableInlinePolicyIsNotStored(t *testing.T) {
	for name, c := range map[string]struct {
		env    map[string]string
		detail any
		want   string
	}{
		"a typo":                      {nil, m{"key": keyID, "policy": typo}, "Rejected INVALID_POLICY"},
		"a lockout":                   {nil, m{"key": keyID, "policy": lockout}, "Rejected LOCKOUT"},
		"an alias that is not there":  {nil, m{"key": "alias/none", "policy": policy("new")}, "Failed NOT_FOUND"},
		"a key that is not there":     {nil, m{"key": "00000000-0000-0000-0000-000000000000", "policy": policy("new")}, "Failed NOT_FOUND"},
		"a key of another Region":     {nil, m{"key": "arn:aws:kms:eu-west-1:" + account + ":key/" + keyID, "policy": policy("new")}, "Rejected BAD_OBJECT_KEY"},
		"a key of another account":    {nil, m{"key": "arn:aws:kms:us-east-1:999999999999:key/" + keyID, "policy": policy("new")}, "Rejected BAD_OBJECT_KEY"},
		"no key at all":               {nil, m{"key": "payments", "policy": policy("new")}, "Rejected BAD_OBJECT_KEY"},
		"an object of another prefix": {nil, m{"object": "other/x.json"}, "Rejected BAD_OBJECT_KEY"},
		"a misspelt dry run":          {nil, m{"key": keyID, "policy": policy("new"), "dryrun": true}, "Rejected INVALID_POLICY"},
		"nothing":                     {nil, m{}, "Rejected INVALID_POLICY"},
		"where requests bring none":   {map[string]string{"INLINE_REQUESTS": "false"}, m{"key": keyID, "policy": policy("new")}, "Rejected GUARDRAIL"},
		"a protected key":             {map[string]string{"PROTECTED_KEYS": keyID}, m{"key": "alias/payments", "policy": policy("new")}, "Rejected PROTECTED_KEY"},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, c.env, func(w *world) {
				e := w.single(requested("r1", time.Now(), c.detail))
				if say(e) != c.want || w.puts() != 0 || len(w.cloud.S3.Versions(policyBkt, objectName)) != 0 {
					t.Errorf("%s, %d puts, %v; want %s", say(e), w.puts(), w.cloud.S3.Versions(policyBkt, objectName), c.want)
				}
			})
		})
	}
}

// Row 44, for requests.
func TestALateOrReplayedRequestOverwritesNothing(t *testing.T) {
	play(t, nil, func(w *world) {
		r1 := requested("r1", time.Now(), m{"key": keyID, "policy": policy("r1")})
		time.Sleep(time.Minute)
		w.upload(policy("upload"))
		time.Sleep(time.Minute)

		late := w.single(r1)
		if say(late) != "Applied" || w.inForce(keyID) != "upload" || !hasRule(late, "request-superseded") {
			t.Errorf("late: %s, %s in force, %+v", say(late), w.inForce(keyID), late.Detail.Data.Findings)
		}
		r2 := requested("r2", time.Now(), m{"key": keyID, "policy": policy("r2")})
		if e := w.single(r2); say(e) != "Applied" || w.inForce(keyID) != "r2" {
			t.Errorf("in time: %s, %s in force", say(e), w.inForce(keyID))
		}
		time.Sleep(time.Minute)
		w.upload(policy("newest"))
		if e := w.single(r2); say(e) != "Applied" || w.inForce(keyID) != "newest" {
			t.Errorf("replayed: %s, %s in force", say(e), w.inForce(keyID))
		}
		w.cloud.S3.Delete(policyBkt, objectName)
		if events := w.outcomes(r2); len(events) != 0 || w.inForce(keyID) != "newest" {
			t.Errorf("replayed after the object was deleted: %s, %s in force", sayAll(events), w.inForce(keyID))
		}
	})
}

func TestTwoRequestsEndInTheirOwnOrderHoweverTheyArrive(t *testing.T) {
	for _, gap := range []time.Duration{0, 3 * time.Second} {
		play(t, nil, func(w *world) {
			r1 := requested("r1", time.Now(), m{"key": keyID, "policy": policy("r1")})
			r2 := requested("r2", time.Now().Add(gap), m{"key": keyID, "policy": policy("r2")})
			for _, order := range [][][]byte{{r1, r2, r1}, {r2, r1, r2, r1}} {
				for _, r := range order {
					time.Sleep(10 * time.Second)
					w.single(r)
				}
				if w.inForce(keyID) != "r2" {
					t.Errorf("%s apart: %s in force; want r2", gap, w.inForce(keyID))
				}
			}
		})
	}
}

func TestAnUploadWhileARequestIsStoredIsNotOverwritten(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("first"))
		time.Sleep(time.Minute)
		request := requested("r1", time.Now(), m{"key": keyID, "policy": policy("r1")})
		time.Sleep(10 * time.Second)
		w.intercept = first(1, http.MethodPut, func(send func() (*http.Response, error)) (*http.Response, error) {
			w.upload(policy("second"))
			return send()
		})
		if e := w.single(request); say(e) != "Applied" || w.inForce(keyID) != "second" {
			t.Errorf("%s, %s in force", say(e), w.inForce(keyID))
		}
	})
}

func TestARequestOfTheVerySecondOfAnUploadIsStoredOnceAndNeverReplayed(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("first"))
		request := requested("r1", time.Now(), m{"key": keyID, "policy": policy("r1")})
		if e := w.single(request); say(e) != "Applied" || w.inForce(keyID) != "r1" {
			t.Errorf("%s, %s in force", say(e), w.inForce(keyID))
		}
	})
	play(t, map[string]string{"VERIFY_INTERVAL": "1ms"}, func(w *world) {
		request := requested("r1", time.Now(), m{"key": keyID, "policy": policy("r1")})
		w.single(request)
		w.upload(policy("upload")) // newer, but the clocks of S3 and EventBridge show whole seconds
		if e := w.single(request); say(e) != "Applied" || w.inForce(keyID) != "upload" || !hasRule(e, "request-superseded") {
			t.Errorf("replayed: %s, %s in force", say(e), w.inForce(keyID))
		}
	})
}
