package converge_test

import (
	"github.com/keysmith/keysmith/shared/functest"

	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/outcome"
)

func TestAnUploadIsPutProvenAndReported(t *testing.T) {
	for name, payload := range map[string]func(version string) []byte{
		"through EventBridge": func(v string) []byte { return functest.Uploaded(functest.ObjectName, v) },
		"straight from S3":    func(string) []byte { return functest.Notified(functest.ObjectName) },
		"named by a request": func(string) []byte {
			return functest.Requested("r1", time.Now(), functest.M{"object": functest.ObjectName})
		},
		"by a late reconcile": func(string) []byte { return functest.Reconcile(functest.ObjectName, "late-put") },
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, nil, func(w *functest.World) {
				version := w.Upload(functest.Policy("new"))
				e := w.Single(payload(version))
				d := e.Detail.Data
				if functest.Say(e) != "Applied" || !d.Changed || w.InForce(functest.KeyID) != "new" || w.Puts() != 1 {
					t.Fatalf("%s, changed %v, in force %q, %d puts", functest.Say(e), d.Changed, w.InForce(functest.KeyID), w.Puts())
				}
				if d.Verification.Reads < 5 || d.Object.VersionID != version || d.Key.Account != functest.Account {
					t.Errorf("%+v %+v %+v", d.Verification, d.Object, d.Key)
				}
				if by := d.Object.UploadedBy; (by != nil) != (name == "through EventBridge") {
					t.Errorf("uploaded by %+v", by)
				}
				if len(d.Changes) == 0 {
					t.Error("the event does not tell what changed")
				}
				kept, ok := w.Cloud.S3.Get(functest.Bucket, d.Previous.History)
				if !ok || !strings.Contains(string(kept.Body), `"old"`) {
					t.Errorf("the history has no copy of the old policy under %q", d.Previous.History)
				}
				if kept.Metadata["replaced-by-version"] != version {
					t.Errorf("the copy does not name the version that replaced it: %v", kept.Metadata)
				}
			})
		})
	}
}

// Row 1.
func TestTheSamePolicyAgainIsAppliedUnchanged(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		first := w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("new"))))
		second := w.Single(functest.Uploaded(functest.ObjectName, ""))
		if functest.Say(second) != "Applied" || second.Detail.Data.Changed || w.Puts() != 2 {
			t.Errorf("%s, changed %v, %d puts; want a put that changed nothing", functest.Say(second), second.Detail.Data.Changed, w.Puts())
		}
		if a, b := first.Detail.Metadata.IdempotencyKey, second.Detail.Metadata.IdempotencyKey; a != b {
			t.Errorf("idempotency keys %s and %s of one version and outcome differ", a, b)
		}
		if second.Detail.Data.Previous.History != "" {
			t.Error("what was not replaced was kept in the history")
		}
	})
}

func TestAnUnacceptableObjectIsRejectedAndNothingIsPut(t *testing.T) {
	big := strings.Replace(functest.Policy("big"), `"Id"`, strings.Repeat(" ", 33_000)+`"Id"`, 1)
	for name, c := range map[string]struct{ body, want string }{
		"a typo":                            {functest.Typo, "Rejected INVALID_POLICY"},
		"row 21: the function's role alone": {functest.Lockout, "Rejected LOCKOUT"},
		"row 25: an account nobody trusts":  {functest.PolicyWith("x", `"arn:aws:iam::999999999999:root"`), "Rejected GUARDRAIL"},
		"row 24: everybody":                 {functest.PolicyWith("x", `"*"`), "Rejected GUARDRAIL"},
		"row 29: nothing":                   {"", "Rejected INVALID_POLICY"},
		"row 29: white space":               {" \n", "Rejected INVALID_POLICY"},
		"row 29: an empty object":           {"{}", "Rejected INVALID_POLICY"},
		"row 29: null":                      {"null", "Rejected INVALID_POLICY"},
		"row 29: an array":                  {"[1,2]", "Rejected INVALID_POLICY"},
		"broken JSON":                       {`{"Version": `, "Rejected INVALID_POLICY"},
		"YAML":                              {"Version: 2012-10-17\nStatement:\n- Effect: Allow\n", "Rejected INVALID_POLICY"},
		"gzip":                              {"\x1f\x8b\x08\x00\x00\x00\x00\x00", "Rejected INVALID_POLICY"},
		"row 28: UTF-16":                    {"\xff\xfe{\x00}\x00", "Rejected INVALID_POLICY"},
		"row 28: a byte order mark":         {"\xef\xbb\xbf" + functest.Policy("x"), "Rejected INVALID_POLICY"},
		"row 30: a second document":         {functest.Policy("x") + "{}", "Rejected INVALID_POLICY"},
		"row 31: a flood of brackets":       {strings.Repeat("[", 30_000), "Rejected INVALID_POLICY"},
		"row 17: more than KMS takes":       {big, "Rejected TOO_LARGE"},
		"row 31: more than anybody reads":   {strings.Repeat(" ", 70_000), "Rejected TOO_LARGE"},
		"row 19: a role that is deleted":    {functest.PolicyWith("x", `"AROAEXAMPLEEXAMPLE123"`), "Rejected INVALID_POLICY"},
		"row 28: a character KMS refuses":   {functest.PolicyWith("\u4e2d", `"arn:aws:iam::111122223333:role/alice"`), "Rejected INVALID_POLICY"},
		"row 27: a member twice, disguised": {strings.Replace(functest.Policy("x"), `"Effect": "Allow"`, `"Effect": "Allow", "Eff\u0065ct": "Deny"`, 1), "Rejected INVALID_POLICY"},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, nil, func(w *functest.World) {
				version := w.Upload(c.body)
				e := w.Single(functest.Uploaded(functest.ObjectName, version))
				if functest.Say(e) != c.want || w.Puts() != 0 || w.InForce(functest.KeyID) != "old" {
					t.Fatalf("%s, %d puts, in force %q; want %s and nothing changed", functest.Say(e), w.Puts(), w.InForce(functest.KeyID), c.want)
				}
				if len(e.Detail.Data.Findings) == 0 || e.Detail.Data.Object.VersionID != version {
					t.Errorf("the event does not say why, or of what: %+v", e.Detail.Data)
				}
			})
		})
	}
}

// Row 35.
func TestAnObjectKeyOutsideTheGrammarIsRejectedAlikeInBothShapes(t *testing.T) {
	for literal, encoded := range map[string]string{
		"policies/a b.json":                        "policies/a+b.json",
		"policies/a%2Fb.json":                      "policies/a%252Fb.json",
		"policies/../x.json":                       "policies/../x.json",
		"policies/readme.json":                     "policies/readme.json",
		"policies/alias/payments.json":             "policies/alias/payments.json",
		"policies/" + functest.KeyID + ".json.txt": "policies/" + functest.KeyID + ".json.txt",
	} {
		functest.Play(t, nil, func(w *functest.World) {
			for _, payload := range [][]byte{functest.Uploaded(literal, ""), functest.Notified(encoded)} {
				e := w.Single(payload)
				if functest.Say(e) != "Rejected BAD_OBJECT_KEY" || e.Detail.Data.Object.Key != literal {
					t.Errorf("%q: %s of %q", literal, functest.Say(e), e.Detail.Data.Object.Key)
				}
			}
			for _, c := range w.Cloud.Calls() {
				if c.Service == "kms" || c.Action == "PutObject" || c.Action == "GetObject" && !strings.Contains(c.Resource, "/status/") {
					t.Errorf("%q led to %s on %s", literal, c.Action, c.Resource)
				}
			}
		})
	}
}

// Row 40.
func TestWhatIsNotOursIsAcknowledgedWithoutACall(t *testing.T) {
	foreign := strings.Replace(string(functest.Uploaded(functest.ObjectName, "")), functest.Bucket, "another", 1)
	for _, payload := range []string{foreign, string(functest.Uploaded("history/x.json", "")), `{"Event": "s3:TestEvent"}`, `[]`,
		`{"detail-type": "KMS Key Policy Applied", "source": "keysmith"}`} {
		functest.Play(t, nil, func(w *functest.World) {
			out, err := w.Invoke([]byte(payload))
			var got struct{ Ignored int }
			if json.Unmarshal(out, &got) != nil || err != nil || got.Ignored != 1 || len(w.Cloud.Calls()) != 0 {
				t.Errorf("%s: %s, %v, calls %v", payload, out, err, w.Cloud.Calls())
			}
		})
	}
}

func TestAnEventOfAnotherAccountIsPassedOver(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		forged := strings.Replace(string(functest.Uploaded(functest.ObjectName, "")), functest.Account, "999999999999", 1)
		if events := w.Outcomes([]byte(forged)); len(events) != 0 || w.Puts() != 0 {
			t.Errorf("%s, %d puts", functest.SayAll(events), w.Puts())
		}
	})
}

// Row 33.
func TestADeletedObjectNeverRemovesAccess(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		w.Cloud.S3.Delete(functest.Bucket, functest.ObjectName)
		if events := w.Outcomes(functest.Uploaded(functest.ObjectName, "")); len(events) != 0 || w.Puts() != 0 {
			t.Errorf("%s, %d puts", functest.SayAll(events), w.Puts())
		}
	})
}

func TestTheTargetIsRefusedOrNotFound(t *testing.T) {
	const missing = "policies/00000000-0000-0000-0000-000000000000.json"
	const managed = "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c33"
	for name, c := range map[string]struct {
		env    map[string]string
		object string
		want   string
	}{
		"row 39: a key that does not exist":     {nil, missing, "Failed NOT_FOUND"},
		"row 37: a key that AWS manages":        {nil, "policies/" + managed + ".json", "Rejected PROTECTED_KEY"},
		"row 49: a key on the protected list":   {map[string]string{"PROTECTED_KEYS": functest.KeyID}, functest.ObjectName, "Rejected PROTECTED_KEY"},
		"row 49: a protected key, named by ARN": {map[string]string{"PROTECTED_KEYS": "arn:aws:kms:us-east-1:" + functest.Account + ":key/" + functest.KeyID}, functest.ObjectName, "Rejected PROTECTED_KEY"},
		"an object that was never stored":       {nil, "policies/" + functest.OtherID + ".json", "Failed UNREADABLE"},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, c.env, func(w *functest.World) {
				w.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: managed, Manager: "AWS", Policy: functest.Policy("old")})
				if c.object != "policies/"+functest.OtherID+".json" {
					w.Cloud.S3.Put(functest.Bucket, c.object, []byte(functest.Policy("new")), nil)
				}
				e := w.Single(functest.Old(functest.Uploaded(c.object, "")))
				if functest.Say(e) != c.want || w.Puts() != 0 {
					t.Errorf("%s, %d puts; want %s", functest.Say(e), w.Puts(), c.want)
				}
			})
		})
	}
}

// Row 38.
func TestEveryKeyStateTakesAPolicyWithAWarning(t *testing.T) {
	for _, state := range []string{"Disabled", "PendingDeletion", "PendingImport", "Unavailable"} {
		functest.Play(t, nil, func(w *functest.World) {
			id := "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c44"
			w.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: id, State: state, Policy: functest.Policy("old")})
			w.Cloud.S3.Put(functest.Bucket, "policies/"+id+".json", []byte(functest.Policy("new")), nil)
			e := w.Single(functest.Uploaded("policies/"+id+".json", ""))
			if functest.Say(e) != "Applied" || !hasRule(e, "key-state") {
				t.Errorf("%s: %s with %+v", state, functest.Say(e), e.Detail.Data.Findings)
			}
		})
	}
}

func hasRule(e outcome.Event, rule string) bool {
	for _, f := range e.Detail.Data.Findings {
		if f.Rule == rule {
			return true
		}
	}
	return false
}

func TestAnUnreadableObjectChangesNothing(t *testing.T) {
	for name, status := range map[string]int{"row 34: refused": http.StatusForbidden, "trouble": http.StatusServiceUnavailable} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, nil, func(w *functest.World) {
				w.Upload(functest.Policy("new"))
				w.Intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
					if action == http.MethodGet {
						return functest.AnswerError(status, "AccessDenied", "no")
					}
					return send()
				}
				_, err := w.Invoke(functest.Uploaded(functest.ObjectName, ""))
				events := w.Events()
				if functest.SayAll(events) != "Failed UNREADABLE" || w.Puts() != 0 || events[0].Detail.Data.Error.Retryable != (err != nil) {
					t.Errorf("%s, %d puts, returned: %v", functest.SayAll(events), w.Puts(), err)
				}
			})
		})
	}
}

// Row 32.
func TestAnEncodedObjectIsRejected(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Cloud.S3.PutObject(functest.Bucket, fakeaws.Object{Key: functest.ObjectName, Body: []byte(functest.Policy("new")), ContentEncoding: "gzip"})
		if e := w.Single(functest.Uploaded(functest.ObjectName, "")); functest.Say(e) != "Rejected INVALID_POLICY" || !hasRule(e, "content-encoding") {
			t.Errorf("%s %+v", functest.Say(e), e.Detail.Data.Findings)
		}
	})
}
