package converge_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
)

const mrkID = "mrk-1234abcd12ab34cd56ef1234567890ab"

var setObject = objectkey.ForSet("", mrkID)

// sets plays a scene with a multi-Region set, primary in us-east-1 and a replica in
// eu-west-1, and its object, which was not handled so far.
func sets(t *testing.T, env map[string]string, scene func(*functest.World)) {
	t.Helper()
	functest.Play(t, env, func(w *functest.World) {
		member(w, "us-east-1")
		member(w, "eu-west-1")
		w.Cloud.S3.Put(functest.Bucket, setObject, []byte(functest.Policy("new")), nil)
		scene(w)
	})
}

func member(w *functest.World, region string) {
	w.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: mrkID, MultiRegion: true, Region: region, Primary: "us-east-1", Policy: functest.Policy("old")})
}

func keyIn(region string) string {
	return "arn:aws:kms:" + region + ":" + functest.Account + ":key/" + mrkID
}

// inForce says what is in force in each Region.
func inForce(w *functest.World, regions ...string) string {
	var list []string
	for _, region := range regions {
		list = append(list, w.InForce(keyIn(region)))
	}
	return strings.Join(list, " ")
}

// replicas says what an event reports of each Region.
func replicas(e outcome.Event) string {
	var list []string
	for _, r := range e.Detail.Data.Replicas {
		words := r.Region + " " + r.Outcome
		if r.Error != nil {
			words += " " + string(r.Error.Code)
		}
		list = append(list, words)
	}
	return strings.Join(list, ", ")
}

func TestEveryKeyOfASetGetsThePolicyAndThereIsOneOutcome(t *testing.T) {
	sets(t, functest.Targets(), func(w *functest.World) {
		e := w.Single(functest.Uploaded(setObject, ""))
		if functest.Say(e) != "Applied" || replicas(e) != "us-east-1 Applied, eu-west-1 Applied" || !e.Detail.Data.Changed || e.Detail.Data.Key.ARN != keyIn("us-east-1") {
			t.Fatalf("%s: %s, %+v", functest.Say(e), replicas(e), e.Detail.Data.Key)
		}
		if got := inForce(w, "us-east-1", "eu-west-1"); got != "new new" || w.Puts() != 2 {
			t.Errorf("%s, %d puts", got, w.Puts())
		}
		for _, r := range e.Detail.Data.Replicas {
			if r.ARN != keyIn(r.Region) || r.Verification == nil || r.Verification.Reads < 5 || !slices.Contains(e.Resources, r.ARN) {
				t.Errorf("%+v, resources %v", r, e.Resources)
			}
		}
		s := w.Status(setObject)
		if s == nil || len(s.Replicas) != 2 || s.LastApplied == nil {
			t.Errorf("%+v", s)
		}
		for _, region := range []string{"us-east-1", "eu-west-1"} {
			if kept := w.Cloud.S3.Keys(functest.Bucket, "history/"+functest.Account+"/"+region+"/"+mrkID+"/"); len(kept) != 1 {
				t.Errorf("history in %s: %v", region, kept)
			}
		}
		before := w.Puts()
		if got := w.Outcomes(functest.Reconcile(setObject, "sweep")); len(got) != 0 || w.Puts() != before {
			t.Errorf("in sync: %s, %d puts", functest.SayAll(got), w.Puts()-before)
		}
	})
}

func TestARegionThatIsDownLeavesTheOthersAppliedAndTheSetFailed(t *testing.T) {
	for name, fault := range map[string]fakeaws.Fault{
		"down":    {Service: "kms", Region: "eu-west-1", Kind: fakeaws.Refuse, Code: "ServiceUnavailableException"},
		"hanging": {Service: "kms", Region: "eu-west-1", Kind: fakeaws.Hang},
		"refuses": {Service: "kms", Action: "PutKeyPolicy", Region: "eu-west-1", Kind: fakeaws.Refuse, Code: "AccessDeniedException"},
	} {
		t.Run(name, func(t *testing.T) {
			sets(t, functest.Targets(), func(w *functest.World) {
				end := w.Cloud.Fault(fault)
				_, err := w.Invoke(functest.Uploaded(setObject, ""))
				events := w.Events()
				if err == nil || len(events) != 1 || events[0].Type != outcome.Failed || !events[0].Detail.Data.Error.Retryable {
					t.Fatalf("%v, %s", err, functest.SayAll(events))
				}
				d := events[0].Detail.Data
				if got := inForce(w, "us-east-1", "eu-west-1"); got != "new old" || !strings.HasPrefix(replicas(events[0]), "us-east-1 Applied, eu-west-1 Failed") ||
					!strings.Contains(d.Error.Message, "eu-west-1: ") || !strings.Contains(d.Error.Message, "in force in us-east-1") {
					t.Errorf("%s in force; %s; %s", got, replicas(events[0]), d.Error.Message)
				}
				end()
				if e := w.Single(functest.Reconcile(setObject, "sweep")); functest.Say(e) != "Applied" || inForce(w, "us-east-1", "eu-west-1") != "new new" {
					t.Errorf("healed: %s, %s, %s in force", functest.Say(e), replicas(e), inForce(w, "us-east-1", "eu-west-1"))
				}
			})
		})
	}
}

func TestAPolicyThatIsRefusedForOneKeyIsPutOnNone(t *testing.T) {
	sets(t, functest.Targets(), func(w *functest.World) {
		w.Cloud.KMS.SetPolicy(keyIn("eu-west-1"), functest.Policy("by hand"))
		digest := w.Single(functest.Requested("look", time.Now(), functest.M{"object": setObject, "dryRun": true})).Detail.Data.Previous.CanonicalSHA256
		w.Cloud.S3.Put(functest.Bucket, setObject, []byte(functest.Policy("new")), map[string]string{"expected-previous": digest})
		e := w.Single(functest.Uploaded(setObject, ""))
		if functest.Say(e) != "Rejected STALE" || w.Puts() != 0 || inForce(w, "us-east-1", "eu-west-1") != "old by hand" {
			t.Errorf("%s: %s, %d puts", functest.Say(e), replicas(e), w.Puts())
		}
	})
}

func TestAReplicaThatAppearsGetsThePolicy(t *testing.T) {
	sets(t, functest.Targets("TARGET_REGIONS", "us-east-1,eu-west-1,eu-north-1"), func(w *functest.World) {
		w.Single(functest.Uploaded(setObject, ""))
		time.Sleep(time.Hour)
		member(w, "eu-north-1")
		for _, hint := range [][]byte{trailOf("ReplicateKey", keyIn("us-east-1")), functest.Reconcile(setObject, "sweep")} {
			before := len(w.Events())
			if _, err := w.Invoke(hint); err != nil {
				t.Fatal(err)
			}
			if got := functest.SayAll(w.Events()[before:]); before == 1 && got != "Applied" || before == 2 && got != "" {
				t.Errorf("after %d events: %s", before, got)
			}
		}
		e := w.Events()[1]
		if got := inForce(w, "us-east-1", "eu-west-1", "eu-north-1"); got != "new new new" || replicas(e) != "us-east-1 InSync, eu-north-1 Applied, eu-west-1 InSync" {
			t.Errorf("%s in force: %s", got, replicas(e))
		}
	})
}

func trailOf(call, arn string) []byte {
	return functest.JSON(functest.M{
		"id": "trail-1", "source": "aws.kms", "detail-type": "AWS API Call via CloudTrail", "account": functest.Account, "time": time.Now().UTC().Format(time.RFC3339),
		"detail": functest.M{
			"eventName": call, "eventTime": time.Now().UTC().Format(time.RFC3339), "eventID": "e1", "recipientAccountId": functest.Account,
			"userIdentity": functest.M{"arn": "arn:aws:iam::" + functest.Account + ":user/jane"}, "resources": []functest.M{{"ARN": arn}},
		},
	})
}

func TestDriftOfOneKeyIsDriftOfTheSetUntilItHasEnded(t *testing.T) {
	sets(t, functest.Targets(), func(w *functest.World) {
		w.Single(functest.Uploaded(setObject, ""))
		time.Sleep(time.Hour)
		w.Cloud.KMS.SetPolicy(keyIn("eu-west-1"), functest.Policy("by hand"))
		e := w.Single(trailOf("PutKeyPolicy", keyIn("eu-west-1")))
		if functest.Say(e) != "Drift Detected" || replicas(e) != "us-east-1 InSync, eu-west-1 Drifted" || e.Detail.Data.Drift.Author == nil {
			t.Errorf("%s: %s, %+v", functest.Say(e), replicas(e), e.Detail.Data.Drift)
		}
		if got := w.Outcomes(functest.Reconcile(setObject, "sweep")); len(got) != 0 {
			t.Errorf("again: %s", functest.SayAll(got))
		}
		w.Cloud.KMS.SetPolicy(keyIn("eu-west-1"), functest.Policy("new"))
		if e := w.Single(functest.Reconcile(setObject, "sweep")); functest.Say(e) != "Drift Resolved" || w.Status(setObject).Drift != nil {
			t.Errorf("%s, %+v", functest.Say(e), w.Status(setObject).Drift)
		}
	})
}

func TestAChangeOfThePrimaryIsNoDrift(t *testing.T) {
	sets(t, functest.Targets(), func(w *functest.World) {
		w.Single(functest.Uploaded(setObject, ""))
		time.Sleep(time.Hour)
		for _, region := range []string{"us-east-1", "eu-west-1"} {
			w.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: mrkID, MultiRegion: true, Region: region, Primary: "eu-west-1", Policy: functest.Policy("new")})
		}
		for _, hint := range [][]byte{trailOf("UpdatePrimaryRegion", keyIn("us-east-1")), functest.Reconcile(setObject, "sweep")} {
			if got := w.Outcomes(hint); len(got) != 0 || w.Puts() != 2 {
				t.Errorf("%s, %d puts", functest.SayAll(got), w.Puts())
			}
		}
	})
}

// Row 36.
func TestTwoObjectsForOneKeyAreBothRefusedUntilOneIsGone(t *testing.T) {
	key := objectkey.For(mrkID)
	sets(t, functest.Targets(), func(w *functest.World) {
		w.Cloud.S3.Put(functest.Bucket, key, []byte(functest.Policy("own")), nil)
		for object, other := range map[string]string{setObject: key, key: setObject} {
			e := w.Single(functest.Uploaded(object, ""))
			if functest.Say(e) != "Rejected BAD_OBJECT_KEY" || !strings.Contains(e.Detail.Data.Error.Message, other) || w.Puts() != 0 {
				t.Errorf("%s: %s: %+v", object, functest.Say(e), e.Detail.Data.Error)
			}
			if got := w.Outcomes(functest.Reconcile(object, "sweep")); len(got) != 0 {
				t.Errorf("%s again: %s", object, functest.SayAll(got))
			}
		}
		w.Cloud.S3.Delete(functest.Bucket, key)
		if e := w.Single(functest.Reconcile(setObject, "sweep")); functest.Say(e) != "Applied" || inForce(w, "us-east-1", "eu-west-1") != "new new" {
			t.Errorf("%s, %s", functest.Say(e), inForce(w, "us-east-1", "eu-west-1"))
		}
	})
}

func TestARequestForOneKeyOfASetStoresNothingBesideTheSet(t *testing.T) {
	sets(t, functest.Targets(), func(w *functest.World) {
		e := w.Single(functest.Requested("r1", time.Now(), functest.M{"key": keyIn("eu-west-1"), "policy": functest.Raw(functest.Policy("own"))}))
		if functest.Say(e) != "Rejected BAD_OBJECT_KEY" || !strings.Contains(e.Detail.Data.Error.Message, setObject) || len(w.Cloud.S3.Keys(functest.Bucket, "policies/")) != 1 {
			t.Errorf("%s: %+v", functest.Say(e), e.Detail.Data.Error)
		}
	})
}

func TestASetOutsideTheTargetsIsRefused(t *testing.T) {
	sets(t, functest.Targets("TARGET_REGIONS", "us-east-1"), func(w *functest.World) {
		e := w.Single(functest.Uploaded(setObject, ""))
		if functest.Say(e) != "Rejected BAD_OBJECT_KEY" || !strings.Contains(e.Detail.Data.Error.Message, "eu-west-1") || !strings.Contains(e.Detail.Data.Error.Message, "TARGET_REGIONS") || w.Puts() != 0 {
			t.Errorf("%s: %+v", functest.Say(e), e.Detail.Data.Error)
		}
	})
}

func TestASetThatDoesNotExistIsNotFound(t *testing.T) {
	functest.Play(t, functest.Targets(), func(w *functest.World) {
		w.Cloud.S3.Put(functest.Bucket, setObject, []byte(functest.Policy("new")), nil)
		if e := w.Single(functest.Old(functest.Uploaded(setObject, ""))); functest.Say(e) != "Failed NOT_FOUND" {
			t.Errorf("%s: %+v", functest.Say(e), e.Detail.Data.Error)
		}
		w.Cloud.S3.Delete(functest.Bucket, setObject)
		if got := w.Outcomes(functest.Uploaded(setObject, "")); len(got) != 0 {
			t.Errorf("deleted: %s", functest.SayAll(got))
		}
	})
}

func TestASetOfAnotherAccountWithoutAKeyInTheStacksRegion(t *testing.T) {
	elsewhere(t, functest.Targets("TARGET_REGIONS", "eu-north-1,eu-west-1"), func(w *functest.World) {
		object := objectkey.ForSet(functest.Elsewhere, mrkID)
		for _, region := range []string{"eu-north-1", "eu-west-1"} {
			w.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: mrkID, Account: functest.Elsewhere, MultiRegion: true, Region: region, Primary: "eu-west-1", Policy: functest.PolicyOf(functest.Elsewhere, "old")})
		}
		w.Cloud.S3.Put(functest.Bucket, object, []byte(functest.PolicyOf(functest.Elsewhere, "new")), nil)
		if e := w.Single(functest.Uploaded(object, "")); functest.Say(e) != "Applied" || replicas(e) != "eu-west-1 Applied, eu-north-1 Applied" || assumed(w) != 1 {
			t.Errorf("%s: %s, %d sessions", functest.Say(e), replicas(e), assumed(w))
		}
	})
}

// What a policy says of one Region only does not hold in the others.
func TestAPolicyThatDependsOnTheRegionSaysInWhichReplicaItDoesNotHold(t *testing.T) {
	for condition, value := range map[string]string{"kms:ViaService": "s3.us-east-1.amazonaws.com", "aws:RequestedRegion": "us-east-1"} {
		sets(t, functest.Targets(), func(w *functest.World) {
			text := strings.Replace(functest.Policy("new"), `"Resource": "*"}
  ]`, fmt.Sprintf(`"Resource": "*", "Condition": {"StringEquals": {%q: %q}}}
  ]`, condition, value), 1)
			w.Cloud.S3.Put(functest.Bucket, setObject, []byte(text), nil)
			e := w.Single(functest.Uploaded(setObject, ""))
			told := slices.ContainsFunc(e.Detail.Data.Findings, func(f keypolicy.Finding) bool {
				return strings.HasPrefix(f.Message, "For the key of the set in eu-west-1: ") && strings.Contains(f.Path, "Condition")
			})
			if functest.Say(e) != "Applied" || !told {
				t.Errorf("%s: %s, %+v", condition, functest.Say(e), e.Detail.Data.Findings)
			}
		})
	}
}
