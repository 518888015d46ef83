package converge_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
)

// repairs says what an event reports of the repair of each Region's drift.
func repairs(e outcome.Event) string {
	var list []string
	for _, r := range e.Detail.Data.Replicas {
		word := r.Region + " " + r.Outcome
		if r.Drift != nil {
			word += " " + string(r.Drift.Repair)
			if r.Drift.Author != nil {
				word += " by " + r.Drift.Author.ARN[strings.LastIndex(r.Drift.Author.ARN, "/")+1:]
			}
		}
		list = append(list, word)
	}
	return strings.Join(list, ", ")
}

// putIn counts the puts in a Region by keysmith.
func putIn(w *functest.World, region string) (n int) {
	for _, p := range w.Cloud.KMS.Puts() {
		if p.ARN == keyIn(region) {
			n++
		}
	}
	return n
}

func TestDriftOfOneKeyOfASetIsRepairedThereAndItsAuthorNamed(t *testing.T) {
	inSync(t, enforced(), func(w *functest.World) {
		trail := changedAt(w, keyIn("eu-west-1"), wider, jane)
		time.Sleep(5 * time.Minute)
		events := w.Outcomes(trail)
		if functest.SayAll(events) != "Drift Detected, Applied, Drift Resolved" || inForce(w, "us-east-1", "eu-west-1") != "new new" {
			t.Fatalf("%s; in force %s", functest.SayAll(events), inForce(w, "us-east-1", "eu-west-1"))
		}
		if got := repairs(events[0]); got != "us-east-1 InSync, eu-west-1 Drifted pending by jane" || events[0].Detail.Data.Drift.Author == nil {
			t.Error(got)
		}
		if got := replicas(events[1]); got != "us-east-1 InSync, eu-west-1 Applied" || events[1].Detail.Data.Replicas[1].Previous.History == "" {
			t.Errorf("%s: %+v", got, events[1].Detail.Data.Replicas[1].Previous)
		}
		if putIn(w, "us-east-1") != 1 || putIn(w, "eu-west-1") != 2 || w.Status(setObject).Drift != nil {
			t.Errorf("%d and %d puts, %+v", putIn(w, "us-east-1"), putIn(w, "eu-west-1"), w.Status(setObject).Drift)
		}
		for _, again := range [][]byte{trail, sweepOfSet()} {
			if got := w.Outcomes(again); len(got) != 0 {
				t.Errorf("again: %s", functest.SayAll(got))
			}
		}
	})
}

func TestDriftOfTwoKeysOfASetIsRepairedForEach(t *testing.T) {
	inSync(t, enforced(), func(w *functest.World) {
		first := changedAt(w, keyIn("us-east-1"), wider, jane)
		changedAt(w, keyIn("eu-west-1"), functest.PolicyWith("wide", `"arn:aws:iam::111122223333:role/bob"`), jane)
		events := w.Outcomes(first) // nobody has told of the other one
		if got := functest.SayAll(events); got != "Drift Detected, Applied" || inForce(w, "us-east-1", "eu-west-1") != "new wide" {
			t.Fatalf("%s; in force %s", got, inForce(w, "us-east-1", "eu-west-1"))
		}
		if got := repairs(events[0]); got != "us-east-1 Drifted pending by jane, eu-west-1 Drifted pending" {
			t.Error(got)
		}
		if got := replicas(events[1]); got != "us-east-1 Applied, eu-west-1 Drifted" || w.Status(setObject).Drift == nil {
			t.Errorf("%s, drift %+v", got, w.Status(setObject).Drift)
		}
		before := len(w.Events())
		w.Drain("apply")
		if got := functest.SayAll(w.Events()[before:]); got != "Applied, Drift Resolved" || inForce(w, "us-east-1", "eu-west-1") != "new new" || w.Status(setObject).Drift != nil {
			t.Errorf("a quarter of an hour later: %s; in force %s", got, inForce(w, "us-east-1", "eu-west-1"))
		}
	})
}

// Neither waits for ever because the other one has another policy.
func TestTwoDriftsWithoutAnAuthorAreRepairedAfterAQuarterOfAnHour(t *testing.T) {
	inSync(t, enforced(), func(w *functest.World) {
		changedAt(w, keyIn("us-east-1"), wider, jane)
		if got := functest.SayAll(w.Outcomes(sweepOfSet())); got != "Drift Detected" {
			t.Fatal(got)
		}
		time.Sleep(8 * time.Minute)
		changedAt(w, keyIn("eu-west-1"), functest.PolicyWith("wide", `"arn:aws:iam::111122223333:role/bob"`), jane)
		if got := functest.SayAll(w.Outcomes(sweepOfSet())); got != "Drift Detected" {
			t.Fatal(got)
		}
		time.Sleep(8 * time.Minute)
		if w.Outcomes(sweepOfSet()); inForce(w, "us-east-1", "eu-west-1") != "new wide" {
			t.Errorf("after 16 and 8 minutes: %s", inForce(w, "us-east-1", "eu-west-1"))
		}
		if w.Drain("apply"); inForce(w, "us-east-1", "eu-west-1") != "new new" || w.Status(setObject).Drift != nil {
			t.Errorf("in the end: %s", inForce(w, "us-east-1", "eu-west-1"))
		}
	})
}

// A change that only removes access may be somebody's answer to an incident: it stays,
// whatever happens to the other keys.
func TestWhatOnlyRemovesAccessStaysThoughAnotherKeyIsRepaired(t *testing.T) {
	inSync(t, enforced(), func(w *functest.World) {
		changedAt(w, keyIn("us-east-1"), narrower, jane)
		trail := changedAt(w, keyIn("eu-west-1"), wider, jane)
		events := w.Outcomes(trail)
		if got := functest.SayAll(events); got != "Drift Detected, Applied" || inForce(w, "us-east-1", "eu-west-1") != "narrower new" {
			t.Fatalf("%s; in force %s", got, inForce(w, "us-east-1", "eu-west-1"))
		}
		if got := repairs(events[0]); got != "us-east-1 Drifted held, eu-west-1 Drifted pending by jane" {
			t.Error(got)
		}
		for day := range 3 {
			for range 4 {
				if got := functest.SayAll(swept(w)); got != "" || inForce(w, "us-east-1", "eu-west-1") != "narrower new" {
					t.Fatalf("day %d: %s; in force %s", day, got, inForce(w, "us-east-1", "eu-west-1"))
				}
			}
			time.Sleep(20 * time.Hour)
			events := w.Outcomes(sweepOfSet())
			if got := functest.SayAll(events); got != "Drift Detected" || repairs(events[0]) != "us-east-1 Drifted held, eu-west-1 InSync" || repairOf(w) != outcome.RepairHeld {
				t.Fatalf("day %d: %s, %s", day, got, repairOf(w))
			}
		}
		if !strings.Contains(w.EMF.String(), `"HeldLong":1`) {
			t.Error("no metric says that it has been held for a day")
		}
		w.Cloud.S3.Put(functest.Bucket, setObject, []byte(functest.Policy("new")), nil)
		if got := functest.SayAll(w.Outcomes(functest.Uploaded(setObject, ""))); got != "Applied, Drift Resolved" || inForce(w, "us-east-1", "eu-west-1") != "new new" {
			t.Errorf("uploaded again: %s; in force %s", got, inForce(w, "us-east-1", "eu-west-1"))
		}
	})
}

func TestAFightAboutOneKeyOfASetIsContestedThereAlone(t *testing.T) {
	inSync(t, enforced(), func(w *functest.World) {
		for round := range 3 {
			if w.Outcomes(changedAt(w, keyIn("eu-west-1"), wider, jane)); inForce(w, "eu-west-1") != "new" {
				t.Fatalf("round %d: %s in force", round, inForce(w, "eu-west-1"))
			}
			time.Sleep(20 * time.Minute)
		}
		w.Outcomes(changedAt(w, keyIn("eu-west-1"), wider, jane))
		if repairOf(w) != outcome.RepairContested || inForce(w, "us-east-1", "eu-west-1") != "new wider" {
			t.Fatalf("%s; in force %s", repairOf(w), inForce(w, "us-east-1", "eu-west-1"))
		}
		time.Sleep(20 * time.Minute)
		events := w.Outcomes(changedAt(w, keyIn("us-east-1"), wider, jane))
		if got := functest.SayAll(events); got != "Drift Detected, Applied" || inForce(w, "us-east-1", "eu-west-1") != "new wider" {
			t.Errorf("the other key: %s; in force %s", got, inForce(w, "us-east-1", "eu-west-1"))
		}
		for _, e := range events {
			if got := repairs(e); !strings.HasSuffix(got, "eu-west-1 Drifted contested by jane") {
				t.Errorf("%s: %s", functest.Say(e), got)
			}
		}
		for range 3 {
			if got := functest.SayAll(swept(w)); got != "" || inForce(w, "us-east-1", "eu-west-1") != "new wider" {
				t.Errorf("later: %s; in force %s", got, inForce(w, "us-east-1", "eu-west-1"))
			}
		}
	})
}

func TestAHoldFreezesEachKeyOfASet(t *testing.T) {
	inSync(t, enforced(), func(w *functest.World) {
		w.Cloud.S3.Put(functest.Bucket, objectkey.Hold(setObject), []byte(`{"reason": "incident", "until": "2100-01-01T00:00:00Z"}`), nil)
		puts := w.Puts()
		changedAt(w, keyIn("us-east-1"), wider, jane)
		events := w.Outcomes(changedAt(w, keyIn("eu-west-1"), wider, jane))
		if got := functest.SayAll(events); got != "Drift Detected" || repairs(events[0]) != "us-east-1 Drifted held, eu-west-1 Drifted held by jane" || w.Puts() != puts {
			t.Fatalf("%s: %s", got, repairs(events[0]))
		}
		w.Cloud.S3.Put(functest.Bucket, setObject, []byte(functest.Policy("newer")), nil)
		if got := functest.SayAll(w.Outcomes(functest.Uploaded(setObject, ""))); got != "Rejected HELD" || w.Puts() != puts {
			t.Errorf("an upload: %s", got)
		}
		w.Cloud.S3.Delete(functest.Bucket, objectkey.Hold(setObject))
		if got := functest.SayAll(swept(w)); got != "Applied, Drift Resolved" || inForce(w, "us-east-1", "eu-west-1") != "newer newer" {
			t.Errorf("when it has ended: %s; in force %s", got, inForce(w, "us-east-1", "eu-west-1"))
		}
	})
}

// A Region that is down during a repair keeps no other key from its own.
func TestARegionThatIsDownDelaysNoRepairElsewhere(t *testing.T) {
	inSync(t, enforced(), func(w *functest.World) {
		end := w.Cloud.Fault(fakeaws.Fault{Service: "kms", Region: "us-east-1", Kind: fakeaws.Refuse, Code: "ServiceUnavailableException"})
		trail := changedAt(w, keyIn("eu-west-1"), wider, jane)
		before := len(w.Events())
		if _, err := w.Invoke(trail); err == nil || inForce(w, "eu-west-1") != "new" {
			t.Fatalf("%v; in force %s", err, inForce(w, "eu-west-1"))
		}
		events := w.Events()[before:]
		if got := functest.SayAll(events); got != "Drift Detected, Failed INTERNAL, Drift Resolved" || replicas(events[1]) != "us-east-1 Failed INTERNAL, eu-west-1 Applied" {
			t.Errorf("%s: %s", got, replicas(events[len(events)-1]))
		}
		end()
		if got := functest.SayAll(w.Outcomes(sweepOfSet())); got != "" || w.Status(setObject).Drift != nil {
			t.Errorf("when it is there again: %s", got)
		}
	})
}

// A new replica in a Region that cannot be reached for long gets the policy when it can
// be, and one key that cannot be reached keeps no other from its repair.
func TestAKeyOfASetThatCannotBeReachedForHoursIsTakenUpAgain(t *testing.T) {
	for name, isNew := range map[string]bool{"a new replica": true, "a replica that was in sync": false} {
		t.Run(name, func(t *testing.T) {
			inSync(t, enforced("TARGET_REGIONS", "us-east-1,eu-west-1,eu-north-1"), func(w *functest.World) {
				region := "eu-west-1"
				if isNew {
					region = "eu-north-1"
					member(w, region)
				}
				end := w.Cloud.Fault(fakeaws.Fault{Service: "kms", Region: region, Kind: fakeaws.Refuse, Code: "AccessDeniedException"})
				if got := functest.SayAll(w.Outcomes(functest.Old(sweepOfSet()))); got != "Failed ACCESS_DENIED" {
					t.Fatal(got)
				}
				for range 3 {
					time.Sleep(time.Hour)
					if got := functest.SayAll(w.Outcomes(functest.Old(sweepOfSet()))); got != "" {
						t.Errorf("again: %s", got)
					}
				}
				trail := changedAt(w, keyIn("us-east-1"), wider, jane)
				before := len(w.Events())
				if _, _ = w.Invoke(functest.Old(trail)); inForce(w, "us-east-1") != "new" {
					t.Errorf("the drift of another key is not repaired: %s", functest.SayAll(w.Events()[before:]))
				}
				if !isNew {
					changedAt(w, keyIn(region), wider, jane)
				}
				end()
				time.Sleep(time.Hour)
				before = len(w.Events())
				w.Outcomes(sweepOfSet())
				w.Drain("apply")
				if s := w.Status(setObject); inForce(w, "us-east-1", region) != "new new" || s.Error != nil || s.Drift != nil {
					t.Errorf("%s: in force %s, %+v", functest.SayAll(w.Events()[before:]), inForce(w, "us-east-1", region), s)
				}
				if got := functest.SayAll(swept(w)); got != "" {
					t.Errorf("and then: %s", got)
				}
			})
		})
	}
}

func TestTheBrakeIsReportedOnceForASet(t *testing.T) {
	inSync(t, enforced("CHANGES_PER_HOUR", "2"), func(w *functest.World) {
		w.Outcomes(changedAt(w, keyIn("us-east-1"), wider, jane))
		w.Outcomes(changedAt(w, keyIn("eu-west-1"), wider, jane))
		time.Sleep(16 * time.Minute)
		before := len(w.Events())
		trail := changedAt(w, keyIn("eu-west-1"), wider, jane)
		for range 3 {
			if back := w.Batch(trail); back != "m0" {
				t.Errorf("returned %q", back)
			}
		}
		if got := functest.SayAll(w.Events()[before:]); got != "Drift Detected, Failed BRAKE" {
			t.Error(got)
		}
		time.Sleep(time.Hour)
		if w.Batch(trail); inForce(w, "us-east-1", "eu-west-1") != "new new" || w.Status(setObject).Drift != nil {
			t.Errorf("with a token: %s", inForce(w, "us-east-1", "eu-west-1"))
		}
	})
}
