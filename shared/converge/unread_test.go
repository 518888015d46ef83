package converge_test

import (
	"github.com/keysmith/keysmith/shared/functest"

	"net/http"
	"strings"
	"testing"
)

func TestAnObjectThatCannotBeReadAgainHandsTheTriggerBack(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		w.Intercept = functest.First(functest.Always, http.MethodHead, functest.Fails(500, "InternalError", ""))
		if _, err := w.Invoke(functest.Uploaded(functest.ObjectName, "")); err == nil {
			t.Errorf("acknowledged with %s, though a newer version may be there", functest.SayAll(w.Events()))
		}
	})
}

func TestAnotherWorkersOlderPutIsNoMismatch(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("older"))
		var land func() (*http.Response, error) // the slow worker's put
		w.Intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			if action != "PutKeyPolicy" {
				return send()
			}
			if land != nil {
				defer func() { _, _ = land() }()
				return send()
			}
			land = send
			w.Upload(functest.Policy("newer"))
			_, _ = w.Invoke(functest.Uploaded(functest.ObjectName, ""))
			return functest.Fails(503, "DependencyTimeoutException", "")(nil)
		}
		_, _ = w.Invoke(functest.Uploaded(functest.ObjectName, ""))
		if told := functest.SayAll(w.Events()); strings.Contains(told, "VERIFY_MISMATCH") {
			t.Errorf("%s: keysmith's own put was reported as somebody else's", told)
		}
	})
}
