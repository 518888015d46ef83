package converge_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/functest"
)

// What was put before a kill is reported, also by a function that may not put it
// again: the stack only plans by now, or the key is protected.
func TestAPutBeforeAKillIsReportedThoughItMayNotBeRepeated(t *testing.T) {
	plans, protects := map[string]string{"MODE": "plan"}, map[string]string{"PROTECTED_KEYS": functest.KeyID}
	for name, c := range map[string]struct {
		killed string // at this call of the first attempt
		env    map[string]string
		change func(*functest.World)
		want   string
	}{
		"put, then planned":                     {"PutEvents", plans, nil, "Failed UNVERIFIED, Planned"},
		"put, then protected":                   {"PutEvents", protects, nil, "Failed UNVERIFIED, Rejected PROTECTED_KEY"},
		"about to be put, then planned":         {"PutKeyPolicy", plans, nil, "Failed UNVERIFIED, Planned"},
		"about to be put, then protected":       {"PutKeyPolicy", protects, nil, "Failed UNVERIFIED, Rejected PROTECTED_KEY"},
		"put and changed by hand, then planned": {"PutEvents", plans, func(w *functest.World) { w.Cloud.KMS.SetPolicy(functest.KeyID, functest.Policy("by hand")) }, "Failed VERIFY_MISMATCH, Planned"},
		"killed before it kept anything":        {"GetKeyPolicy", plans, nil, "Planned"},
		"killed before, then protected":         {"GetKeyPolicy", protects, nil, "Rejected PROTECTED_KEY"},
		"put, then another upload, planned":     {"PutEvents", plans, func(w *functest.World) { w.Upload(functest.Policy("newer")) }, "Planned"},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, nil, func(w *functest.World) {
				version := w.Upload(functest.Policy("new"))
				message := fakeaws.Message{ID: "m", Body: string(functest.Uploaded(functest.ObjectName, version)), ReceiveCount: 1, FirstReceived: time.Now()}
				w.Intercept = functest.Gone(c.killed)
				_, _ = w.Invoke(functest.BatchOf([]fakeaws.Message{message}))
				w.Intercept = nil
				time.Sleep(12 * time.Minute)
				if c.change != nil {
					c.change(w)
				}
				puts := w.Puts()
				w.Start(c.env)
				message.ReceiveCount++
				out, err := w.Invoke(functest.BatchOf([]fakeaws.Message{message}))
				if got := functest.SayAll(w.Events()); got != c.want || err != nil || !strings.Contains(string(out), `"batchItemFailures":[]`) {
					t.Fatalf("%s, %s, %v; want %s", got, out, err, c.want)
				}
				if w.Puts() != puts {
					t.Error("it put again")
				}
				if first := w.Events()[0].Detail.Data; strings.Contains(c.want, ",") {
					if first.Object.VersionID != version || !first.Changed || first.Error.Retryable || first.Previous.History == "" || len(first.Changes) == 0 {
						t.Errorf("%+v", first)
					}
				}
			})
		})
	}
}
