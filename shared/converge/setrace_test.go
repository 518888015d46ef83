package converge_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/outcome"
)

// noFalseRow holds each row of the events about a version against what was in force: a
// key that is called Applied or InSync has got that version.
func noFalseRow(w *functest.World, versions map[string]string) {
	w.Helper()
	put := map[string]bool{}
	for _, p := range w.Cloud.KMS.Puts() {
		put[p.ARN+" "+functest.IDOf(p.Policy)] = true
	}
	for _, e := range w.Events() {
		for _, r := range e.Detail.Data.Replicas {
			if policy := versions[e.Detail.Data.Object.VersionID]; (r.Outcome == "Applied" || r.Outcome == "InSync") && !put[r.ARN+" "+policy] {
				w.Errorf("%s of %q says that %s is %s, where it never was", functest.Say(e), policy, r.Region, r.Outcome)
			}
		}
	}
}

// slow keeps a Region from answering for some time, and brings another version meanwhile.
func slow(w *functest.World, down, change time.Duration, then func()) (wait func()) {
	end := w.Cloud.Fault(fakeaws.Fault{Service: "kms", Action: "GetKeyPolicy", Region: "eu-west-1", Kind: fakeaws.Refuse, Code: "ThrottlingException"})
	var pending sync.WaitGroup
	pending.Go(func() {
		time.Sleep(change)
		then()
		time.Sleep(down - change)
		end()
	})
	return pending.Wait
}

// While one key is proven, another may be late and get a newer version. No event says of
// a key that it has a version which it has not.
func TestKeysThatGotDifferentVersionsAreNotCalledAlike(t *testing.T) {
	for name, newer := range map[string]string{"an upload": "newer", "one that is refused": "", "a deletion": "gone"} {
		t.Run(name, func(t *testing.T) {
			sets(t, functest.Targets(), func(w *functest.World) {
				versions := map[string]string{}
				store := func(text, id string) {
					versions[w.Cloud.S3.Put(functest.Bucket, setObject, []byte(text), nil)] = id
				}
				store(functest.Policy("new"), "new")
				wait := slow(w, 20*time.Second, 9*time.Second, func() {
					switch newer {
					case "":
						store(functest.Lockout, "lockout")
					case "gone":
						w.Cloud.S3.Delete(functest.Bucket, setObject)
					default:
						store(functest.Policy(newer), newer)
					}
				})
				if _, err := w.Invoke(functest.Uploaded(setObject, "")); err == nil {
					t.Errorf("the message is acknowledged: %s", functest.SayAll(w.Events()))
				}
				wait()
				noFalseRow(w, versions)
				events := w.Events()
				if len(events) == 0 || events[0].Type != outcome.Failed || !strings.Contains(replicas(events[0]), "us-east-1 Applied, eu-west-1 Failed UNVERIFIED") {
					t.Fatalf("%s: %s", functest.SayAll(events), replicas(events[0]))
				}
				got := functest.SayAll(w.Outcomes(functest.Uploaded(setObject, "")))
				want := map[string]string{"newer": "Applied", "": "Rejected LOCKOUT", "gone": ""}[newer]
				if in := inForce(w, "us-east-1", "eu-west-1"); got != want || newer == "newer" && in != "newer newer" {
					t.Errorf("then: %s; in force %s", got, in)
				}
				noFalseRow(w, versions)
			})
		})
	}
}

// Also where the Region is the stack's own, which is asked first which keys there are.
func TestTheStacksRegionThatIsDownKeepsNoReplicaFromItsPolicy(t *testing.T) {
	for name, fault := range map[string]fakeaws.Fault{
		"down":    {Service: "kms", Region: "us-east-1", Kind: fakeaws.Refuse, Code: "ServiceUnavailableException"},
		"hanging": {Service: "kms", Region: "us-east-1", Kind: fakeaws.Hang},
	} {
		t.Run(name, func(t *testing.T) {
			sets(t, functest.Targets(), func(w *functest.World) {
				end := w.Cloud.Fault(fault)
				if _, err := w.Invoke(functest.Uploaded(setObject, "")); err == nil {
					t.Error("the message is acknowledged")
				}
				events := w.Events()
				if len(events) != 1 || events[0].Type != outcome.Failed || !strings.HasPrefix(replicas(events[0]), "us-east-1 Failed") || !strings.HasSuffix(replicas(events[0]), "eu-west-1 Applied") {
					t.Fatalf("%s", functest.SayAll(events))
				}
				end()
				if e := w.Single(sweepOfSet()); functest.Say(e) != "Applied" || inForce(w, "us-east-1", "eu-west-1") != "new new" {
					t.Errorf("healed: %s, in force %s", functest.Say(e), inForce(w, "us-east-1", "eu-west-1"))
				}
			})
		})
	}
}
