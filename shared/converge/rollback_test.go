package converge_test

import (
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/functest"
)

// What was replaced is uploaded again, and judged as if it were new.
func TestARollbackIsAnUploadThatSaysWhatItUndoes(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		bad := w.Upload(functest.Policy("bad"))
		applied := w.Single(functest.Uploaded(functest.ObjectName, bad))
		time.Sleep(time.Hour)
		history, ok := w.Cloud.S3.Get(functest.Bucket, applied.Detail.Data.Previous.History)
		if !ok {
			t.Fatal("the policy that was replaced is not in the history")
		}
		version := w.Cloud.S3.Put(functest.Bucket, functest.ObjectName, history.Body, map[string]string{"rollback-of": bad})
		e := w.Single(functest.Uploaded(functest.ObjectName, version))
		if functest.Say(e) != "Applied" || e.Detail.Data.RollbackOf != bad || w.InForce(functest.KeyID) != "old" {
			t.Errorf("%s, rollback of %q, %s in force", functest.Say(e), e.Detail.Data.RollbackOf, w.InForce(functest.KeyID))
		}
		version = w.Cloud.S3.Put(functest.Bucket, functest.ObjectName, []byte(functest.Typo), map[string]string{"rollback-of": version})
		if e := w.Single(functest.Uploaded(functest.ObjectName, version)); functest.Say(e) != "Rejected INVALID_POLICY" {
			t.Errorf("one that is not acceptable: %s", functest.Say(e))
		}
	})
}
