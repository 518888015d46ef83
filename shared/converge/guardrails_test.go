package converge_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
)

// guards writes a folder of guardrails and returns the variable that names it.
func guards(t *testing.T, files map[string]string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return map[string]string{"GUARDRAILS_DIR": dir}
}

const noDeletion = `{"Version": "2012-10-17", "Statement": [
  {"Effect": "Deny", "Principal": "*", "Action": "kms:ScheduleKeyDeletion", "Resource": "*",
   "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:*:iam::*:role/break-glass/*"}}}]}`

func TestAPolicyThatViolatesAGuardrailIsRejectedWithItsWitnessAndItsPlace(t *testing.T) {
	for name, c := range map[string]struct {
		files             map[string]string
		rule, place, says string
	}{
		"a baseline": {map[string]string{"baselines/no-deletion.json": noDeletion}, "baseline-violated", "no-deletion.json:2", "denies"},
		"an assertion": {map[string]string{"assertions/ours.yaml": "- name: only break-glass deletes\n  reason: It was once done by a script.\n" +
			"  only: {who: \"arn:aws:iam::{account}:role/break-glass/*\", actions: kms:ScheduleKeyDeletion}\n"}, "assertion-violated", "ours.yaml:1", "It was once done by a script"},
		"what cannot be decided": {map[string]string{"baselines/org.json": strings.Replace(strings.Replace(noDeletion, "ArnNotLike", "StringNotEqualsIfExists", 1),
			`"aws:PrincipalArn": "arn:*:iam::*:role/break-glass/*"`, `"aws:PrincipalOrgID": "${aws:ResourceOrgID}"`, 1)}, "baseline-violated", "org.json:2", "organization of the key's account is not known"},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, guards(t, c.files), func(w *functest.World) {
				for _, payload := range [][]byte{
					functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("new"))),
					functest.Requested("r1", time.Now(), functest.M{"key": functest.KeyID, "policy": json.RawMessage(functest.Policy("new")), "dryRun": true}),
				} {
					e := w.Single(payload)
					if functest.Say(e) != "Rejected GUARDRAIL" || w.InForce(functest.KeyID) != "old" {
						t.Fatalf("%s: %+v", functest.Say(e), e.Detail.Data.Error)
					}
					shown(t, e.Detail.Data.Findings, c.rule, c.place, c.says, name != "what cannot be decided")
				}
			})
		})
	}
}

func shown(t *testing.T, findings []keypolicy.Finding, rule, place, says string, witness bool) {
	t.Helper()
	i := slices.IndexFunc(findings, func(f keypolicy.Finding) bool { return f.Rule == rule })
	if i < 0 {
		t.Fatalf("no %s: %+v", rule, findings)
	}
	if f := findings[i]; !strings.Contains(f.Message, place) || !strings.Contains(f.Message, says) || (f.Witness != nil) != witness {
		t.Errorf("%+v", f)
	}
}

// A plan is judged like the policy that it is for, by guardrails for that key and
// by its exceptions.
func TestGuardrailsAndExceptionsAreForTheKeysThatTheyName(t *testing.T) {
	plan := "plans/17/" + functest.ObjectName
	for name, c := range map[string]struct {
		keys, object, want string
	}{
		"for this key":      {functest.ObjectName, functest.ObjectName, "Rejected GUARDRAIL"},
		"for another key":   {"policies/" + functest.OtherID + ".json", functest.ObjectName, "Applied"},
		"for all of a name": {"policies/6f1c7a52-*", functest.ObjectName, "Rejected GUARDRAIL"},
		"a plan":            {functest.ObjectName, strings.Replace(plan, "17/policies/", "", 1), "Rejected GUARDRAIL"},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"examples/no-deletion/baseline.json": noDeletion, "settings.yaml": "examples: [{name: no-deletion, keys: \"" + c.keys + "\"}]\n"}
			functest.Play(t, guards(t, files), func(w *functest.World) {
				w.Cloud.S3.Put(functest.Bucket, c.object, []byte(functest.Policy("new")), nil)
				if e := w.Single(functest.Uploaded(c.object, "")); functest.Say(e) != c.want {
					t.Errorf("%s, want %s: %+v", functest.Say(e), c.want, e.Detail.Data.Error)
				}
			})
			files["settings.yaml"] += "exceptions: [{rule: no-deletion, object: " + functest.ObjectName + ", owner: payments, reason: \"Until the contract ends.\", until: 2999-12-31}]\n"
			functest.Play(t, guards(t, files), func(w *functest.World) {
				w.Cloud.S3.Put(functest.Bucket, c.object, []byte(functest.Policy("new")), nil)
				if e := w.Single(functest.Uploaded(c.object, "")); e.Type == outcome.Rejected {
					t.Errorf("%s in spite of the exception: %+v", functest.Say(e), e.Detail.Data.Error)
				}
			})
		})
	}
}

func TestTheOrganizationOfTheOwnAccountIsAFactOfItsKeys(t *testing.T) {
	env := guards(t, map[string]string{"baselines/org.json": strings.Replace(strings.Replace(noDeletion, "ArnNotLike", "StringNotEqualsIfExists", 1),
		`"aws:PrincipalArn": "arn:*:iam::*:role/break-glass/*"`, `"aws:PrincipalOrgID": "${aws:ResourceOrgID}"`, 1)})
	env["OWN_ORG"] = "o-a1b2c3d4e5"
	functest.Play(t, env, func(w *functest.World) {
		if e := w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("new")))); functest.Say(e) != "Applied" {
			t.Errorf("%s: %+v", functest.Say(e), e.Detail.Data.Error)
		}
	})
}

// What is in force stays, whatever a new baseline says of it.
func TestANewBaselineChangesNothingThatIsInForce(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("new"))))
		puts := w.Puts()
		w.Start(guards(t, map[string]string{"baselines/no-deletion.json": noDeletion}))
		if _, err := w.Invoke([]byte(`{"keysmith": "reconcile", "object": "` + functest.ObjectName + `", "reason": "sweep"}`)); err != nil {
			t.Error(err)
		}
		if w.Puts() != puts || w.InForce(functest.KeyID) != "new" {
			t.Errorf("%d puts more; %s is in force", w.Puts()-puts, w.InForce(functest.KeyID))
		}
	})
}
