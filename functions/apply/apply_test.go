package main

import (
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
		"through EventBridge":  func(v string) []byte { return uploaded(objectName, v) },
		"straight from S3":     func(string) []byte { return notified(objectName) },
		"named by a request":   func(string) []byte { return requested("r1", time.Now(), m{"object": objectName}) },
		"by a look after late": func(string) []byte { return look(objectName, "late-put") },
	} {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(w *world) {
				version := w.upload(policy("new"))
				e := w.single(payload(version))
				d := e.Detail.Data
				if say(e) != "Applied" || !d.Changed || w.inForce(keyID) != "new" || w.puts() != 1 {
					t.Fatalf("%s, changed %v, in force %q, %d puts", say(e), d.Changed, w.inForce(keyID), w.puts())
				}
				if d.Verification.Reads < 5 || d.Object.VersionID != version || d.Key.Account != account {
					t.Errorf("%+v %+v %+v", d.Verification, d.Object, d.Key)
				}
				if by := d.Object.UploadedBy; (by != nil) != (name == "through EventBridge") {
					t.Errorf("uploaded by %+v", by)
				}
				if len(d.Changes) == 0 {
					t.Error("the event does not tell what changed")
				}
				kept, ok := w.cloud.S3.Get(policyBkt, d.Previous.History)
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
	play(t, nil, func(w *world) {
		first := w.single(uploaded(objectName, w.upload(policy("new"))))
		second := w.single(uploaded(objectName, ""))
		if say(second) != "Applied" || second.Detail.Data.Changed || w.puts() != 2 {
			t.Errorf("%s, changed %v, %d puts; want a put that changed nothing", say(second), second.Detail.Data.Changed, w.puts())
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
	big := strings.Replace(policy("big"), `"Id"`, strings.Repeat(" ", 33_000)+`"Id"`, 1)
	for name, c := range map[string]struct{ body, want string }{
		"a typo":                            {typo, "Rejected INVALID_POLICY"},
		"row 21: the function's role alone": {lockout, "Rejected LOCKOUT"},
		"row 25: an account nobody trusts":  {policyWith("x", `"arn:aws:iam::999999999999:root"`), "Rejected GUARDRAIL"},
		"row 24: everybody":                 {policyWith("x", `"*"`), "Rejected GUARDRAIL"},
		"row 29: nothing":                   {"", "Rejected INVALID_POLICY"},
		"row 29: white space":               {" \n", "Rejected INVALID_POLICY"},
		"row 29: an empty object":           {"{}", "Rejected INVALID_POLICY"},
		"row 29: null":                      {"null", "Rejected INVALID_POLICY"},
		"row 29: an array":                  {"[1,2]", "Rejected INVALID_POLICY"},
		"broken JSON":                       {`{"Version": `, "Rejected INVALID_POLICY"},
		"YAML":                              {"Version: 2012-10-17\nStatement:\n- Effect: Allow\n", "Rejected INVALID_POLICY"},
		"gzip":                              {"\x1f\x8b\x08\x00\x00\x00\x00\x00", "Rejected INVALID_POLICY"},
		"row 28: UTF-16":                    {"\xff\xfe{\x00}\x00", "Rejected INVALID_POLICY"},
		"row 28: a byte order mark":         {"\xef\xbb\xbf" + policy("x"), "Rejected INVALID_POLICY"},
		"row 30: a second document":         {policy("x") + "{}", "Rejected INVALID_POLICY"},
		"row 31: a flood of brackets":       {strings.Repeat("[", 30_000), "Rejected INVALID_POLICY"},
		"row 17: more than KMS takes":       {big, "Rejected TOO_LARGE"},
		"row 31: more than anybody reads":   {strings.Repeat(" ", 70_000), "Rejected TOO_LARGE"},
		"row 19: a role that is deleted":    {policyWith("x", `"AROAEXAMPLEEXAMPLE123"`), "Rejected INVALID_POLICY"},
		"row 28: a character KMS refuses":   {policyWith("\u4e2d", `"arn:aws:iam::111122223333:role/alice"`), "Rejected INVALID_POLICY"},
		"row 27: a member twice, disguised": {strings.Replace(policy("x"), `"Effect": "Allow"`, `"Effect": "Allow", "Eff\u0065ct": "Deny"`, 1), "Rejected INVALID_POLICY"},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(w *world) {
				version := w.upload(c.body)
				e := w.single(uploaded(objectName, version))
				if say(e) != c.want || w.puts() != 0 || w.inForce(keyID) != "old" {
					t.Fatalf("%s, %d puts, in force %q; want %s and nothing changed", say(e), w.puts(), w.inForce(keyID), c.want)
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
		"policies/a b.json":               "policies/a+b.json",
		"policies/a%2Fb.json":             "policies/a%252Fb.json",
		"policies/../x.json":              "policies/../x.json",
		"policies/readme.json":            "policies/readme.json",
		"policies/alias/payments.json":    "policies/alias/payments.json",
		"policies/" + keyID + ".json.txt": "policies/" + keyID + ".json.txt",
	} {
		play(t, nil, func(w *world) {
			for _, payload := range [][]byte{uploaded(literal, ""), notified(encoded)} {
				e := w.single(payload)
				if say(e) != "Rejected BAD_OBJECT_KEY" || e.Detail.Data.Object.Key != literal {
					t.Errorf("%q: %s of %q", literal, say(e), e.Detail.Data.Object.Key)
				}
			}
			if calls := w.cloud.Calls(); len(calls) != 2 { // the two PutEvents
				t.Errorf("%q led to the calls %v", literal, calls)
			}
		})
	}
}

// Row 40.
func TestWhatIsNotOursIsAcknowledgedWithoutACall(t *testing.T) {
	foreign := strings.Replace(string(uploaded(objectName, "")), policyBkt, "another", 1)
	for _, payload := range []string{foreign, string(uploaded("history/x.json", "")), `{"Event": "s3:TestEvent"}`, `[1,2]`, `{}`,
		`{"detail-type": "KMS Key Policy Applied", "source": "keysmith"}`} {
		play(t, nil, func(w *world) {
			out, err := w.invoke([]byte(payload))
			var got struct{ Ignored int }
			if json.Unmarshal(out, &got) != nil || err != nil || got.Ignored != 1 || len(w.cloud.Calls()) != 0 {
				t.Errorf("%s: %s, %v, calls %v", payload, out, err, w.cloud.Calls())
			}
		})
	}
}

func TestAnEventOfAnotherAccountIsPassedOver(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("new"))
		forged := strings.Replace(string(uploaded(objectName, "")), account, "999999999999", 1)
		if events := w.outcomes([]byte(forged)); len(events) != 0 || w.puts() != 0 {
			t.Errorf("%s, %d puts", sayAll(events), w.puts())
		}
	})
}

// Row 33.
func TestADeletedObjectNeverRemovesAccess(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("new"))
		w.cloud.S3.Delete(policyBkt, objectName)
		if events := w.outcomes(uploaded(objectName, "")); len(events) != 0 || w.puts() != 0 {
			t.Errorf("%s, %d puts", sayAll(events), w.puts())
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
		"row 49: a key on the protected list":   {map[string]string{"PROTECTED_KEYS": keyID}, objectName, "Rejected PROTECTED_KEY"},
		"row 49: a protected key, named by ARN": {map[string]string{"PROTECTED_KEYS": "arn:aws:kms:us-east-1:" + account + ":key/" + keyID}, objectName, "Rejected PROTECTED_KEY"},
		"an object that was never stored":       {nil, "policies/" + otherID + ".json", "Failed UNREADABLE"},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, c.env, func(w *world) {
				w.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: managed, Manager: "AWS", Policy: policy("old")})
				if c.object != "policies/"+otherID+".json" {
					w.cloud.S3.Put(policyBkt, c.object, []byte(policy("new")), nil)
				}
				e := w.single(uploaded(c.object, ""))
				if say(e) != c.want || w.puts() != 0 {
					t.Errorf("%s, %d puts; want %s", say(e), w.puts(), c.want)
				}
			})
		})
	}
}

// Row 38.
func TestEveryKeyStateTakesAPolicyWithAWarning(t *testing.T) {
	for _, state := range []string{"Disabled", "PendingDeletion", "PendingImport", "Unavailable"} {
		play(t, nil, func(w *world) {
			id := "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c44"
			w.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: id, State: state, Policy: policy("old")})
			w.cloud.S3.Put(policyBkt, "policies/"+id+".json", []byte(policy("new")), nil)
			e := w.single(uploaded("policies/"+id+".json", ""))
			if say(e) != "Applied" || !hasRule(e, "key-state") {
				t.Errorf("%s: %s with %+v", state, say(e), e.Detail.Data.Findings)
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
			play(t, nil, func(w *world) {
				w.upload(policy("new"))
				w.intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
					if action == http.MethodGet {
						return answerError(status, "AccessDenied", "no")
					}
					return send()
				}
				_, err := w.invoke(uploaded(objectName, ""))
				events := w.events()
				if sayAll(events) != "Failed UNREADABLE" || w.puts() != 0 || events[0].Detail.Data.Error.Retryable != (err != nil) {
					t.Errorf("%s, %d puts, handed back: %v", sayAll(events), w.puts(), err)
				}
			})
		})
	}
}

// Row 32.
func TestAnEncodedObjectIsRejected(t *testing.T) {
	play(t, nil, func(w *world) {
		w.cloud.S3.PutObject(policyBkt, fakeaws.Object{Key: objectName, Body: []byte(policy("new")), ContentEncoding: "gzip"})
		if e := w.single(uploaded(objectName, "")); say(e) != "Rejected INVALID_POLICY" || !hasRule(e, "content-encoding") {
			t.Errorf("%s %+v", say(e), e.Detail.Data.Findings)
		}
	})
}
