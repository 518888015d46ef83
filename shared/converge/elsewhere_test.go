package converge_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/target"
)

const (
	roleThere = "arn:aws:iam::" + functest.Elsewhere + ":role/" + target.DefaultRole
	there     = "arn:aws:kms:" + functest.ElsewhereRegion + ":" + functest.Elsewhere + ":key/" + functest.KeyID
)

// elsewhere plays a scene in which a key with the same id as the stack's own is in
// another account and Region, and an object for it is in the bucket.
func elsewhere(t *testing.T, env map[string]string, scene func(*functest.World)) {
	t.Helper()
	functest.Play(t, env, func(w *functest.World) {
		w.DeployRoles(functest.Elsewhere)
		w.KeyElsewhere(functest.Elsewhere, functest.ElsewhereRegion, functest.KeyID)
		w.Cloud.S3.Put(functest.Bucket, functest.ElsewhereObject, []byte(functest.PolicyOf(functest.Elsewhere, "new")), nil)
		scene(w)
		eachCallWithTheCredentialsOfItsAccount(w)
	})
}

// No call about a key is made with the credentials of another account.
func eachCallWithTheCredentialsOfItsAccount(w *functest.World) {
	w.Helper()
	for _, c := range w.Cloud.Calls() {
		if c.Service == "kms" && c.Error == "" && !strings.Contains(c.Resource, ":"+c.Account+":") {
			w.Errorf("%s of %s was called by %s", c.Action, c.Resource, c.Caller)
		}
	}
	for _, put := range w.Cloud.KMS.Puts() {
		if strings.Contains(put.ARN, functest.Elsewhere) != strings.Contains(put.Caller, ":assumed-role/"+target.DefaultRole+"/") {
			w.Errorf("%s was put by %s", put.ARN, put.Caller)
		}
	}
}

func assumed(w *functest.World) (n int) {
	for _, c := range w.Cloud.Calls() {
		if c.Action == "AssumeRole" {
			n++
		}
	}
	return n
}

func TestAKeyOfAnotherAccountTakesTheSamePath(t *testing.T) {
	elsewhere(t, functest.Targets(), func(w *functest.World) {
		e := w.Single(functest.Uploaded(functest.ElsewhereObject, ""))
		if k := e.Detail.Data.Key; functest.Say(e) != "Applied" || k.ARN != there || k.Account != functest.Elsewhere || k.Region != functest.ElsewhereRegion {
			t.Fatalf("%s of %+v: %+v", functest.Say(e), k, e.Detail.Data.Error)
		}
		if w.InForce(there) != "new" || functest.IDOf(w.Cloud.KMS.Policy("arn:aws:kms:us-east-1:"+functest.Account+":key/"+functest.KeyID)) != "old" {
			t.Error("the wrong key was changed")
		}
		if s := w.Status(functest.ElsewhereObject); s == nil || s.Key.ARN != there || s.LastApplied == nil {
			t.Errorf("%+v", s)
		}
		kept := w.Cloud.S3.Keys(functest.Bucket, "history/"+functest.Elsewhere+"/"+functest.ElsewhereRegion+"/"+functest.KeyID+"/")
		if len(kept) != 1 || e.Detail.Data.Previous.History != kept[0] {
			t.Fatalf("history: %v", kept)
		}
		copied, _ := w.Cloud.S3.Get(functest.Bucket, kept[0])
		if session := copied.Metadata["replaced-by-session"]; session != "keysmith-req-1" || !strings.HasSuffix(w.Cloud.KMS.Puts()[0].Caller, "/"+session) ||
			!strings.Contains(w.Logs.String(), `"session":"`+session+`"`) {
			t.Errorf("the session is %q, the put was by %s", session, w.Cloud.KMS.Puts()[0].Caller)
		}
	})
}

func TestCredentialsAreKeptForEachAccountAndOwnKeysNeedNone(t *testing.T) {
	elsewhere(t, functest.Targets(), func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		w.Single(functest.Uploaded(functest.ObjectName, ""))
		if n := assumed(w); n != 0 {
			t.Errorf("%d roles assumed for an own key", n)
		}
		w.KeyElsewhere(functest.Elsewhere, "us-east-1", functest.OtherID)
		other := "policies/" + functest.Elsewhere + "/us-east-1/" + functest.OtherID + ".json"
		w.Cloud.S3.Put(functest.Bucket, other, []byte(functest.PolicyOf(functest.Elsewhere, "new")), nil)
		for _, object := range []string{functest.ElsewhereObject, other, functest.ElsewhereObject} {
			if e := w.Single(functest.Uploaded(object, "")); functest.Say(e) != "Applied" {
				t.Errorf("%s: %s", object, functest.Say(e))
			}
		}
		if n := assumed(w); n != 1 {
			t.Errorf("the role was assumed %d times; want once for both Regions", n)
		}
		time.Sleep(time.Hour)
		w.Single(functest.Uploaded(functest.ElsewhereObject, ""))
		if n := assumed(w); n != 2 {
			t.Errorf("after an hour it was assumed %d times; want twice", n)
		}
	})
}

func TestTheOwnRoleServesOtherRegionsOfTheAccount(t *testing.T) {
	elsewhere(t, functest.Targets(), func(w *functest.World) {
		arn := w.KeyElsewhere(functest.Account, functest.ElsewhereRegion, functest.KeyID)
		object := "policies/" + functest.Account + "/" + functest.ElsewhereRegion + "/" + functest.KeyID + ".json"
		w.Cloud.S3.Put(functest.Bucket, object, []byte(functest.Policy("new")), nil)
		if e := w.Single(functest.Uploaded(object, "")); functest.Say(e) != "Applied" || e.Detail.Data.Key.ARN != arn || w.InForce(arn) != "new" || assumed(w) != 0 {
			t.Errorf("%s of %+v, %d roles assumed", functest.Say(e), e.Detail.Data.Key, assumed(w))
		}
	})
}

// What keeps keysmith out of an account is said with the account, the role and
// what to do, and is tried again while it may resolve itself.
func TestWhatKeepsKeysmithOutOfAnAccountIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		env   map[string]string
		scene func(*fakeaws.Cloud)
		say   []string
	}{
		"no role":                 {nil, func(c *fakeaws.Cloud) { c.RemoveRole(roleThere) }, []string{functest.Elsewhere, roleThere, "scripts/target/target.yaml"}},
		"another external id":     {functest.Targets("TARGET_EXTERNAL_ID", "basil"), nil, []string{roleThere, "TARGET_EXTERNAL_ID"}},
		"another role name":       {functest.Targets("TARGET_ROLE_NAME", "ours"), nil, []string{":role/ours"}},
		"a Region that is not on": {nil, func(c *fakeaws.Cloud) { c.EnableRegions(functest.Elsewhere, "us-east-1") }, []string{functest.Elsewhere, functest.ElsewhereRegion, "not enabled"}},
	} {
		t.Run(name, func(t *testing.T) {
			env := c.env
			if env == nil {
				env = functest.Targets()
			}
			elsewhere(t, env, func(w *functest.World) {
				if c.scene != nil {
					c.scene(w.Cloud)
				}
				_, err := w.Invoke(functest.Uploaded(functest.ElsewhereObject, ""))
				events := w.Events()
				if err == nil || len(events) != 1 || functest.Say(events[0]) != "Failed ACCESS_DENIED" || !events[0].Detail.Data.Error.Retryable {
					t.Fatalf("%v, %s", err, functest.SayAll(events))
				}
				for _, words := range append(c.say, functest.KeyID) {
					if !strings.Contains(events[0].Detail.Data.Error.Message, words) {
						t.Errorf("%q does not say %q", events[0].Detail.Data.Error.Message, words)
					}
				}
				w.Single(functest.Old(functest.Uploaded(functest.ElsewhereObject, "")))
				if e := w.Events()[1]; e.Detail.Data.Error.Retryable || w.InForce(there) != "old" {
					t.Errorf("%+v, %s in force", e.Detail.Data.Error, w.InForce(there))
				}
			})
		})
	}
}

func TestARoleThatComesBackIsUsedAgain(t *testing.T) {
	elsewhere(t, functest.Targets(), func(w *functest.World) {
		w.Single(functest.Uploaded(functest.ElsewhereObject, ""))
		w.Cloud.RemoveRole(roleThere)
		w.Cloud.S3.Put(functest.Bucket, functest.ElsewhereObject, []byte(functest.PolicyOf(functest.Elsewhere, "newer")), nil)
		if _, err := w.Invoke(functest.Uploaded(functest.ElsewhereObject, "")); err == nil || w.InForce(there) != "new" {
			t.Errorf("%v, %s in force", err, w.InForce(there))
		}
		w.DeployRoles(functest.Elsewhere)
		w.Cloud.KMS.SetIAM(roleThere, true)
		if e := w.Single(functest.Uploaded(functest.ElsewhereObject, "")); functest.Say(e) != "Applied" || w.InForce(there) != "newer" {
			t.Errorf("%s, %s in force", functest.Say(e), w.InForce(there))
		}
	})
}

// Credentials that KMS does not take any more are replaced on the way.
func TestCredentialsThatEndDuringAVerificationAreReplaced(t *testing.T) {
	elsewhere(t, functest.Targets(), func(w *functest.World) {
		w.Cloud.Fault(fakeaws.Fault{Service: "kms", Action: "GetKeyPolicy", Nth: 4, Kind: fakeaws.Refuse, Code: "ExpiredTokenException"})
		if e := w.Single(functest.Uploaded(functest.ElsewhereObject, "")); functest.Say(e) != "Applied" || assumed(w) != 2 || w.Puts() != 1 {
			t.Errorf("%s, %d sessions, %d puts", functest.Say(e), assumed(w), w.Puts())
		}
	})
}

func TestWhatIsNoTargetIsRefusedAndNoCallIsMade(t *testing.T) {
	for object, say := range map[string]string{
		"policies/777788889999/eu-west-1/" + functest.KeyID + ".json":                "TARGET_ACCOUNTS",
		"policies/" + functest.Elsewhere + "/us-west-2/" + functest.KeyID + ".json":  "TARGET_REGIONS",
		"policies/" + functest.Account + "/us-east-1/" + functest.KeyID + ".json":    "write " + functest.ObjectName,
		"policies/" + functest.Elsewhere + "/cn-north-1/" + functest.KeyID + ".json": "partition aws-cn",
	} {
		elsewhere(t, functest.Targets(), func(w *functest.World) {
			w.Cloud.S3.Put(functest.Bucket, object, []byte(functest.PolicyOf(functest.Elsewhere, "new")), nil)
			e := w.Single(functest.Uploaded(object, ""))
			if functest.Say(e) != "Rejected BAD_OBJECT_KEY" || !strings.Contains(e.Detail.Data.Error.Message, say) {
				t.Errorf("%s: %s, %+v", object, functest.Say(e), e.Detail.Data.Error)
			}
			for _, c := range w.Cloud.Calls() {
				if c.Service == "kms" || c.Service == "sts" {
					t.Errorf("%s: %s was called", object, c.Action)
				}
			}
		})
	}
}

// The writer of a key elsewhere is the role that puts there, not the stack's own.
func TestGuardrailsJudgeWithTheTargetsFacts(t *testing.T) {
	only := func(role string) string {
		return strings.ReplaceAll(functest.Lockout, functest.Writer, role)
	}
	env := functest.Targets("REQUIRE_ACCOUNT_ROOT", "false")
	for role, want := range map[string]string{functest.Writer: "Rejected LOCKOUT", roleThere: "Applied"} {
		elsewhere(t, env, func(w *functest.World) {
			w.Cloud.S3.Put(functest.Bucket, functest.ElsewhereObject, []byte(only(role)), nil)
			if e := w.Single(functest.Uploaded(functest.ElsewhereObject, "")); functest.Say(e) != want {
				t.Errorf("%s alone: %s, %+v", role, functest.Say(e), e.Detail.Data.Error)
			}
		})
	}
}

func TestAnOrganizationOfTheTargetsIsAFact(t *testing.T) {
	open := func(account string) string {
		text := strings.Replace(functest.PolicyOf(account, "org"), `{"AWS": "arn:aws:iam::`+account+`:role/alice"}`, `"*"`, 1)
		return strings.Replace(text, `"Resource": "*"}
  ]`, `"Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}}
  ]`, 1)
	}
	for org, want := range map[string]string{"o-a1b2c3d4e5": "Applied", "": "Rejected GUARDRAIL"} {
		elsewhere(t, functest.Targets("TARGET_ORG", org, "TRUSTED_ORGS", "o-a1b2c3d4e5", "OWN_ORG", "o-zzzzzzzzzz"), func(w *functest.World) {
			w.Cloud.SetOrg(functest.Elsewhere, "o-a1b2c3d4e5")
			w.Cloud.S3.Put(functest.Bucket, functest.ElsewhereObject, []byte(open(functest.Elsewhere)), nil)
			if e := w.Single(functest.Uploaded(functest.ElsewhereObject, "")); functest.Say(e) != want {
				t.Errorf("TARGET_ORG=%s: %s, %+v", org, functest.Say(e), e.Detail.Data.Error)
			}
		})
	}
}

func TestRequestsNameKeysElsewhereByTheirARN(t *testing.T) {
	elsewhere(t, functest.Targets(), func(w *functest.World) {
		w.Cloud.KMS.CreateAlias("alias/orders", there)
		for i, key := range []string{there, "arn:aws:kms:" + functest.ElsewhereRegion + ":" + functest.Elsewhere + ":alias/orders"} {
			name := []string{"by key", "by alias"}[i]
			e := w.Single(functest.Requested(name, time.Now(), functest.M{"key": key, "policy": functest.Raw(functest.PolicyOf(functest.Elsewhere, name))}))
			if functest.Say(e) != "Applied" || e.Detail.Data.Object.Key != functest.ElsewhereObject || w.InForce(there) != name {
				t.Errorf("%s: %s of %+v, %s in force", name, functest.Say(e), e.Detail.Data.Object, w.InForce(there))
			}
			time.Sleep(time.Minute)
		}
		for key, say := range map[string]string{
			"arn:aws:kms:eu-west-1:777788889999:key/" + functest.KeyID:                   "TARGET_ACCOUNTS",
			"arn:aws:kms:us-west-2:" + functest.Elsewhere + ":alias/orders":              "TARGET_REGIONS",
			"arn:aws-cn:kms:cn-north-1:" + functest.Elsewhere + ":key/" + functest.KeyID: "partition aws-cn",
		} {
			e := w.Single(functest.Requested("no", time.Now(), functest.M{"key": key, "policy": functest.Raw(functest.Policy("no"))}))
			if functest.Say(e) != "Rejected BAD_OBJECT_KEY" || !strings.Contains(e.Detail.Data.Error.Message, say) {
				t.Errorf("%s: %s: %+v", key, functest.Say(e), e.Detail.Data.Error)
			}
		}
	})
}

func TestWhatOnlyPlansReadsWithTheRoleThatCannotPut(t *testing.T) {
	elsewhere(t, functest.Targets("MODE", "plan"), func(w *functest.World) {
		e := w.Single(functest.Uploaded(functest.ElsewhereObject, ""))
		if e.Type != outcome.Planned || e.Detail.Data.Key.ARN != there || w.Puts() != 0 {
			t.Errorf("%s, %d puts", functest.Say(e), w.Puts())
		}
		for _, c := range w.Cloud.Calls() {
			if c.Action == "AssumeRole" && !strings.HasSuffix(c.Resource, "/"+target.DefaultPlanRole) {
				t.Errorf("it assumed %s", c.Resource)
			}
		}
	})
}
