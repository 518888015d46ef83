package converge_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/outcome"
)

var enforce = map[string]string{"DRIFT_MODE": "enforce"}

// Policies that somebody puts by hand: one that lets another role in, and one that
// only removes.
var (
	wider    = functest.PolicyWith("wider", `["arn:aws:iam::111122223333:role/alice", "arn:aws:iam::111122223333:role/bob"]`)
	narrower = `{"Version": "2012-10-17", "Id": "narrower", "Statement": [
		{"Sid": "root", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}]}`
)

// changedBy is somebody who puts a policy, and what CloudTrail reports of it.
func changedBy(w *functest.World, text, who string) []byte {
	w.Cloud.KMS.SetPolicy(functest.KeyID, text)
	return functest.JSON(functest.M{
		"id": "trail-1", "source": "aws.kms", "detail-type": "AWS API Call via CloudTrail", "account": functest.Account,
		"time": time.Now().UTC().Format(time.RFC3339), "region": "us-east-1",
		"detail": functest.M{
			"eventName": "PutKeyPolicy", "eventTime": time.Now().UTC().Format(time.RFC3339), "eventID": fmt.Sprint("id-", time.Now().Unix()),
			"recipientAccountId": functest.Account, "sourceIPAddress": "192.0.2.44", "userAgent": "aws-cli",
			"userIdentity": functest.M{"arn": who},
			"resources":    []functest.M{{"ARN": "arn:aws:kms:us-east-1:" + functest.Account + ":key/" + functest.KeyID}},
		},
	})
}

const jane = "arn:aws:sts::111122223333:assumed-role/bob/jane"

// verified uploads a policy and lets an hour pass.
func verified(w *functest.World) {
	w.Helper()
	if e := w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("new")))); functest.Say(e) != "Applied" {
		w.Fatal(functest.Say(e))
	}
	time.Sleep(time.Hour)
}

// repairOf is what the last drift event says is done about it.
func repairOf(w *functest.World) outcome.Repair {
	w.Helper()
	events := w.Events()
	for i := len(events) - 1; i >= 0; i-- {
		if d := events[i].Detail.Data.Drift; events[i].Type == outcome.DriftDetected && d != nil {
			return d.Repair
		}
	}
	w.Fatal("no drift was reported")
	return ""
}

func TestDriftThatGivesAccessIsRepairedAndItsAuthorNamed(t *testing.T) {
	functest.Play(t, enforce, func(w *functest.World) {
		verified(w)
		trail := changedBy(w, wider, jane)
		time.Sleep(5 * time.Minute) // as CloudTrail does
		events := w.Outcomes(trail)
		if functest.SayAll(events) != "Drift Detected, Applied, Drift Resolved" || w.InForce(functest.KeyID) != "new" {
			t.Fatalf("%s, %s in force", functest.SayAll(events), w.InForce(functest.KeyID))
		}
		d := events[0].Detail.Data
		a := d.Drift.Author
		if a == nil || a.ARN != jane || a.SourceIP != "192.0.2.44" || a.UserAgent != "aws-cli" || a.EventID == "" || a.ReportedBy != functest.Account {
			t.Errorf("the author is %+v", a)
		}
		if d.Trigger != "cloudtrail" || len(d.Access) == 0 || !events[1].Detail.Data.Changed || events[1].Detail.Data.Previous.History == "" {
			t.Errorf("%+v", d)
		}
		// The same event once more, and a sweep: nothing is left to say.
		for _, again := range [][]byte{trail, functest.Reconcile(functest.ObjectName, "sweep")} {
			if events := w.Outcomes(again); len(events) != 0 {
				t.Errorf("again: %s", functest.SayAll(events))
			}
		}
	})
}

func TestAChangeThatOnlyRemovesAccessIsHeldUntilTheObjectIsUploadedAgain(t *testing.T) {
	functest.Play(t, enforce, func(w *functest.World) {
		verified(w)
		events := w.Outcomes(changedBy(w, narrower, jane))
		if functest.SayAll(events) != "Drift Detected" || repairOf(w) != outcome.RepairHeld || w.InForce(functest.KeyID) != "narrower" {
			t.Fatalf("%s %s, %s in force", functest.SayAll(events), repairOf(w), w.InForce(functest.KeyID))
		}
		for day := range 3 {
			time.Sleep(25 * time.Hour)
			if events := w.Outcomes(functest.Reconcile(functest.ObjectName, "sweep")); functest.SayAll(events) != "Drift Detected" || w.InForce(functest.KeyID) != "narrower" {
				t.Errorf("day %d: %s", day, functest.SayAll(events))
			}
		}
		if !strings.Contains(w.EMF.String(), `"HeldLong":1`) {
			t.Error("no metric says that it has been held for a day")
		}
		events = w.Outcomes(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("new"))))
		if !strings.HasPrefix(functest.SayAll(events), "Applied") || w.InForce(functest.KeyID) != "new" {
			t.Errorf("uploaded again: %s, %s in force", functest.SayAll(events), w.InForce(functest.KeyID))
		}
	})
}

func TestWhatABreakGlassPrincipalChangedIsHeld(t *testing.T) {
	const statement = `{"Sid": "fire", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/carol"}, "Action": "kms:PutKeyPolicy", "Resource": "*"},`
	with := func(text string) string {
		return strings.Replace(text, `"Statement": [`, `"Statement": [`+statement, 1)
	}
	env := map[string]string{"DRIFT_MODE": "enforce", "BREAK_GLASS_PRINCIPALS": "arn:aws:iam::{account}:role/carol"}
	for who, want := range map[string]outcome.Repair{
		"arn:aws:sts::111122223333:assumed-role/carol/on-call": outcome.RepairHeld,
		"arn:aws:iam::111122223333:role/carol":                 outcome.RepairHeld,
		"arn:aws:sts::444455556666:assumed-role/carol/on-call": outcome.RepairPending,
		"arn:aws:sts::111122223333:assumed-role/caroline/x":    outcome.RepairPending,
		"arn:aws:iam::111122223333:user/carol":                 outcome.RepairPending,
	} {
		t.Run(who, func(t *testing.T) {
			functest.Play(t, env, func(w *functest.World) {
				w.Single(functest.Uploaded(functest.ObjectName, w.Upload(with(functest.Policy("new")))))
				time.Sleep(time.Hour)
				w.Outcomes(changedBy(w, with(wider), who))
				repaired := w.InForce(functest.KeyID) == "new"
				if got := repairOf(w); got != want || repaired != (want == outcome.RepairPending) {
					t.Errorf("%s, repaired: %v; want %s", got, repaired, want)
				}
			})
		})
	}
}

// Without an author it waits for a quarter of an hour, and looks again by itself.
func TestDriftWithoutAnAuthorIsPendingAndThenRepaired(t *testing.T) {
	functest.Play(t, enforce, func(w *functest.World) {
		verified(w)
		changedBy(w, wider, jane)
		if events := w.Outcomes(functest.Reconcile(functest.ObjectName, "sweep")); functest.SayAll(events) != "Drift Detected" || repairOf(w) != outcome.RepairPending {
			t.Fatalf("%s %s", functest.SayAll(events), repairOf(w))
		}
		began := time.Now()
		w.Drain("apply")
		if took := time.Since(began); took < 15*time.Minute || w.InForce(functest.KeyID) != "new" {
			t.Errorf("after %s: %s in force, %s", took, w.InForce(functest.KeyID), functest.SayAll(w.Events()))
		}
	})
}

func TestTheAuthorEndsTheWaiting(t *testing.T) {
	functest.Play(t, enforce, func(w *functest.World) {
		verified(w)
		trail := changedBy(w, wider, jane)
		w.Outcomes(functest.Reconcile(functest.ObjectName, "sweep"))
		time.Sleep(3 * time.Minute)
		events := w.Outcomes(trail)
		if functest.SayAll(events) != "Drift Detected, Applied, Drift Resolved" || events[0].Detail.Data.Drift.Author == nil {
			t.Errorf("%s", functest.SayAll(events))
		}
	})
}

// A read that shows what was repaired a moment ago is no fight.
func TestAStaleReadAfterARepairIsNoFight(t *testing.T) {
	functest.Play(t, enforce, func(w *functest.World) {
		verified(w)
		w.Outcomes(changedBy(w, wider, jane))
		puts := w.Puts()
		w.Cloud.KMS.SetPolicy(functest.KeyID, wider) // as the reads show it
		if back := w.Batch(functest.Reconcile(functest.ObjectName, "sweep")); back != "m0" || w.Puts() != puts {
			t.Errorf("returned %q, %d puts", back, w.Puts()-puts)
		}
	})
}

// What was never in sync is not repaired: nobody knows what belongs there.
func TestAKeyThatWasNeverVerifiedIsNotRepaired(t *testing.T) {
	functest.Play(t, enforce, func(w *functest.World) {
		w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Typo)))
		if events := w.Outcomes(changedBy(w, wider, jane)); w.Puts() != 0 {
			t.Errorf("%s, %d puts", functest.SayAll(events), w.Puts())
		}
	})
}

func TestAHeldKeyIsNotRepaired(t *testing.T) {
	functest.Play(t, enforce, func(w *functest.World) {
		verified(w)
		freeze(w, 2*time.Hour)
		w.Outcomes(changedBy(w, wider, jane))
		if repairOf(w) != outcome.RepairHeld || w.InForce(functest.KeyID) != "wider" {
			t.Errorf("%s, %s in force", repairOf(w), w.InForce(functest.KeyID))
		}
		w.Cloud.S3.Delete(functest.Bucket, holdName)
		w.Outcomes(functest.Reconcile(functest.ObjectName, "sweep")) // what the deletion leads to
		if w.InForce(functest.KeyID) != "new" {
			t.Errorf("after the hold: %s, %s in force", functest.SayAll(w.Events()), w.InForce(functest.KeyID))
		}
	})
}

// KMS shows a principal that was deleted by its unique id, and would refuse the
// bucket's policy. Nobody keeps keysmith from a repair by adding such an id.
func TestADeletedPrincipalIsReportedAndNotRepaired(t *testing.T) {
	for in, want := range map[string]outcome.Repair{
		`["AROAIOSFODNN7EXAMPLE"]`:                                       outcome.RepairNone,
		`["AROAIOSFODNN7EXAMPLE", "arn:aws:iam::111122223333:role/bob"]`: outcome.RepairPending,
		`["AROAIOSFODNN7EXAMPLE", "arn:aws:iam::111122223333:role/alice", "arn:aws:iam::111122223333:role/bob"]`: outcome.RepairPending,
	} {
		functest.Play(t, enforce, func(w *functest.World) {
			verified(w)
			events := w.Outcomes(changedBy(w, functest.PolicyWith("deleted", in), jane))
			left := w.InForce(functest.KeyID) == "deleted"
			if got := repairOf(w); got != want || left != (want == outcome.RepairNone) {
				t.Errorf("%s: %s, %s in force", in, got, w.InForce(functest.KeyID))
			}
			if told := strings.Contains(string(functest.JSON(events[0].Detail.Data.Findings)), "principal-deleted"); told != left {
				t.Errorf("%s: %+v", in, events[0].Detail.Data.Findings)
			}
		})
	}
}

// Who put one policy need not have put the next one.
func TestTheAuthorOfOnePolicyIsNotBlamedForTheNext(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		verified(w)
		w.Outcomes(changedBy(w, wider, jane))
		time.Sleep(time.Hour)
		w.Cloud.KMS.SetPolicy(functest.KeyID, narrower)
		e := w.Single(functest.Reconcile(functest.ObjectName, "sweep"))
		if functest.Say(e) != "Drift Detected" || e.Detail.Data.Drift.Author != nil {
			t.Errorf("%s: %+v", functest.Say(e), e.Detail.Data.Drift)
		}
	})
}

// And what they put counts as seen first when it was.
func TestAnotherPolicyWithoutAnAuthorIsPendingAgain(t *testing.T) {
	functest.Play(t, enforce, func(w *functest.World) {
		verified(w)
		w.Outcomes(changedBy(w, narrower, jane)) // held
		time.Sleep(2 * time.Hour)
		w.Cloud.KMS.SetPolicy(functest.KeyID, wider)
		w.Outcomes(functest.Reconcile(functest.ObjectName, "sweep"))
		if got := repairOf(w); got != outcome.RepairPending || w.InForce(functest.KeyID) != "wider" {
			t.Fatalf("%s, %s in force", got, w.InForce(functest.KeyID))
		}
		w.Drain("apply")
		if w.InForce(functest.KeyID) != "new" {
			t.Errorf("a quarter of an hour later %s is in force", w.InForce(functest.KeyID))
		}
	})
}

// The author of an earlier change did not make the one that is found.
func TestAnOldEventNamesNobody(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		old := changedBy(w, wider, jane)
		time.Sleep(time.Hour)
		verified(w)
		w.Cloud.KMS.SetPolicy(functest.KeyID, narrower)
		e := w.Single(old)
		if functest.Say(e) != "Drift Detected" || e.Detail.Data.Drift.Author != nil {
			t.Errorf("%s: %+v", functest.Say(e), e.Detail.Data.Drift)
		}
	})
}

func TestTheBrakeHoldsRepairsToo(t *testing.T) {
	functest.Play(t, map[string]string{"DRIFT_MODE": "enforce", "CHANGES_PER_HOUR": "1"}, func(w *functest.World) {
		verified(w)
		w.Outcomes(changedBy(w, wider, jane))
		time.Sleep(2 * time.Minute)
		before := len(w.Events())
		trail := changedBy(w, wider, jane)
		for range 3 {
			if back := w.Batch(trail); back != "m0" || w.InForce(functest.KeyID) != "wider" {
				t.Errorf("returned %q, %s in force", back, w.InForce(functest.KeyID))
			}
		}
		if got := functest.SayAll(w.Events()[before:]); got != "Drift Detected, Failed BRAKE" {
			t.Errorf("%s", got)
		}
		time.Sleep(time.Hour)
		if w.Batch(trail); w.InForce(functest.KeyID) != "new" {
			t.Errorf("when there is a token: %s in force", w.InForce(functest.KeyID))
		}
	})
}
