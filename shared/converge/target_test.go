package converge_test

import (
	"github.com/keysmith/keysmith/shared/functest"

	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// Row 37.
func TestAReplicaIsATargetOfItsOwn(t *testing.T) {
	const mrk = "mrk-1234abcd12ab34cd56ef1234567890ab"
	functest.Play(t, nil, func(w *functest.World) {
		w.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: mrk, MultiRegion: true, Region: "eu-west-1", Primary: "eu-west-1", Policy: functest.Policy("old")})
		replica := w.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: mrk, MultiRegion: true, Primary: "eu-west-1", Policy: functest.Policy("old")})
		w.Cloud.S3.Put(functest.Bucket, "policies/"+mrk+".json", []byte(functest.Policy("new")), nil)
		if e := w.Single(functest.Uploaded("policies/"+mrk+".json", "")); functest.Say(e) != "Applied" || e.Detail.Data.Key.ARN != replica {
			t.Errorf("%s on %+v", functest.Say(e), e.Detail.Data.Key)
		}
		for _, put := range w.Cloud.KMS.Puts() {
			if put.ARN != replica {
				t.Errorf("%s got a policy too", put.ARN)
			}
		}
	})
}

// Row 49. The name alone says that the key is protected: KMS is not asked, and the
// key need not exist.
func TestAProtectedKeyIsRefusedByItsNameAlone(t *testing.T) {
	const mrk, missing = "mrk-1234abcd12ab34cd56ef1234567890ab", "00000000-0000-0000-0000-000000000000"
	for name, c := range map[string]struct{ listed, id, want string }{
		"by its id":                             {functest.KeyID, functest.KeyID, "Rejected PROTECTED_KEY"},
		"by its ARN":                            {"arn:aws:kms:us-east-1:" + functest.Account + ":key/" + functest.KeyID, functest.KeyID, "Rejected PROTECTED_KEY"},
		"though it does not exist":              {missing, missing, "Rejected PROTECTED_KEY"},
		"though no ARN like this exists":        {"arn:aws:kms:us-east-1:" + functest.Account + ":key/" + missing, missing, "Rejected PROTECTED_KEY"},
		"by the ARN of another Region's key":    {"arn:aws:kms:eu-west-1:" + functest.Account + ":key/" + mrk, mrk, "Rejected PROTECTED_KEY"},
		"not by the ARN of another account":     {"arn:aws:kms:us-east-1:999999999999:key/" + functest.KeyID, functest.KeyID, "Applied"},
		"not by the ARN of another Region":      {"arn:aws:kms:eu-west-1:" + functest.Account + ":key/" + functest.KeyID, functest.KeyID, "Applied"},
		"not as another account's multi-Region": {"arn:aws:kms:eu-west-1:999999999999:key/" + mrk, mrk, "Applied"},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, map[string]string{"PROTECTED_KEYS": c.listed}, func(w *functest.World) {
				w.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: mrk, MultiRegion: true, Policy: functest.Policy("old")})
				w.Cloud.S3.Put(functest.Bucket, "policies/"+c.id+".json", []byte(functest.Policy("new")), nil)
				for _, payload := range [][]byte{
					functest.Uploaded("policies/"+c.id+".json", ""),
					functest.Requested("r1", time.Now(), functest.M{"key": c.id, "policy": functest.M{"a": "b"}}),
				} {
					if e := w.Single(payload); functest.Say(e) != c.want || e.Detail.Data.Key.ID != c.id {
						t.Errorf("%s on %+v; want %s", functest.Say(e), e.Detail.Data.Key, c.want)
					}
					if c.want == "Applied" {
						return
					}
				}
				for _, call := range w.Cloud.Calls() {
					if call.Service == "kms" {
						t.Errorf("KMS was asked: %s", call.Action)
					}
				}
			})
		})
	}
}

func TestWhatKMSRefusesNamesTheKeyAndItsState(t *testing.T) {
	for code, want := range map[string]string{
		"KMSInvalidStateException":      "Failed INTERNAL",
		"UnsupportedOperationException": "Failed INTERNAL",
		"InvalidArnException":           "Failed INVALID_POLICY",
	} {
		for _, action := range []string{"PutKeyPolicy", "GetKeyPolicy"} {
			if code == "InvalidArnException" && action == "GetKeyPolicy" {
				continue // it is the policy's ARN that a put is refused for
			}
			functest.Play(t, nil, func(w *functest.World) {
				const id = "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c44"
				w.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: id, State: "PendingImport", Policy: functest.Policy("old")})
				w.Cloud.S3.Put(functest.Bucket, "policies/"+id+".json", []byte(functest.Policy("new")), nil)
				w.Intercept = functest.First(functest.Always, action, functest.Fails(400, code, "no"))
				e := w.Single(functest.Uploaded("policies/"+id+".json", ""))
				message := e.Detail.Data.Error.Message
				if functest.Say(e) != want || e.Detail.Data.Error.Retryable {
					t.Errorf("%s %s: %s; want %s", action, code, functest.Say(e), want)
				}
				if want == "Failed INTERNAL" && (!strings.Contains(message, "key/"+id) || !strings.Contains(message, "PendingImport")) {
					t.Errorf("%s %s: %s", action, code, message)
				}
			})
		}
	}
}

// What is planned is not in force, so nothing has drifted.
func TestAReconcileOfAPlanNeverReportsDrift(t *testing.T) {
	for _, reason := range []string{"sweep", "late-put"} {
		functest.Play(t, nil, func(w *functest.World) {
			const plan = "plans/" + functest.KeyID + ".json"
			w.Cloud.S3.Put(functest.Bucket, plan, []byte(functest.Policy("planned")), nil)
			if e := w.Single(functest.Reconcile(plan, reason)); functest.Say(e) != "Planned" || w.Puts() != 0 {
				t.Errorf("%s: %s, %d puts", reason, functest.Say(e), w.Puts())
			}
		})
	}
}

// Row 39.
func TestAKeyThatComesToBeMeanwhileGetsItsPolicy(t *testing.T) {
	const id = "00000000-0000-0000-0000-000000000001"
	functest.Play(t, nil, func(w *functest.World) {
		w.Cloud.S3.Put(functest.Bucket, "policies/"+id+".json", []byte(functest.Policy("new")), nil)
		made := time.AfterFunc(2*time.Second, func() { w.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: id, Policy: functest.Policy("old")}) })
		defer made.Stop()
		if e := w.Single(functest.Uploaded("policies/"+id+".json", "")); functest.Say(e) != "Applied" || w.InForce(id) != "new" {
			t.Errorf("%s", functest.Say(e))
		}
	})
}

// Row 40.
func TestABatchWithoutRecordsIsNoTrigger(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		for _, payload := range []string{`{"Records": []}`, `{"Records": null}`} {
			out, err := w.Invoke([]byte(payload))
			var got struct{ Ignored int }
			if json.Unmarshal(out, &got) != nil || err != nil || got.Ignored != 1 {
				t.Errorf("%s: %s, %v", payload, out, err)
			}
		}
		if calls := w.Cloud.Calls(); len(calls) > 0 {
			t.Errorf("calls: %v", calls)
		}
	})
}
