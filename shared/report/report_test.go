package report_test

import (
	"github.com/keysmith/keysmith/shared/functest"

	"testing"
	"time"
)

func TestARepairThatIsToldAgainHasTheSameKey(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		upload := w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("new"))))
		var keys []string
		for range 2 {
			w.Cloud.KMS.SetPolicy(functest.KeyID, functest.Policy("old"))
			e := w.Single(functest.Reconcile(functest.ObjectName, "late-put"))
			if functest.Say(e) != "Applied" {
				t.Fatal(functest.Say(e))
			}
			keys = append(keys, e.Detail.Metadata.IdempotencyKey)
		}
		if keys[0] != keys[1] || keys[0] == upload.Detail.Metadata.IdempotencyKey {
			t.Errorf("repairs %v, upload %s", keys, upload.Detail.Metadata.IdempotencyKey)
		}
	})
}

func TestAnInlineRequestDescribesItsKeyOnce(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Single(functest.Requested("r1", time.Now(), functest.M{"key": "alias/payments", "policy": functest.Policy("new")}))
		described := 0
		for _, c := range w.Cloud.Calls() {
			if c.Action == "DescribeKey" {
				described++
			}
		}
		if described != 1 {
			t.Errorf("described %d times", described)
		}
	})
}
