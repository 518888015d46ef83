package sweep_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/target"
)

// targets makes accounts exist, with the role that reads, and names them to the
// function.
func (w *world) targets(regions string, accounts ...string) {
	w.cloud.SetCaller("arn:aws:iam::" + account + ":role/sweep")
	w.env["TARGET_ACCOUNTS"], w.env["TARGET_REGIONS"] = strings.Join(accounts, ","), regions
	for _, a := range accounts {
		w.cloud.AddRole(fakeaws.Role{ARN: planRole(a), Trust: fmt.Sprintf(
			`{"Statement": [{"Effect": "Allow", "Principal": {"AWS": %q}, "Action": "sts:AssumeRole"}]}`, account)})
	}
}

func planRole(account string) string {
	return "arn:aws:iam::" + account + ":role/" + target.DefaultPlanRole
}

// keyIn makes a key exist in an account and Region; with an object, if that is
// wanted. It returns its ARN and the name of the object.
func (w *world) keyIn(account, region, id string, object bool) (arn, name string) {
	arn = w.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: id, Account: account, Region: region, MultiRegion: objectkey.IsMultiRegion(id)})
	name = objectkey.ForKey(account, region, id)
	if object {
		w.cloud.S3.Put(bucket, name, []byte("{}"), nil)
	}
	return arn, name
}

func TestASweepReachesEveryTarget(t *testing.T) {
	const a, b = "444455556666", "777788889999"
	const mrk, lost = "mrk-00000000000000000000000000000001", "mrk-00000000000000000000000000000002"
	play(t, 0, func(w *world) {
		w.targets("us-east-1,eu-west-1", a, b)
		_, there := w.keyIn(a, "eu-west-1", keyID(1), true)
		unmanaged, gone := w.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID(2), Account: a, Region: "us-east-1"}), objectkey.ForKey(b, "us-east-1", keyID(3))
		w.cloud.S3.Put(bucket, gone, []byte("{}"), nil)
		w.keyIn(b, "us-east-1", mrk, false)
		w.keyIn(b, "eu-west-1", mrk, false)
		set, noSet := objectkey.ForSet(b, mrk), objectkey.ForSet("", lost)
		w.cloud.S3.Put(bucket, set, []byte("{}"), nil)
		w.cloud.S3.Put(bucket, noSet, []byte("{}"), nil)
		notOurs := objectkey.ForKey("123412341234", "us-east-1", keyID(4))
		w.cloud.S3.Put(bucket, notOurs, []byte("{}"), nil)
		if answer := w.done("r1"); answer.Sent != 4 {
			t.Errorf("%+v", answer)
		}
		bodies := strings.Join(w.cloud.SQS.Bodies("reconcile"), " ")
		for object, want := range map[string]bool{there: true, gone: true, set: true, noSet: true, notOurs: false} {
			if strings.Contains(bodies, `"`+object+`"`) != want {
				t.Errorf("%s: want a message: %t; %s", object, want, bodies)
			}
		}
		u, r := w.unmanaged(), w.report().Report
		if !slices.Equal(u.Unmanaged, []string{unmanaged}) || !slices.Equal(u.Gone, []string{gone, noSet}) || len(r.Failed) > 0 || !slices.Equal(r.Unparsable.Objects, []string{notOurs}) {
			t.Errorf("%+v, %+v", u, r)
		}
		for _, c := range w.cloud.Calls() {
			if c.Service == "kms" && c.Account != account && !strings.Contains(c.Caller, ":assumed-role/"+target.DefaultPlanRole+"/") {
				t.Errorf("%s in %s by %s", c.Action, c.Account, c.Caller)
			}
		}
	})
}

// 200 accounts of which 7 have no role: those are named, and the others are done.
func TestAccountsWithoutARoleAreNamedAndTheOthersAreDone(t *testing.T) {
	play(t, 0, func(w *world) {
		var accounts []string
		for i := range 200 {
			accounts = append(accounts, fmt.Sprintf("4444%08d", i))
		}
		w.targets("us-east-1,eu-west-1", accounts...)
		var missing, want []string
		for i, a := range accounts {
			arn, _ := w.keyIn(a, "eu-west-1", keyID(1), i%2 == 0)
			switch {
			case i%30 == 1:
				missing = append(missing, a)
				w.cloud.RemoveRole(planRole(a))
			case i%2 == 1:
				want = append(want, arn)
			}
		}
		w.done("r1")
		r, u := w.report().Report, w.unmanaged()
		if len(missing) != 7 || len(r.Failed) != 7 || r.Sent != 100 || !r.Complete || !slices.Equal(u.Unmanaged, want) || len(u.Gone) > 0 {
			t.Fatalf("%d without a role, failed: %q, %d sent, %d unmanaged of %d, gone %v", len(missing), r.Failed, r.Sent, len(u.Unmanaged), len(want), u.Gone)
		}
		for i, a := range missing {
			for _, words := range []string{a, "eu-west-1, us-east-1", planRole(a), "scripts/target/target.yaml"} {
				if !strings.Contains(r.Failed[i], words) {
					t.Errorf("%q does not say %q", r.Failed[i], words)
				}
			}
		}
	})
}

// The pace is that of each account and Region, so that a sweep takes as long as
// the slowest of them.
func TestASweepGoesOverAllTargetsSideBySide(t *testing.T) {
	play(t, 0, func(w *world) {
		w.env["SWEEP_READS_PER_SECOND"] = "10"
		accounts := []string{"444455556666", "555566667777", "666677778888"}
		w.targets("us-east-1,eu-west-1", accounts...)
		for _, a := range accounts {
			for _, region := range []string{"us-east-1", "eu-west-1"} {
				for i := range 100 {
					w.keyIn(a, region, keyID(i), true)
				}
			}
		}
		start := time.Now()
		w.done("r1")
		if took := time.Since(start); took < 8*time.Second || took > 13*time.Second || w.cloud.SQS.Depth("reconcile") != 600 {
			t.Errorf("600 keys of six places, ten a second in each, took %s, %d messages", took, w.cloud.SQS.Depth("reconcile"))
		}
	})
}
