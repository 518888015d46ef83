package invocation_test

import (
	"github.com/keysmith/keysmith/shared/functest"

	"strings"
	"testing"
)

func TestPausedHandsEverythingBack(t *testing.T) {
	functest.Play(t, map[string]string{"MODE": "paused"}, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		if failed := w.Batch(functest.Uploaded(functest.ObjectName, ""), []byte(`{}`)); failed != "m0 m1" {
			t.Errorf("returned %q", failed)
		}
		if _, err := w.Invoke(functest.Uploaded(functest.ObjectName, "")); err == nil || !strings.Contains(err.Error(), "paused") {
			t.Errorf("directly: %v", err)
		}
		if w.Puts() != 0 || len(w.Events()) != 0 {
			t.Errorf("%d puts, %s", w.Puts(), functest.SayAll(w.Events()))
		}
	})
}
