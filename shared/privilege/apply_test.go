package privilege_test

import (
	"github.com/keysmith/keysmith/shared/functest"

	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/privilege"
	"github.com/keysmith/keysmith/shared/samples"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

// needs are scenes that together take every permission that the function has.
func needs() map[string]func(*functest.World) {
	return map[string]func(*functest.World){
		"an upload": func(w *functest.World) {
			w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("new"))))
		},
		"a missing object": func(w *functest.World) { w.Single(functest.Uploaded(functest.ObjectName, "")) },
		"an inline request": func(w *functest.World) {
			w.Single(functest.Requested("r1", time.Now(), functest.M{"key": "alias/payments", "policy": functest.Policy("new")}))
		},
		"a plan that came to the wrong function": func(w *functest.World) {
			w.Outcomes(functest.Uploaded("plans/"+functest.KeyID+".json", ""))
		},
		"a reconcile that needs a put": func(w *functest.World) {
			w.Upload(functest.Policy("new"))
			w.Cloud.SQS.Send("reconcile", string(functest.Reconcile(functest.ObjectName, "late-put")))
			w.Settle("reconcile", w.Cloud.SQS.Receive("reconcile", 1))
		},
		"a reconcile that is returned": func(w *functest.World) {
			w.Cloud.SQS.Send("reconcile", string(functest.Reconcile(functest.ObjectName, "sweep")))
			w.Upload(functest.Policy("new"))
			w.Intercept = functest.First(functest.Always, "GetKeyPolicy", functest.Fails(400, "ExpiredTokenException", ""))
			w.Settle("reconcile", w.Cloud.SQS.Receive("reconcile", 1))
		},
		"a reconcile after what keysmith replaced itself": func(w *functest.World) {
			w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("new"))))
			w.Intercept = functest.Reads("old", "old", "old", "old", "old", "old")
			w.Outcomes(functest.Reconcile(functest.ObjectName, "sweep"))
		},
		"an ambiguous put": func(w *functest.World) {
			w.Upload(functest.Policy("new"))
			w.Intercept = functest.First(1, "PutKeyPolicy", functest.Fails(500, "KMSInternalException", ""))
			w.Single(functest.Uploaded(functest.ObjectName, ""))
		},
		"a batch that is returned": func(w *functest.World) {
			w.Upload(functest.Policy("new"))
			w.Cloud.SQS.Send("apply", string(functest.Uploaded(functest.ObjectName, "")))
			w.Intercept = functest.First(functest.Always, "GetKeyPolicy", functest.Fails(400, "ExpiredTokenException", ""))
			if _, err := w.Invoke(functest.BatchOf(w.Cloud.SQS.Receive("apply", 1))); err != nil {
				w.Error(err)
			}
		},
		"a request that comes once more after the object was deleted": func(w *functest.World) {
			request := functest.Requested("r1", time.Now(), functest.M{"key": functest.KeyID, "policy": functest.Policy("r1")})
			w.Single(request)
			time.Sleep(time.Minute)
			w.Cloud.S3.Delete(functest.Bucket, functest.ObjectName)
			w.Outcomes(request)
		},
		"a request of the very second of an upload": func(w *functest.World) {
			w.Upload(functest.Policy("first"))
			w.Single(functest.Requested("r1", time.Now(), functest.M{"key": functest.KeyID, "policy": functest.Policy("r1")}))
		},
	}
}

func TestTheRoleAllowsWhatIsNeededAndNothingElse(t *testing.T) {
	role := functest.RoleFor(t, functest.Deployed())
	for name, scene := range needs() {
		t.Run(name, func(t *testing.T) {
			env := functest.Deployed()
			env["DIRECT_REQUESTS"] = "true"
			functest.Play(t, env, func(w *functest.World) {
				scene(w)
				functest.Permitted(t, role, w.Cloud.Calls())
			})
		})
	}
	for _, line := range role.Unneeded() {
		t.Errorf("nothing needs %s", line)
	}
	for _, action := range role.Missing() {
		t.Errorf("Lambda needs %s", action)
	}
}

func TestTheRoleAllowsEveryCallOfEverySample(t *testing.T) {
	names, err := samples.Names(functest.SampleFolder)
	if err != nil {
		t.Fatal(err)
	}
	w, err := samples.LoadWorld(functest.SampleFolder, "")
	if err != nil {
		t.Fatal(err)
	}
	role := functest.RoleFor(t, nil)
	for _, name := range names {
		event, err := w.Event(functest.SampleFolder, name)
		if err != nil {
			t.Fatal(err)
		}
		cloud := w.Build()
		_, _ = functest.SampleHandler(t, w, cloud.Transport()).Invoke(t.Context(), event) // what comes of it is another test's business
		functest.Permitted(t, role, cloud.Calls())
	}
}

// A deployment that only plans has a smaller role, and one that takes no
// policies in requests as well: what the function does there must fit it.
func TestTheRoleOfASmallerDeploymentSuffices(t *testing.T) {
	for _, env := range []map[string]string{{"MODE": "plan"}, {"INLINE_REQUESTS": "false"}, {"RESULT_BUS": "arn:aws:events:us-east-1:" + functest.Account + ":event-bus/results"}} {
		role := functest.RoleFor(t, env)
		functest.Play(t, env, func(w *functest.World) {
			w.Cloud.Events.CreateBus("results")
			version := w.Upload(functest.Policy("new"))
			for _, payload := range [][]byte{
				functest.Uploaded(functest.ObjectName, version), functest.Reconcile(functest.ObjectName, "sweep"), functest.Reconcile(functest.ObjectName, "late-put"),
				functest.Requested("r1", time.Now(), functest.M{"key": functest.KeyID, "policy": functest.Policy("r1")}),
				functest.Requested("r2", time.Now(), functest.M{"object": functest.ObjectName, "dryRun": true}),
			} {
				if _, err := w.Invoke(payload); err != nil {
					w.Error(err)
				}
			}
			functest.Permitted(t, role, w.Cloud.Calls())
		})
	}
}

func TestTheRoleOfAStackThatGoesByTagsReachesNoOtherKey(t *testing.T) {
	role, err := privilege.Load("../../template.yaml", "ApplyFunction", samtemplate.Options{Account: functest.Account, Parameters: map[string]string{
		"PolicyBucketName": functest.Bucket, "ManagedByTag": "keysmith", "Mode": "apply", "WriterPrincipals": "*",
	}})
	if err != nil {
		t.Fatal(err)
	}
	const tagged = "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c33"
	functest.Play(t, nil, func(w *functest.World) {
		w.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: tagged, Policy: functest.Policy("old"), Tags: map[string]string{"managed-by": "keysmith"}})
		for _, id := range []string{tagged, functest.KeyID} {
			w.Cloud.S3.Put(functest.Bucket, "policies/"+id+".json", []byte(functest.Policy("new")), nil)
			w.Single(functest.Uploaded("policies/"+id+".json", ""))
		}
		refused := strings.Join(role.Refused(w.Cloud.Calls()), "\n")
		for _, action := range []string{"kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy"} {
			if !strings.Contains(refused, action+" on arn:aws:kms:us-east-1:"+functest.Account+":key/"+functest.KeyID) {
				t.Errorf("%s is allowed on a key without the tag", action)
			}
		}
		if strings.Contains(refused, tagged) || strings.Count(refused, "\n") != 2 {
			t.Errorf("refused:\n%s", refused)
		}
	})
}

func TestTheRoleRefusesToSkipTheLockoutCheckWhereTheDeploymentDoes(t *testing.T) {
	functest.Play(t, map[string]string{"ALLOW_LOCKOUT_BYPASS": "true"}, func(w *functest.World) {
		w.Cloud.S3.Put(functest.Bucket, functest.ObjectName, []byte(functest.Policy("new")), map[string]string{"bypass-policy-lockout-safety-check": "true"})
		w.Single(functest.Uploaded(functest.ObjectName, ""))
		if lines := functest.RoleFor(t, map[string]string{"ALLOW_LOCKOUT_BYPASS": "true"}).Refused(w.Cloud.Calls()); len(lines) > 0 {
			t.Errorf("where it is allowed: %v", lines)
		}
		lines := functest.RoleFor(t, map[string]string{"ALLOW_LOCKOUT_BYPASS": "false"}).Refused(w.Cloud.Calls())
		if len(lines) != 1 || !strings.Contains(lines[0], "kms:PutKeyPolicy") {
			t.Errorf("where it is not: %v; want the put", lines)
		}
	})
}
