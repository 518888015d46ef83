package main

import (
	"testing"
	"time"
)

func TestARepairThatIsToldAgainHasTheSameKey(t *testing.T) {
	play(t, nil, func(w *world) {
		upload := w.single(uploaded(objectName, w.upload(policy("new"))))
		var keys []string
		for range 2 {
			w.cloud.KMS.SetPolicy(keyID, policy("old"))
			e := w.single(look(objectName, "late-put"))
			if say(e) != "Applied" {
				t.Fatal(say(e))
			}
			keys = append(keys, e.Detail.Metadata.IdempotencyKey)
		}
		if keys[0] != keys[1] || keys[0] == upload.Detail.Metadata.IdempotencyKey {
			t.Errorf("repairs %v, upload %s", keys, upload.Detail.Metadata.IdempotencyKey)
		}
	})
}

func TestAnInlineRequestDescribesItsKeyOnce(t *testing.T) {
	play(t, nil, func(w *world) {
		w.single(requested("r1", time.Now(), m{"key": "alias/payments", "policy": policy("new")}))
		described := 0
		for _, c := range w.cloud.Calls() {
			if c.Action == "DescribeKey" {
				described++
			}
		}
		if described != 1 {
			t.Errorf("described %d times", described)
		}
	})
}
