package main

import (
	"net/http"
	"strings"
	"testing"
)

func TestAnObjectThatCannotBeReadAgainHandsTheTriggerBack(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("new"))
		w.intercept = first(always, http.MethodHead, fails(500, "InternalError", ""))
		if _, err := w.invoke(uploaded(objectName, "")); err == nil {
			t.Errorf("acknowledged with %s, though a newer version may be there", sayAll(w.events()))
		}
	})
}

func TestAnotherWorkersOlderPutIsNoMismatch(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("older"))
		var land func() (*http.Response, error) // the slow worker's put
		w.intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			if action != "PutKeyPolicy" {
				return send()
			}
			if land != nil {
				defer func() { _, _ = land() }()
				return send()
			}
			land = send
			w.upload(policy("newer"))
			_, _ = w.invoke(uploaded(objectName, ""))
			return fails(503, "DependencyTimeoutException", "")(nil)
		}
		_, _ = w.invoke(uploaded(objectName, ""))
		if told := sayAll(w.events()); strings.Contains(told, "VERIFY_MISMATCH") {
			t.Errorf("%s: keysmith's own put was told as somebody else's", told)
		}
	})
}
