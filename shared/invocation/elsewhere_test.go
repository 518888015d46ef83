package invocation_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/status"
)

// trail is a call of PutKeyPolicy that CloudTrail reports in an account.
func trail(account, arn string) []byte {
	return functest.JSON(functest.M{
		"id": "trail-1", "source": "aws.kms", "detail-type": "AWS API Call via CloudTrail", "account": account,
		"time": time.Now().UTC().Format(time.RFC3339), "region": "eu-west-1",
		"detail": functest.M{
			"eventName": "PutKeyPolicy", "eventTime": time.Now().UTC().Format(time.RFC3339), "eventID": "e1", "recipientAccountId": account,
			"userIdentity": functest.M{"arn": "arn:aws:iam::" + account + ":user/jane"}, "resources": []functest.M{{"ARN": arn}},
		},
	})
}

func TestACallThatIsReportedElsewhereIsDriftOfTheObjectThere(t *testing.T) {
	functest.Play(t, functest.Targets(), func(w *functest.World) {
		w.DeployRoles(functest.Elsewhere)
		arn := w.KeyElsewhere(functest.Elsewhere, functest.ElsewhereRegion, functest.KeyID)
		w.Cloud.S3.Put(functest.Bucket, functest.ElsewhereObject, []byte(functest.PolicyOf(functest.Elsewhere, "new")), nil)
		w.Single(functest.Uploaded(functest.ElsewhereObject, ""))
		time.Sleep(time.Hour)
		w.Cloud.KMS.SetPolicy(arn, functest.PolicyOf(functest.Elsewhere, "by hand"))
		e := w.Single(trail(functest.Elsewhere, arn))
		d := e.Detail.Data
		if functest.Say(e) != "Drift Detected" || d.Object.Key != functest.ElsewhereObject || d.Key.ARN != arn || d.Drift.Author.ReportedBy != functest.Elsewhere ||
			d.Drift.Author.ARN != "arn:aws:iam::"+functest.Elsewhere+":user/jane" {
			t.Errorf("%s of %+v: %+v", functest.Say(e), d.Key, d.Drift)
		}
		if s := w.Status(functest.ElsewhereObject); s.Outcome != status.Applied || s.Drift == nil {
			t.Errorf("%+v", s)
		}
	})
}

// CloudTrail events of accounts and Regions that are no targets, and of keys without
// an object, change nothing and are reported to nobody.
func TestACallThatIsReportedOfNoTargetIsPassedOver(t *testing.T) {
	const stranger = "777788889999"
	functest.Play(t, functest.Targets(), func(w *functest.World) {
		w.DeployRoles(functest.Elsewhere)
		for account, arn := range map[string]string{
			stranger:           "arn:aws:kms:eu-west-1:" + stranger + ":key/" + functest.KeyID,
			functest.Elsewhere: "arn:aws:kms:us-west-2:" + functest.Elsewhere + ":key/" + functest.KeyID,
			functest.Account:   "arn:aws:kms:eu-west-1:" + functest.Account + ":key/mrk-1234abcd12ab34cd56ef1234567890ab",
		} {
			if back := w.Batch(trail(account, arn)); back != "" || len(w.Events()) > 0 {
				t.Errorf("%s: returned %q, %s", arn, back, functest.SayAll(w.Events()))
			}
		}
		for _, c := range w.Cloud.Calls() {
			if c.Account == stranger || c.Service == "kms" && strings.Contains(c.Resource, stranger) {
				t.Errorf("%s of %s", c.Action, c.Resource)
			}
		}
	})
}

// KMS counts calls for each account and Region, and so does keysmith.
func TestNoKeyWaitsForThePaceOfAnotherAccountOrRegion(t *testing.T) {
	functest.Play(t, functest.Targets("PUTS_PER_SECOND", "0.2"), func(w *functest.World) {
		w.DeployRoles(functest.Elsewhere)
		var bodies [][]byte
		add := func(object, account string) {
			w.Cloud.S3.Put(functest.Bucket, object, []byte(functest.PolicyOf(account, "new")), nil)
			bodies = append(bodies, functest.Uploaded(object, ""))
		}
		for _, id := range []string{functest.KeyID, functest.OtherID} {
			add(objectkey.For(id), functest.Account)
			for _, region := range []string{"us-east-1", "eu-west-1"} {
				w.KeyElsewhere(functest.Elsewhere, region, id)
				add(objectkey.ForKey(functest.Elsewhere, region, id), functest.Elsewhere)
			}
		}
		start := time.Now()
		if back := w.Batch(bodies...); back != "" {
			t.Errorf("returned %q", back)
		}
		// Two puts of each of three places, five seconds apart, and four of proof.
		if took := time.Since(start); w.Puts() != 6 || took > 12*time.Second || took < 5*time.Second {
			t.Errorf("%d puts in %s", w.Puts(), took)
		}
		last := map[string]time.Time{}
		for _, put := range w.Cloud.KMS.Puts() {
			place := put.ARN[:strings.LastIndex(put.ARN, ":")]
			if gap := put.Time.Sub(last[place]); gap < 4900*time.Millisecond {
				t.Errorf("two puts in %s after %s", place, gap)
			}
			last[place] = put.Time
		}
	})
}
