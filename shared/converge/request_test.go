package converge_test

import (
	"github.com/keysmith/keysmith/shared/functest"

	"net/http"
	"strings"
	"testing"
	"time"
)

func TestAnInlinePolicyBecomesTheObjectAndIsApplied(t *testing.T) {
	arn := "arn:aws:kms:us-east-1:" + functest.Account + ":key/" + functest.KeyID
	for name, detail := range map[string]functest.M{
		"an object, by key id":  {"key": functest.KeyID, "policy": functest.Raw(functest.Policy("new"))},
		"a text, by key ARN":    {"key": arn, "policy": functest.Policy("new")},
		"a text, by alias":      {"key": "alias/payments", "policy": functest.Policy("new")},
		"by the alias's ARN":    {"key": strings.Replace(arn, "key/"+functest.KeyID, "alias/payments", 1), "policy": functest.Policy("new")},
		"said to be no dry run": {"key": functest.KeyID, "policy": functest.Policy("new"), "dryRun": false},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, nil, func(w *functest.World) {
				e := w.Single(functest.Requested("r1", time.Now(), detail))
				if functest.Say(e) != "Applied" || w.InForce(functest.KeyID) != "new" || e.Detail.Metadata.CorrelationID != "r1" {
					t.Fatalf("%s, %s in force, for %s", functest.Say(e), w.InForce(functest.KeyID), e.Detail.Metadata.CorrelationID)
				}
				o, ok := w.Cloud.S3.Get(functest.Bucket, functest.ObjectName)
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
			return functest.Requested("r1", time.Now(), functest.M{"key": "alias/payments", "policy": functest.Policy("new"), "dryRun": true})
		}, "Planned"},
		"of an object": {nil, func() []byte {
			return functest.Requested("r1", time.Now(), functest.M{"object": functest.ObjectName, "dryRun": true})
		}, "Planned"},
		"of an unacceptable one": {nil, func() []byte {
			return functest.Requested("r1", time.Now(), functest.M{"key": functest.KeyID, "policy": functest.Typo, "dryRun": true})
		}, "Rejected INVALID_POLICY"},
		"under plans/":          {nil, func() []byte { return functest.Uploaded("plans/"+functest.KeyID+".json", "") }, "Planned"},
		"in a stack that plans": {map[string]string{"MODE": "plan"}, func() []byte { return functest.Uploaded(functest.ObjectName, "") }, "Planned"},
		"of a request, planning": {map[string]string{"MODE": "plan"}, func() []byte {
			return functest.Requested("r1", time.Now(), functest.M{"key": functest.KeyID, "policy": functest.Policy("new")})
		}, "Planned"},
		"of a sweep, planning":    {map[string]string{"MODE": "plan"}, func() []byte { return functest.Reconcile(functest.ObjectName, "sweep") }, "Planned"},
		"of a late put, planning": {map[string]string{"MODE": "plan"}, func() []byte { return functest.Reconcile(functest.ObjectName, "late-put") }, "Planned"},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, c.env, func(w *functest.World) {
				w.Upload(functest.Policy("stored"))
				w.Cloud.S3.Put(functest.Bucket, "plans/"+functest.KeyID+".json", []byte(functest.Policy("new")), nil)
				e := w.Single(c.payload())
				d := e.Detail.Data
				if functest.Say(e) != c.want || w.Puts() != 0 || w.InForce(functest.KeyID) != "old" || len(w.Cloud.S3.Versions(functest.Bucket, functest.ObjectName)) != 1 {
					t.Fatalf("%s, %d puts, %d versions; want %s", functest.Say(e), w.Puts(), len(w.Cloud.S3.Versions(functest.Bucket, functest.ObjectName)), c.want)
				}
				if c.want == "Planned" && len(d.Changes) == 0 {
					t.Error("the plan does not tell what would change")
				}
				if keys := w.Cloud.S3.Keys(functest.Bucket, "history/"); len(keys) > 0 {
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
		"a typo":                      {nil, functest.M{"key": functest.KeyID, "policy": functest.Typo}, "Rejected INVALID_POLICY"},
		"a lockout":                   {nil, functest.M{"key": functest.KeyID, "policy": functest.Lockout}, "Rejected LOCKOUT"},
		"an alias that is not there":  {nil, functest.M{"key": "alias/none", "policy": functest.Policy("new")}, "Failed NOT_FOUND"},
		"a key that is not there":     {nil, functest.M{"key": "00000000-0000-0000-0000-000000000000", "policy": functest.Policy("new")}, "Failed NOT_FOUND"},
		"a key of another Region":     {nil, functest.M{"key": "arn:aws:kms:eu-west-1:" + functest.Account + ":key/" + functest.KeyID, "policy": functest.Policy("new")}, "Rejected BAD_OBJECT_KEY"},
		"a key of another account":    {nil, functest.M{"key": "arn:aws:kms:us-east-1:999999999999:key/" + functest.KeyID, "policy": functest.Policy("new")}, "Rejected BAD_OBJECT_KEY"},
		"no key at all":               {nil, functest.M{"key": "payments", "policy": functest.Policy("new")}, "Rejected BAD_OBJECT_KEY"},
		"an object of another prefix": {nil, functest.M{"object": "other/x.json"}, "Rejected BAD_OBJECT_KEY"},
		"a misspelt dry run":          {nil, functest.M{"key": functest.KeyID, "policy": functest.Policy("new"), "dryrun": true}, "Rejected INVALID_POLICY"},
		"nothing":                     {nil, functest.M{}, "Rejected INVALID_POLICY"},
		"where requests bring none":   {map[string]string{"INLINE_REQUESTS": "false"}, functest.M{"key": functest.KeyID, "policy": functest.Policy("new")}, "Rejected GUARDRAIL"},
		"a protected key":             {map[string]string{"PROTECTED_KEYS": functest.KeyID}, functest.M{"key": "alias/payments", "policy": functest.Policy("new")}, "Rejected PROTECTED_KEY"},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, c.env, func(w *functest.World) {
				e := w.Single(functest.Old(functest.Requested("r1", time.Now(), c.detail)))
				if functest.Say(e) != c.want || w.Puts() != 0 || len(w.Cloud.S3.Versions(functest.Bucket, functest.ObjectName)) != 0 {
					t.Errorf("%s, %d puts, %v; want %s", functest.Say(e), w.Puts(), w.Cloud.S3.Versions(functest.Bucket, functest.ObjectName), c.want)
				}
			})
		})
	}
}

// Row 44, for requests.
func TestALateOrReplayedRequestOverwritesNothing(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		r1 := functest.Requested("r1", time.Now(), functest.M{"key": functest.KeyID, "policy": functest.Policy("r1")})
		time.Sleep(time.Minute)
		w.Upload(functest.Policy("upload"))
		time.Sleep(time.Minute)

		late := w.Single(r1)
		if functest.Say(late) != "Applied" || w.InForce(functest.KeyID) != "upload" || !hasRule(late, "request-superseded") {
			t.Errorf("late: %s, %s in force, %+v", functest.Say(late), w.InForce(functest.KeyID), late.Detail.Data.Findings)
		}
		r2 := functest.Requested("r2", time.Now(), functest.M{"key": functest.KeyID, "policy": functest.Policy("r2")})
		if e := w.Single(r2); functest.Say(e) != "Applied" || w.InForce(functest.KeyID) != "r2" {
			t.Errorf("in time: %s, %s in force", functest.Say(e), w.InForce(functest.KeyID))
		}
		time.Sleep(time.Minute)
		w.Upload(functest.Policy("newest"))
		if e := w.Single(r2); functest.Say(e) != "Applied" || w.InForce(functest.KeyID) != "newest" {
			t.Errorf("replayed: %s, %s in force", functest.Say(e), w.InForce(functest.KeyID))
		}
		w.Cloud.S3.Delete(functest.Bucket, functest.ObjectName)
		if events := w.Outcomes(r2); len(events) != 0 || w.InForce(functest.KeyID) != "newest" {
			t.Errorf("replayed after the object was deleted: %s, %s in force", functest.SayAll(events), w.InForce(functest.KeyID))
		}
	})
}

func TestTwoRequestsEndInTheirOwnOrderHoweverTheyArrive(t *testing.T) {
	for _, gap := range []time.Duration{0, 3 * time.Second} {
		functest.Play(t, nil, func(w *functest.World) {
			r1 := functest.Requested("r1", time.Now(), functest.M{"key": functest.KeyID, "policy": functest.Policy("r1")})
			r2 := functest.Requested("r2", time.Now().Add(gap), functest.M{"key": functest.KeyID, "policy": functest.Policy("r2")})
			for _, order := range [][][]byte{{r1, r2, r1}, {r2, r1, r2, r1}} {
				for _, r := range order {
					time.Sleep(10 * time.Second)
					w.Single(r)
				}
				if w.InForce(functest.KeyID) != "r2" {
					t.Errorf("%s apart: %s in force; want r2", gap, w.InForce(functest.KeyID))
				}
			}
		})
	}
}

func TestAnUploadWhileARequestIsStoredIsNotOverwritten(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("first"))
		time.Sleep(time.Minute)
		request := functest.Requested("r1", time.Now(), functest.M{"key": functest.KeyID, "policy": functest.Policy("r1")})
		time.Sleep(10 * time.Second)
		w.Intercept = functest.First(1, http.MethodPut, func(send func() (*http.Response, error)) (*http.Response, error) {
			w.Upload(functest.Policy("second"))
			return send()
		})
		if e := w.Single(request); functest.Say(e) != "Applied" || w.InForce(functest.KeyID) != "second" {
			t.Errorf("%s, %s in force", functest.Say(e), w.InForce(functest.KeyID))
		}
	})
}

func TestARequestOfTheVerySecondOfAnUploadIsStoredOnceAndNeverReplayed(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("first"))
		request := functest.Requested("r1", time.Now(), functest.M{"key": functest.KeyID, "policy": functest.Policy("r1")})
		if e := w.Single(request); functest.Say(e) != "Applied" || w.InForce(functest.KeyID) != "r1" {
			t.Errorf("%s, %s in force", functest.Say(e), w.InForce(functest.KeyID))
		}
	})
	functest.Play(t, map[string]string{"VERIFY_INTERVAL": "1ms"}, func(w *functest.World) {
		request := functest.Requested("r1", time.Now(), functest.M{"key": functest.KeyID, "policy": functest.Policy("r1")})
		w.Single(request)
		w.Upload(functest.Policy("upload")) // newer, but the clocks of S3 and EventBridge show whole seconds
		if e := w.Single(request); functest.Say(e) != "Applied" || w.InForce(functest.KeyID) != "upload" || !hasRule(e, "request-superseded") {
			t.Errorf("replayed: %s, %s in force", functest.Say(e), w.InForce(functest.KeyID))
		}
	})
}
