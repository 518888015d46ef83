package converge_test

import (
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/outcome"
)

// inSync plays a scene with a set whose policy was applied an hour ago.
func inSync(t *testing.T, env map[string]string, scene func(*functest.World)) {
	t.Helper()
	sets(t, env, func(w *functest.World) {
		if e := w.Single(functest.Uploaded(setObject, "")); functest.Say(e) != "Applied" {
			w.Fatal(functest.Say(e))
		}
		time.Sleep(time.Hour)
		scene(w)
	})
}

func sweepOfSet() []byte { return functest.Reconcile(setObject, "sweep") }

// swept is what a sweep reports an hour later.
func swept(w *functest.World) []outcome.Event {
	w.Helper()
	time.Sleep(time.Hour)
	return w.Outcomes(sweepOfSet())
}

func TestDriftOfASetIsReportedOnceForEachSituation(t *testing.T) {
	inSync(t, functest.Targets(), func(w *functest.World) {
		start, last := time.Now().UTC(), ""
		for _, step := range []struct {
			name           string
			region, policy string // put by hand before the sweep
			want, rows     string
		}{
			{"each has another policy", "us-east-1", "by jane", "Drift Detected", "us-east-1 Drifted, eu-west-1 InSync"},
			{"and then both", "eu-west-1", "by bob", "Drift Detected", "us-east-1 Drifted, eu-west-1 Drifted"},
			{"nothing has changed", "", "", "", ""},
			{"nor since", "", "", "", ""},
			{"nor since then", "", "", "", ""},
			{"one has changed again", "eu-west-1", "by carol", "Drift Detected", "us-east-1 Drifted, eu-west-1 Drifted"},
			{"nothing has changed", "", "", "", ""},
			{"one is as it should be", "eu-west-1", "new", "Drift Detected", "us-east-1 Drifted, eu-west-1 InSync"},
			{"nothing has changed", "", "", "", ""},
			{"it has the same policy as before", "eu-west-1", "by carol", "Drift Detected", "us-east-1 Drifted, eu-west-1 Drifted"},
			{"the first is as it should be", "us-east-1", "new", "Drift Detected", "us-east-1 InSync, eu-west-1 Drifted"},
			{"both are", "eu-west-1", "new", "Drift Resolved", "us-east-1 InSync, eu-west-1 InSync"},
			{"nothing has changed", "", "", "", ""},
		} {
			if step.region != "" {
				w.Cloud.KMS.SetPolicy(keyIn(step.region), functest.Policy(step.policy))
			}
			events := swept(w)
			if got := functest.SayAll(events); got != step.want {
				t.Fatalf("%s: %q; want %q", step.name, got, step.want)
			}
			for _, e := range events {
				if got := replicas(e); got != step.rows {
					t.Errorf("%s: %s; want %s", step.name, got, step.rows)
				}
				if since := e.Detail.Data.Drift.Since; since.Before(start) {
					t.Errorf("%s: since %s", step.name, since)
				}
				if e.Detail.Metadata.IdempotencyKey == last {
					t.Errorf("%s: the same event as the one before", step.name)
				}
				last = e.Detail.Metadata.IdempotencyKey
			}
		}
		if s := w.Status(setObject); s.Drift != nil || s.DriftReported != nil || w.Puts() != 2 {
			t.Errorf("%+v, %d puts", s, w.Puts())
		}
	})
}

func TestDriftOfASetIsReportedOnceADay(t *testing.T) {
	inSync(t, functest.Targets(), func(w *functest.World) {
		w.Cloud.KMS.SetPolicy(keyIn("us-east-1"), functest.Policy("by jane"))
		since := w.Single(sweepOfSet()).Detail.Data.Drift.Since
		time.Sleep(3 * time.Hour)
		w.Cloud.KMS.SetPolicy(keyIn("eu-west-1"), functest.Policy("by bob"))
		reports := 0
		for range 52 {
			for _, e := range swept(w) {
				reports++
				if d := e.Detail.Data.Drift; functest.Say(e) != "Drift Detected" || !d.Since.Equal(since) {
					t.Errorf("%s: %+v", functest.Say(e), d)
				}
				if rows := e.Detail.Data.Replicas; !rows[0].Drift.Since.Equal(since) || !rows[1].Drift.Since.After(since) {
					t.Errorf("%+v, %+v", rows[0].Drift, rows[1].Drift)
				}
			}
		}
		if reports != 3 {
			t.Errorf("%d reports in 52 hours; want three", reports)
		}
	})
}

// Each key of a set may have been changed by somebody else.
func TestEachKeyOfASetHasTheAuthorOfItsOwnDrift(t *testing.T) {
	inSync(t, functest.Targets(), func(w *functest.World) {
		w.Cloud.KMS.SetPolicy(keyIn("us-east-1"), functest.Policy("by jane"))
		w.Single(trailOf("PutKeyPolicy", keyIn("us-east-1")))
		w.Cloud.KMS.SetPolicy(keyIn("eu-west-1"), functest.Policy("by somebody"))
		e := w.Single(sweepOfSet())
		rows := e.Detail.Data.Replicas
		if rows[0].Drift == nil || rows[0].Drift.Author == nil || rows[1].Drift == nil || rows[1].Drift.Author != nil {
			t.Fatalf("%+v, %+v", rows[0].Drift, rows[1].Drift)
		}
		for range 3 {
			if got := functest.SayAll(swept(w)); got != "" {
				t.Errorf("again: %s", got)
			}
		}
		for _, row := range w.Status(setObject).DriftReported.Replicas {
			if named := row.Drift.Author != nil; named != (row.Region == "us-east-1") {
				t.Errorf("%s: %+v", row.Region, row.Drift.Author)
			}
		}
	})
}

// A new replica gets the policy. What somebody has put on another key meanwhile is
// drift, and stays that.
func TestANewReplicaDoesNotMakeDriftOfAnotherKeyAnUpload(t *testing.T) {
	for _, mode := range []string{"detect", "off"} {
		inSync(t, functest.Targets("TARGET_REGIONS", "us-east-1,eu-west-1,eu-north-1", "DRIFT_MODE", mode), func(w *functest.World) {
			w.Cloud.KMS.SetPolicy(keyIn("eu-west-1"), functest.Policy("by hand"))
			member(w, "eu-north-1")
			var rows string
			for _, e := range w.Outcomes(sweepOfSet()) {
				if functest.Say(e) == "Applied" {
					rows = replicas(e)
				}
			}
			if rows != "us-east-1 InSync, eu-north-1 Applied, eu-west-1 Drifted" {
				t.Errorf("%s: %s", mode, rows)
			}
			for range 2 {
				if got := functest.SayAll(swept(w)); got != "" || inForce(w, "us-east-1", "eu-north-1", "eu-west-1") != "new new by hand" {
					t.Errorf("%s: %s; in force %s", mode, got, inForce(w, "us-east-1", "eu-north-1", "eu-west-1"))
				}
			}
			if open := w.Status(setObject).Drift != nil; open != (mode == "detect") {
				t.Errorf("%s: drift is open: %t", mode, open)
			}
			w.Cloud.KMS.SetPolicy(keyIn("eu-west-1"), functest.Policy("new"))
			if got := functest.SayAll(swept(w)); got != map[string]string{"detect": "Drift Resolved"}[mode] {
				t.Errorf("%s: %s", mode, got)
			}
		})
	}
}

// What cannot be looked at has neither drift nor none.
func TestARegionThatIsDownEndsNoDriftAndIsNotCalledInSync(t *testing.T) {
	inSync(t, functest.Targets(), func(w *functest.World) {
		for _, region := range []string{"us-east-1", "eu-west-1"} {
			w.Cloud.KMS.SetPolicy(keyIn(region), functest.Policy("by hand in "+region))
		}
		w.Single(sweepOfSet())
		w.Cloud.KMS.SetPolicy(keyIn("us-east-1"), functest.Policy("new"))
		end := w.Cloud.Fault(fakeaws.Fault{Service: "kms", Region: "eu-west-1", Kind: fakeaws.Refuse, Code: "ServiceUnavailableException"})
		before := len(w.Events())
		if _, err := w.Invoke(sweepOfSet()); err == nil {
			t.Error("the message is acknowledged")
		}
		for _, e := range w.Events()[before:] {
			if e.Type == outcome.DriftResolved || e.Detail.Data.Replicas[1].Outcome != "Failed" {
				t.Errorf("%s: %s", functest.Say(e), replicas(e))
			}
		}
		if w.Status(setObject).Drift == nil {
			t.Error("the drift is over")
		}
		w.Cloud.KMS.SetPolicy(keyIn("us-east-1"), functest.Policy("by hand"))
		before = len(w.Events())
		_, _ = w.Invoke(sweepOfSet())
		for _, e := range w.Events()[before:] {
			if row := e.Detail.Data.Replicas[1]; row.Outcome != "Failed" || row.Error == nil {
				t.Errorf("%s: %s", functest.Say(e), replicas(e))
			}
		}
		end()
		w.Cloud.KMS.SetPolicy(keyIn("us-east-1"), functest.Policy("new"))
		if got := functest.SayAll(swept(w)); got != "Drift Detected" {
			t.Errorf("one has ended: %s", got)
		}
	})
}
