package converge_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// digestOf is the canonical digest of a policy.
func digestOf(t *testing.T, text string) string {
	t.Helper()
	policy, _ := keypolicy.Parse([]byte(text))
	return policy.Canonical("aws").Text
}

// expecting uploads a policy whose uploader knows which one is in force, or
// thinks so.
func expecting(w *functest.World, name, expect string) []byte {
	version := w.Cloud.S3.Put(functest.Bucket, functest.ObjectName, []byte(functest.Policy(name)), map[string]string{"expected-previous": expect})
	return functest.Uploaded(functest.ObjectName, version)
}

func TestAnUploadIsStaleWhereAnotherPolicyIsInForceThanExpected(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("new"))))
		time.Sleep(time.Hour)
		w.Cloud.KMS.SetPolicy(functest.KeyID, functest.PolicyWith("by hand", `"arn:aws:iam::111122223333:role/bob"`))
		puts := w.Puts()
		e := w.Single(expecting(w, "newer", digestOf(t, functest.Policy("new"))))
		d := e.Detail.Data
		if functest.Say(e) != "Rejected STALE" || w.Puts() != puts || w.InForce(functest.KeyID) != "by hand" {
			t.Fatalf("%s, %d puts, %s in force", functest.Say(e), w.Puts()-puts, w.InForce(functest.KeyID))
		}
		if len(d.Changes) == 0 || len(d.Access) == 0 || d.Previous == nil || d.Verification == nil || d.Verification.Reads < 5 {
			t.Errorf("the difference is not told: %+v", d)
		}
		// It is final: no reconcile reports it again, or puts it.
		if events := w.Outcomes(functest.Reconcile(functest.ObjectName, "sweep")); functest.SayAll(events) != "Drift Detected" || w.Puts() != puts {
			t.Errorf("a sweep: %s, %d puts", functest.SayAll(events), w.Puts()-puts)
		}
		events := w.Outcomes(expecting(w, "newest", digestOf(t, functest.PolicyWith("by hand", `"arn:aws:iam::111122223333:role/bob"`))))
		if got := functest.SayAll(events); !strings.HasPrefix(got, "Applied") || w.InForce(functest.KeyID) != "newest" {
			t.Errorf("with the policy that is in force: %s", got)
		}
	})
}

func TestWhatIsWantedAndInForceIsNeverStale(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		if e := w.Single(expecting(w, "old", strings.Repeat("0", 64))); functest.Say(e) != "Applied" {
			t.Errorf("%s", functest.Say(e))
		}
	})
}

// Its own success is what a redelivery finds; a policy that somebody put later is
// drift, and no reason to refuse.
func TestAVersionThatWasAppliedIsNeverStale(t *testing.T) {
	for name, killed := range map[string]bool{"its status says so": false, "its run was killed before the status": true} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, nil, func(w *functest.World) {
				upload := expecting(w, "new", digestOf(t, functest.Policy("old")))
				if e := w.Single(upload); functest.Say(e) != "Applied" {
					t.Fatal(functest.Say(e))
				}
				if killed {
					w.Cloud.S3.Delete(functest.Bucket, "status/"+functest.ObjectName)
				}
				time.Sleep(time.Hour)
				w.Cloud.KMS.SetPolicy(functest.KeyID, functest.Policy("by hand"))
				w.Batch(upload) // received for the second time
				events := w.Events()
				if got := functest.Say(events[len(events)-1]); got != "Applied" || w.InForce(functest.KeyID) != "new" {
					t.Errorf("%s, %s in force", got, w.InForce(functest.KeyID))
				}
			})
		})
	}
}

// A read that shows what keysmith replaced a moment ago decides nothing.
func TestAStaleReadMakesNoUploadStale(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("one"))))
		w.Cloud.KMS.SetPolicy(functest.KeyID, functest.Policy("old")) // as the reads show it
		w.Intercept = nil
		if back := w.Batch(expecting(w, "two", digestOf(t, functest.Policy("one")))); back != "m0" || w.Puts() != 1 {
			t.Errorf("returned %q, %d puts, %s", back, w.Puts(), functest.SayAll(w.Events()))
		}
		w.Cloud.KMS.SetPolicy(functest.KeyID, functest.Policy("one"))
		if e := w.Single(functest.Uploaded(functest.ObjectName, "")); functest.Say(e) != "Applied" || w.InForce(functest.KeyID) != "two" {
			t.Errorf("later: %s, %s in force", functest.Say(e), w.InForce(functest.KeyID))
		}
	})
}

func TestAnExpectationOfBytesIsForPoliciesThatCannotBeJudged(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		const odd = `{"Version": "2012-10-17", "Statement": [
			{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
			{"Effect": "Alow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}]}`
		w.Cloud.KMS.SetPolicy(functest.KeyID, odd)
		sum := sha256.Sum256([]byte(w.Cloud.KMS.Policy(functest.KeyID)))
		if e := w.Single(expecting(w, "new", "bytes:"+strings.Repeat("0", 64))); functest.Say(e) != "Rejected STALE" {
			t.Fatal(functest.Say(e))
		}
		if e := w.Single(expecting(w, "new", "bytes:"+hex.EncodeToString(sum[:]))); functest.Say(e) != "Applied" {
			t.Errorf("%s", functest.Say(e))
		}
	})
}

func TestAnExpectationThatIsNoDigestIsRefused(t *testing.T) {
	for _, expect := range []string{"", "x", strings.Repeat("A", 64), "bytes:", "sha256:" + strings.Repeat("0", 64)} {
		functest.Play(t, nil, func(w *functest.World) {
			e := w.Single(expecting(w, "new", expect))
			if functest.Say(e) != "Rejected INVALID_POLICY" || !strings.Contains(e.Detail.Data.Error.Message, "expected-previous") || w.Puts() != 0 {
				t.Errorf("%q: %s %+v", expect, functest.Say(e), e.Detail.Data.Error)
			}
		})
	}
}
