package converge_test

import (
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/outcome"
)

// The clock of the instance that verified the policy was ahead, so the change seems to
// be older than that. Nobody is named for it then, and it is repaired without an author.
func TestAClockThatIsAheadDelaysARepairAndNamesNobody(t *testing.T) {
	functest.Play(t, enforce, func(w *functest.World) {
		verified(w)
		s := w.Status(functest.ObjectName)
		s.LastApplied.Time = time.Now().Add(10 * time.Minute)
		w.SetStatus(*s)
		began := time.Now()
		events := w.Outcomes(changedBy(w, wider, jane))
		if functest.SayAll(events) != "Drift Detected" || repairOf(w) != outcome.RepairPending || events[0].Detail.Data.Drift.Author != nil {
			t.Fatalf("%s, %s", functest.SayAll(events), repairOf(w))
		}
		w.Drain("apply")
		if took := time.Since(began); took < 15*time.Minute || took > time.Hour || w.InForce(functest.KeyID) != "new" {
			t.Errorf("after %s: %s in force, %s", took, w.InForce(functest.KeyID), functest.SayAll(w.Events()))
		}
	})
}

// A drift that seems to be reported in the future would be pending until then.
func TestAReportFromAClockThatIsAheadKeepsNoRepairWaiting(t *testing.T) {
	functest.Play(t, enforce, func(w *functest.World) {
		verified(w)
		changedBy(w, wider, jane)
		w.Outcomes(functest.Reconcile(functest.ObjectName, "sweep"))
		s := w.Status(functest.ObjectName)
		if s.DriftReported == nil {
			t.Fatal("the status has no report of the drift")
		}
		s.DriftReported.Time = time.Now().Add(1000 * time.Hour)
		w.SetStatus(*s)
		began := time.Now()
		w.Outcomes(functest.Reconcile(functest.ObjectName, "sweep"))
		w.Drain("apply")
		if took := time.Since(began); took > time.Hour || w.InForce(functest.KeyID) != "new" {
			t.Errorf("after %s: %s in force, %s", took, w.InForce(functest.KeyID), functest.SayAll(w.Events()))
		}
	})
}
