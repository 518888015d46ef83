package converge_test

import (
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
)

const strange = "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c55"

// A key that is gone, or that AWS manages, is reported once. What a sweep finds of
// it changes nothing, however often it comes.
func TestASweepReportsAKeyThatCannotBeChangedOnce(t *testing.T) {
	for name, c := range map[string]struct {
		key    *fakeaws.KeySpec // nil: it is gone
		known  bool             // the version was applied in the past
		want   string
		status outcome.Code
	}{
		"gone since it was applied":            {nil, true, "Failed NOT_FOUND", outcome.NotFound},
		"gone before it was ever applied":      {nil, false, "Failed NOT_FOUND", outcome.NotFound},
		"managed by AWS":                       {&fakeaws.KeySpec{Manager: "AWS"}, false, "Rejected PROTECTED_KEY", outcome.ProtectedKey},
		"managed by AWS, and somehow applied":  {&fakeaws.KeySpec{Manager: "AWS"}, true, "Rejected PROTECTED_KEY", outcome.ProtectedKey},
		"managed by AWS and pending deletion":  {&fakeaws.KeySpec{Manager: "AWS", State: "PendingDeletion"}, false, "Rejected PROTECTED_KEY", outcome.ProtectedKey},
		"a key of the list of protected keys":  {&fakeaws.KeySpec{ID: functest.OtherID}, false, "Rejected PROTECTED_KEY", outcome.ProtectedKey},
		"protected only after it was applied ": {&fakeaws.KeySpec{ID: functest.OtherID}, true, "Rejected PROTECTED_KEY", outcome.ProtectedKey},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, map[string]string{"PROTECTED_KEYS": functest.OtherID}, func(w *functest.World) {
				id := strange
				switch {
				case c.key != nil && c.key.ID != "":
					id = c.key.ID // it is there
				case c.key != nil:
					spec := *c.key
					spec.ID, spec.Policy = id, functest.Policy("old")
					w.Cloud.KMS.CreateKey(spec)
				}
				object := objectkey.For(id)
				version := w.Cloud.S3.Put(functest.Bucket, object, []byte(functest.Policy("new")), nil)
				if c.known {
					w.AppliedAs(object, version, functest.Policy("new"))
				}
				if e := w.Single(functest.Reconcile(object, "sweep")); functest.Say(e) != c.want {
					t.Fatalf("%s; want %s", functest.Say(e), c.want)
				}
				s := w.Status(object)
				if s == nil || s.VersionID != version || s.Error == nil || s.Error.Code != c.status || (s.LastApplied != nil) != c.known {
					t.Errorf("the status is %+v", s)
				}
				for _, reason := range []string{"sweep", "cloudtrail", "late-put"} {
					if events := w.Outcomes(functest.Reconcile(object, reason)); len(events) != 0 {
						t.Errorf("once more, %s: %s", reason, functest.SayAll(events))
					}
				}
				if w.Puts() != 0 {
					t.Errorf("%d puts", w.Puts())
				}
			})
		})
	}
}

// A key that is disabled or pending deletion serves its policy as any other: drift of
// it is drift.
func TestASweepComparesAKeyInEveryState(t *testing.T) {
	for _, state := range []string{"Disabled", "PendingDeletion", "PendingImport", "Unavailable"} {
		t.Run(state, func(t *testing.T) {
			functest.Play(t, nil, func(w *functest.World) {
				w.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: strange, State: state, Policy: functest.Policy("new")})
				object := objectkey.For(strange)
				w.AppliedAs(object, w.Cloud.S3.Put(functest.Bucket, object, []byte(functest.Policy("new")), nil), functest.Policy("new"))
				time.Sleep(time.Hour)
				for _, step := range []struct{ put, want string }{
					{"", ""}, {"by hand", "Drift Detected"}, {"", ""}, {"new", "Drift Resolved"}, {"", ""},
				} {
					if step.put != "" {
						w.Cloud.KMS.SetPolicy(strange, functest.Policy(step.put))
					}
					events := w.Outcomes(functest.Reconcile(object, "sweep"))
					if got := functest.SayAll(events); got != step.want {
						t.Errorf("with %q in force: %q; want %q", w.InForce(strange), got, step.want)
					}
				}
				if s := w.Status(object); s.Outcome != status.Applied || s.Drift != nil || w.Puts() != 0 {
					t.Errorf("%+v, %d puts", s, w.Puts())
				}
			})
		})
	}
}
