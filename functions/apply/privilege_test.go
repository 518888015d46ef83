package main

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/privilege"
	"github.com/keysmith/keysmith/shared/samples"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

// The calls that the function makes, held against the role that template.yaml
// gives it.

// roleFor is the role of a deployment whose function has this environment.
func roleFor(t *testing.T, env map[string]string) *privilege.Role {
	t.Helper()
	parameters := map[string]string{
		"PolicyBucketName": policyBkt, "KeyArns": "arn:aws:kms:us-east-1:" + account + ":key/*",
	}
	for variable, parameter := range map[string]string{
		"MODE": "Mode", "INLINE_REQUESTS": "InlineRequests", "ALLOW_LOCKOUT_BYPASS": "AllowLockoutBypass", "RESULT_BUS": "ResultBus",
	} {
		if value, set := env[variable]; set {
			parameters[parameter] = value
		}
	}
	role, err := privilege.Load("../../template.yaml", "ApplyFunction", samtemplate.Options{Account: account, Parameters: parameters})
	if err != nil {
		t.Fatal(err)
	}
	return role
}

// permitted holds the function's calls against a role. The queues of the tests
// have names of their own.
func permitted(t *testing.T, role *privilege.Role, calls []fakeaws.Call) {
	t.Helper()
	var renamed []fakeaws.Call
	for _, c := range calls {
		if c.Caller == customer {
			continue
		}
		if c.Service == "sqs" && (strings.HasSuffix(c.Resource, ":apply") || strings.HasSuffix(c.Resource, ":work")) {
			c.Resource = "arn:aws:sqs:us-east-1:" + account + ":" + samples.QueueName
		}
		renamed = append(renamed, c)
	}
	for _, line := range role.Refused(renamed) {
		t.Error(line)
	}
}

// needs are scenes that together take every permission that the function has.
func needs() map[string]func(*world) {
	return map[string]func(*world){
		"an upload":        func(w *world) { w.single(uploaded(objectName, w.upload(policy("new")))) },
		"a missing object": func(w *world) { w.single(uploaded(objectName, "")) },
		"an inline request": func(w *world) {
			w.single(requested("r1", time.Now(), m{"key": "alias/payments", "policy": policy("new")}))
		},
		"a plan": func(w *world) {
			w.cloud.S3.Put(policyBkt, "plans/"+keyID+".json", []byte(policy("new")), nil)
			w.single(uploaded("plans/"+keyID+".json", ""))
		},
		"a look at what keysmith replaced itself": func(w *world) {
			w.single(uploaded(objectName, w.upload(policy("new"))))
			w.intercept = reads("old", "old", "old", "old", "old", "old")
			w.outcomes(look(objectName, "sweep"))
		},
		"an ambiguous put": func(w *world) {
			w.upload(policy("new"))
			w.intercept = first(1, "PutKeyPolicy", fails(500, "KMSInternalException", ""))
			w.single(uploaded(objectName, ""))
		},
		"a batch that is handed back": func(w *world) {
			w.upload(policy("new"))
			w.cloud.SQS.Send("apply", string(uploaded(objectName, "")))
			w.intercept = first(always, "GetKeyPolicy", fails(400, "ExpiredTokenException", ""))
			if _, err := w.invoke(batchOf(w.cloud.SQS.Receive("apply", 1))); err != nil {
				w.Error(err)
			}
		},
		"a request that comes once more after the object was deleted": func(w *world) {
			request := requested("r1", time.Now(), m{"key": keyID, "policy": policy("r1")})
			w.single(request)
			time.Sleep(time.Minute)
			w.cloud.S3.Delete(policyBkt, objectName)
			w.outcomes(request)
		},
		"a request of the very second of an upload": func(w *world) {
			w.upload(policy("first"))
			w.single(requested("r1", time.Now(), m{"key": keyID, "policy": policy("r1")}))
		},
	}
}

func TestTheRoleAllowsWhatIsNeededAndNothingElse(t *testing.T) {
	role := roleFor(t, nil)
	for name, scene := range needs() {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(w *world) {
				scene(w)
				permitted(t, role, w.cloud.Calls())
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
	names, err := samples.Names(sampleFolder)
	if err != nil {
		t.Fatal(err)
	}
	w, err := samples.LoadWorld(sampleFolder, "")
	if err != nil {
		t.Fatal(err)
	}
	role := roleFor(t, nil)
	for _, name := range names {
		event, err := w.Event(sampleFolder, name)
		if err != nil {
			t.Fatal(err)
		}
		cloud := w.Build()
		_, _ = sampleHandler(t, w, cloud.Transport()).Invoke(t.Context(), event) // what comes of it is another test's business
		permitted(t, role, cloud.Calls())
	}
}

func TestTheRoleAllowsEveryCallOfRandomRuns(t *testing.T) {
	roles := map[bool]*privilege.Role{}
	for _, bypass := range []bool{true, false} {
		roles[bypass] = roleFor(t, map[string]string{"ALLOW_LOCKOUT_BYPASS": strconv.FormatBool(bypass)})
	}
	for seed := uint64(1); seed <= 60; seed++ {
		s := playSeed(t, seed, nil)
		permitted(t, roles[s.plan.bypass], s.cloud.Calls())
	}
}

func TestTheRoleAllowsEveryCallOfTheBinaryThatIsKilled(t *testing.T) {
	role := roleFor(t, nil)
	p := newProcess(t, buildBootstrap(t), false)
	p.deliverUntilDone(func(delivery int) int { return delivery })
	permitted(t, role, p.cloud.Calls())
}

// A deployment that only plans has a smaller role, and one that takes no
// policies in requests as well: what the function does there must fit it.
func TestTheRoleOfASmallerDeploymentSuffices(t *testing.T) {
	for _, env := range []map[string]string{{"MODE": "plan"}, {"INLINE_REQUESTS": "false"}, {"RESULT_BUS": "arn:aws:events:us-east-1:" + account + ":event-bus/results"}} {
		role := roleFor(t, env)
		play(t, env, func(w *world) {
			w.cloud.Events.CreateBus("results")
			version := w.upload(policy("new"))
			for _, payload := range [][]byte{
				uploaded(objectName, version), look(objectName, "sweep"), look(objectName, "late-put"),
				requested("r1", time.Now(), m{"key": keyID, "policy": policy("r1")}),
				requested("r2", time.Now(), m{"object": objectName, "dryRun": true}),
			} {
				if _, err := w.invoke(payload); err != nil {
					w.Error(err)
				}
			}
			permitted(t, role, w.cloud.Calls())
		})
	}
}

func TestTheRoleOfAStackThatGoesByTagsReachesNoOtherKey(t *testing.T) {
	role, err := privilege.Load("../../template.yaml", "ApplyFunction", samtemplate.Options{Account: account, Parameters: map[string]string{
		"PolicyBucketName": policyBkt, "ManagedByTag": "keysmith",
	}})
	if err != nil {
		t.Fatal(err)
	}
	const tagged = "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c33"
	play(t, nil, func(w *world) {
		w.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: tagged, Policy: policy("old"), Tags: map[string]string{"managed-by": "keysmith"}})
		for _, id := range []string{tagged, keyID} {
			w.cloud.S3.Put(policyBkt, "policies/"+id+".json", []byte(policy("new")), nil)
			w.single(uploaded("policies/"+id+".json", ""))
		}
		refused := strings.Join(role.Refused(w.cloud.Calls()), "\n")
		for _, action := range []string{"kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy"} {
			if !strings.Contains(refused, action+" on arn:aws:kms:us-east-1:"+account+":key/"+keyID) {
				t.Errorf("%s is allowed on a key without the tag", action)
			}
		}
		if strings.Contains(refused, tagged) || strings.Count(refused, "\n") != 2 {
			t.Errorf("refused:\n%s", refused)
		}
	})
}

func TestTheRoleRefusesToSkipTheLockoutCheckWhereTheDeploymentDoes(t *testing.T) {
	play(t, map[string]string{"ALLOW_LOCKOUT_BYPASS": "true"}, func(w *world) {
		w.cloud.S3.Put(policyBkt, objectName, []byte(policy("new")), map[string]string{"bypass-policy-lockout-safety-check": "true"})
		w.single(uploaded(objectName, ""))
		if lines := roleFor(t, map[string]string{"ALLOW_LOCKOUT_BYPASS": "true"}).Refused(w.cloud.Calls()); len(lines) > 0 {
			t.Errorf("where it is allowed: %v", lines)
		}
		lines := roleFor(t, map[string]string{"ALLOW_LOCKOUT_BYPASS": "false"}).Refused(w.cloud.Calls())
		if len(lines) != 1 || !strings.Contains(lines[0], "kms:PutKeyPolicy") {
			t.Errorf("where it is not: %v; want the put", lines)
		}
	})
}
