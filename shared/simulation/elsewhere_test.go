package simulation

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/effort"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
	"github.com/keysmith/keysmith/shared/target"
)

// What else is there than the stack's own key: a key of another account, a set of
// each account, and keys that no object may reach.
const (
	setID    = "mrk-1234abcd12ab34cd56ef1234567890ab"
	stranger = "777788889999"
)

// A wide is a random schedule over accounts and Regions.
type wide struct {
	*functest.World
	dice    *rand.Rand
	members map[string][]string // ARNs of the keys, by object
	wanted  map[string]string   // the name of the newest policy, by object
	down    func()              // ends the trouble of a Region; nil: there is none
	uploads int
	log     []string
}

func TestRandomRunsOverAccountsAndRegionsEndInSyncOrSayWhereNot(t *testing.T) {
	for seed := range effort.Of(2000, 24, 6) {
		w := &wide{dice: rand.New(rand.NewPCG(uint64(seed), 14))} //nolint:gosec // to be replayed
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			functest.Play(t, functest.Targets("TARGET_REGIONS", "us-east-1,eu-west-1,eu-north-1", "DIRECT_REQUESTS", "false"), w.play)
			if t.Failed() {
				t.Log(strings.Join(w.log, "\n"))
			}
		})
	}
}

func (w *wide) play(world *functest.World) {
	w.World = world
	w.DeployRoles(functest.Elsewhere)
	w.members, w.wanted = map[string][]string{}, map[string]string{}
	add := func(object, account, region, id string) {
		w.members[object] = append(w.members[object], w.Cloud.KMS.CreateKey(fakeaws.KeySpec{
			ID: id, Account: account, Region: region, MultiRegion: objectkey.IsMultiRegion(id), Primary: "us-east-1", Policy: functest.PolicyOf(account, "old"),
		}))
	}
	add(functest.ObjectName, functest.Account, "us-east-1", functest.KeyID)
	add(functest.ElsewhereObject, functest.Elsewhere, functest.ElsewhereRegion, functest.KeyID)
	for _, account := range []string{functest.Account, functest.Elsewhere} {
		for _, region := range []string{"us-east-1", "eu-west-1"} {
			add(setOf(account), account, region, setID)
		}
	}
	w.KeyElsewhere(stranger, "eu-west-1", functest.KeyID)
	w.KeyElsewhere(functest.Elsewhere, "us-west-2", functest.KeyID)
	for range 14 {
		w.step()
	}
	w.heal()
	w.rest()
}

func setOf(account string) string {
	return target.SetName(target.Place{Account: functest.Account}, target.Place{Account: account}, setID)
}

func (w *wide) objects() []string {
	return slices.Sorted(func(yield func(string) bool) {
		for object := range w.members {
			if !yield(object) {
				return
			}
		}
	})
}

func (w *wide) say(format string, args ...any) { w.log = append(w.log, fmt.Sprintf(format, args...)) }

// step is one thing that happens.
func (w *wide) step() {
	object := w.objects()[w.dice.IntN(len(w.members))]
	role := "arn:aws:iam::" + functest.Elsewhere + ":role/" + target.DefaultRole
	switch w.dice.IntN(9) {
	case 0, 1, 2:
		w.upload(object)
	case 3:
		w.say("the role vanishes")
		w.Cloud.RemoveRole(role)
	case 4:
		w.say("the role comes back")
		w.DeployRoles(functest.Elsewhere)
		w.Cloud.KMS.SetIAM(role, true)
	case 5:
		if w.heal(); w.dice.IntN(2) == 0 {
			region := []string{"us-east-1", "eu-west-1"}[w.dice.IntN(2)]
			w.say("%s is down", region)
			w.down = w.Cloud.Fault(fakeaws.Fault{Service: "kms", Region: region, Kind: fakeaws.Refuse, Code: "ServiceUnavailableException"})
		}
	case 6:
		action := []string{"GetKeyPolicy", "PutKeyPolicy", "DescribeKey"}[w.dice.IntN(3)]
		w.say("credentials expire before the next %s", action)
		w.Cloud.Fault(fakeaws.Fault{Service: "kms", Action: action, Account: functest.Elsewhere, Times: 1, Nth: 1 + w.dice.IntN(3), Kind: fakeaws.Refuse, Code: "ExpiredTokenException"})
	case 7:
		w.replicate(functest.Account)
	case 8:
		w.say("%s is reconciled", object)
		w.Cloud.SQS.Send("apply", string(functest.Reconcile(object, "sweep")))
	}
	w.deliver()
	time.Sleep(time.Duration(w.dice.IntN(600)) * time.Second)
}

func (w *wide) upload(object string) {
	w.uploads++
	name := fmt.Sprint("p", w.uploads)
	account := strings.Split(w.members[object][0], ":")[4]
	w.say("%s becomes %s", object, name)
	version := w.Cloud.S3.Put(functest.Bucket, object, []byte(functest.PolicyOf(account, name)), nil)
	w.wanted[object] = name
	w.Cloud.SQS.Send("apply", string(functest.Uploaded(object, version)))
}

// replicate makes a replica appear, with a policy of its own.
func (w *wide) replicate(account string) {
	object := setOf(account)
	if len(w.members[object]) > 2 {
		return
	}
	w.say("%s gets a replica", object)
	w.members[object] = append(w.members[object], w.Cloud.KMS.CreateKey(fakeaws.KeySpec{
		ID: setID, Account: account, Region: "eu-north-1", MultiRegion: true, Primary: "us-east-1", Policy: functest.PolicyOf(account, "replica"),
	}))
}

// deliver hands the function what waits, once.
func (w *wide) deliver() {
	w.Settle("apply", w.Cloud.SQS.Receive("apply", 10))
}

func (w *wide) heal() {
	if w.down != nil {
		w.say("the Region is back")
		w.down()
		w.down = nil
	}
}

// rest lets everything come to its end, with a sweep, and looks at what is left.
func (w *wide) rest() {
	w.DeployRoles(functest.Elsewhere)
	w.Cloud.KMS.SetIAM("arn:aws:iam::"+functest.Elsewhere+":role/"+target.DefaultRole, true)
	for range 2 {
		for object := range w.wanted {
			w.Cloud.SQS.Send("apply", string(functest.Reconcile(object, "sweep")))
		}
		for range 40 {
			w.deliver()
			time.Sleep(15 * time.Minute)
		}
	}
	if n := w.Cloud.SQS.Depth("apply"); n > 0 {
		w.Errorf("%d messages never come to an end", n)
	}
	for object, name := range w.wanted {
		w.atRest(object, name)
	}
	w.calls()
	w.events()
}

// events: a set is Applied only where every key of it has the policy.
func (w *wide) events() {
	for _, e := range w.Events() {
		for _, r := range e.Detail.Data.Replicas {
			if e.Type == outcome.Applied && r.Outcome != string(status.Applied) && r.Outcome != outcome.InSync {
				w.Errorf("%s of %s, of which %s is %s", e.Type, e.Detail.Data.Object.Key, r.ARN, r.Outcome)
			}
			if (r.Outcome == string(status.Failed)) != (r.Error != nil && e.Type == outcome.Failed) && e.Type != outcome.Rejected {
				w.Errorf("%s: %+v", e.Type, r)
			}
		}
	}
}

// atRest: every key has the newest policy, or the status says which has not.
func (w *wide) atRest(object, name string) {
	s := w.Status(object)
	if s == nil {
		w.Errorf("%s has no status", object)
		return
	}
	for _, arn := range w.members[object] {
		got := w.InForce(arn)
		if got == name {
			continue
		}
		if s.Outcome == status.Applied && s.Drift == nil {
			w.Errorf("%s is Applied and in sync, and %s serves %s in place of %s", object, arn, got, name)
		}
		for _, r := range s.Replicas {
			if r.ARN == arn && (r.Outcome == string(status.Applied) || r.Outcome == outcome.InSync) && s.Drift == nil {
				w.Errorf("%s: the status says %s of %s, which serves %s", object, r.Outcome, arn, got)
			}
		}
	}
}

// calls: none with the credentials of another account, and no put outside of the
// targets.
func (w *wide) calls() {
	for _, c := range w.Cloud.Calls() {
		if c.Service == "kms" && c.Error == "" && !strings.Contains(c.Resource, ":"+c.Account+":") {
			w.Errorf("%s of %s with the credentials of %s", c.Action, c.Resource, c.Caller)
		}
	}
	for _, put := range w.Cloud.KMS.Puts() {
		if !slices.ContainsFunc(w.objects(), func(object string) bool { return slices.Contains(w.members[object], put.ARN) }) {
			w.Errorf("%s got a policy", put.ARN)
		}
	}
}
