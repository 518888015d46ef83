package converge_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/target"
)

// changedAt is somebody who puts a policy on any key, and what CloudTrail reports of it.
func changedAt(w *functest.World, arn, text, who string) []byte {
	key, _ := objectkey.ParseARN(arn)
	w.Cloud.KMS.SetPolicy(arn, strings.ReplaceAll(text, functest.Account, key.Account))
	now := time.Now().UTC().Format(time.RFC3339)
	return functest.JSON(functest.M{
		"id": "trail-" + key.Region, "source": "aws.kms", "detail-type": "AWS API Call via CloudTrail", "account": key.Account, "time": now, "region": key.Region,
		"detail": functest.M{
			"eventName": "PutKeyPolicy", "eventTime": now, "eventID": fmt.Sprint("id-", key.Region, time.Now().Unix()),
			"recipientAccountId": key.Account, "sourceIPAddress": "192.0.2.44", "userAgent": "aws-cli",
			"userIdentity": functest.M{"arn": who}, "resources": []functest.M{{"ARN": arn}},
		},
	})
}

func enforced(more ...string) map[string]string {
	return functest.Targets(append([]string{"DRIFT_MODE", "enforce"}, more...)...)
}

// appliedElsewhere plays a scene with a key of another account, whose policy was
// applied an hour ago.
func appliedElsewhere(t *testing.T, env map[string]string, scene func(*functest.World)) {
	t.Helper()
	elsewhere(t, env, func(w *functest.World) {
		if e := w.Single(functest.Uploaded(functest.ElsewhereObject, "")); functest.Say(e) != "Applied" {
			w.Fatal(functest.Say(e))
		}
		w.Cloud.KMS.AddPrincipal("arn:aws:iam::" + functest.Elsewhere + ":role/bob")
		time.Sleep(time.Hour)
		scene(w)
	})
}

const janeThere = "arn:aws:sts::" + functest.Elsewhere + ":assumed-role/admin/jane"

func TestAKeyOfAnotherAccountIsRepairedWithTheRoleThatPutsThere(t *testing.T) {
	appliedElsewhere(t, enforced(), func(w *functest.World) {
		events := w.Outcomes(changedAt(w, there, wider, janeThere))
		if got := functest.SayAll(events); got != "Drift Detected, Applied, Drift Resolved" || w.InForce(there) != "new" {
			t.Fatalf("%s; %s in force", got, w.InForce(there))
		}
		if a := events[0].Detail.Data.Drift.Author; a == nil || a.ARN != janeThere || a.ReportedBy != functest.Elsewhere {
			t.Errorf("the author is %+v", a)
		}
		puts := w.Cloud.KMS.Puts()
		if last := puts[len(puts)-1]; last.ARN != there || !strings.Contains(last.Caller, functest.Elsewhere+":assumed-role/"+target.DefaultRole+"/") {
			t.Errorf("put by %s on %s", last.Caller, last.ARN)
		}
		if got := w.Outcomes(functest.Reconcile(functest.ElsewhereObject, "sweep")); len(got) != 0 {
			t.Errorf("a sweep: %s", functest.SayAll(got))
		}
	})
}

func TestARoleThatIsMissingDuringARepairIsNamedAndTheRepairMadeWhenItIsBack(t *testing.T) {
	for name, away := range map[string]time.Duration{"for minutes": 4 * time.Minute, "for hours": 5 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			appliedElsewhere(t, enforced(), func(w *functest.World) {
				trail := changedAt(w, there, wider, janeThere)
				w.Cloud.RemoveRole(roleThere)
				before := len(w.Events())
				if _, err := w.Invoke(trail); err == nil {
					t.Error("the message is acknowledged")
				}
				events := w.Events()[before:]
				if e := events[0].Detail.Data.Error; functest.SayAll(events) != "Failed ACCESS_DENIED" || !e.Retryable || !strings.Contains(e.Message, roleThere) {
					t.Fatalf("%s: %+v", functest.SayAll(events), e)
				}
				time.Sleep(away)
				if away > time.Hour {
					if got := functest.SayAll(w.Outcomes(functest.Old(trail))); got != "Failed ACCESS_DENIED" {
						t.Errorf("when it is too old: %s", got)
					}
					for range 3 {
						time.Sleep(time.Hour)
						if got := functest.SayAll(w.Outcomes(functest.Old(functest.Reconcile(functest.ElsewhereObject, "sweep")))); got != "" {
							t.Errorf("and then: %s", got)
						}
					}
				}
				w.DeployRoles(functest.Elsewhere)
				w.Cloud.KMS.SetIAM(roleThere, true)
				before = len(w.Events())
				w.Outcomes(functest.Old(trail))
				w.Outcomes(functest.Reconcile(functest.ElsewhereObject, "sweep"))
				w.Drain("apply")
				if s := w.Status(functest.ElsewhereObject); w.InForce(there) != "new" || s.Drift != nil || s.Error != nil {
					t.Errorf("when it is back: %s; %s in force; %+v", functest.SayAll(w.Events()[before:]), w.InForce(there), s)
				}
			})
		})
	}
}

// The same of a set in another account.
func TestASetOfAnotherAccountIsRepaired(t *testing.T) {
	elsewhere(t, enforced("TARGET_REGIONS", "eu-north-1,eu-west-1"), func(w *functest.World) {
		object, at := objectkey.ForSet(functest.Elsewhere, mrkID), func(region string) string {
			return strings.ReplaceAll(keyIn(region), functest.Account, functest.Elsewhere)
		}
		for _, region := range []string{"eu-north-1", "eu-west-1"} {
			w.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: mrkID, Account: functest.Elsewhere, MultiRegion: true, Region: region, Primary: "eu-west-1", Policy: functest.PolicyOf(functest.Elsewhere, "old")})
		}
		w.Cloud.KMS.AddPrincipal("arn:aws:iam::" + functest.Elsewhere + ":role/bob")
		w.Cloud.S3.Put(functest.Bucket, object, []byte(functest.PolicyOf(functest.Elsewhere, "new")), nil)
		w.Single(functest.Uploaded(object, ""))
		time.Sleep(time.Hour)
		events := w.Outcomes(changedAt(w, at("eu-north-1"), wider, janeThere))
		if got := functest.SayAll(events); got != "Drift Detected, Applied, Drift Resolved" || w.InForce(at("eu-north-1")) != "new" || w.Puts() != 3 {
			t.Errorf("%s; %s in force, %d puts", got, w.InForce(at("eu-north-1")), w.Puts())
		}
	})
}
