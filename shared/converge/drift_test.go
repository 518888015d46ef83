package converge_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
)

// watched is a world in which "new" was applied and is in force since long.
func watched(t *testing.T, env map[string]string, scene func(*functest.World)) {
	t.Helper()
	functest.Play(t, env, func(w *functest.World) {
		w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("new"))))
		time.Sleep(time.Hour)
		scene(w)
	})
}

func byHand(w *functest.World, name string) {
	w.Cloud.KMS.SetPolicy(functest.KeyID, functest.Policy(name))
}

func TestDriftIsReportedWhenItStartsOnceADayAndWhenItEnds(t *testing.T) {
	watched(t, nil, func(w *functest.World) {
		byHand(w, "by hand")
		start := w.Single(sweep())
		d := start.Detail.Data
		if functest.Say(start) != "Drift Detected" || d.Drift == nil || d.Drift.Repair != outcome.RepairNone || len(d.Changes) == 0 || d.Proof == nil || d.Verification == nil {
			t.Fatalf("%s: %+v", functest.Say(start), d)
		}
		since := d.Drift.Since
		var reports []time.Time
		for range 50 {
			time.Sleep(time.Hour)
			for _, e := range w.Outcomes(sweep()) {
				if functest.Say(e) != "Drift Detected" || !e.Detail.Data.Drift.Since.Equal(since) {
					t.Errorf("%s since %s; want %s", functest.Say(e), e.Detail.Data.Drift.Since, since)
				}
				reports = append(reports, e.Detail.Metadata.Time)
			}
		}
		if len(reports) != 2 {
			t.Errorf("in 50 hours: %v", reports)
		}
		if s := w.Status(functest.ObjectName); s.Outcome != status.Applied || s.Drift == nil || !s.Drift.Since.Equal(since) {
			t.Errorf("%+v", s)
		}
		byHand(w, "new")
		end := w.Single(sweep())
		if functest.Say(end) != "Drift Resolved" || end.Detail.Data.Drift == nil || !end.Detail.Data.Drift.Since.Equal(since) || end.Detail.Data.Verification.Reads < 5 {
			t.Errorf("%s: %+v", functest.Say(end), end.Detail.Data)
		}
		if s := w.Status(functest.ObjectName); s.Drift != nil || s.Outcome != status.Applied {
			t.Errorf("%+v", s)
		}
		if events := w.Outcomes(sweep()); len(events) != 0 || w.Puts() != 1 {
			t.Errorf("%s, %d puts", functest.SayAll(events), w.Puts())
		}
	})
}

func TestAnotherChangeByHandIsReportedAtOnce(t *testing.T) {
	watched(t, nil, func(w *functest.World) {
		byHand(w, "by hand")
		since := w.Single(sweep()).Detail.Data.Drift.Since
		time.Sleep(time.Hour)
		byHand(w, "by another hand")
		if e := w.Single(sweep()); functest.Say(e) != "Drift Detected" || !e.Detail.Data.Drift.Since.Equal(since) {
			t.Errorf("%s: %+v", functest.Say(e), e.Detail.Data.Drift)
		}
	})
}

func TestAnUploadThatEndsDriftReportsThatToo(t *testing.T) {
	watched(t, nil, func(w *functest.World) {
		byHand(w, "by hand")
		w.Single(sweep())
		events := w.Outcomes(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("newer"))))
		if got := functest.SayAll(events); got != "Applied, Drift Resolved" {
			t.Fatal(got)
		}
		if s := w.Status(functest.ObjectName); s.Drift != nil || s.Outcome != status.Applied {
			t.Errorf("%+v", s)
		}
	})
}

// A version that is refused changes nothing in force: drift is judged by what was
// applied before it, and told by it.
func TestBesideARefusedVersionDriftIsJudgedByWhatWasAppliedLast(t *testing.T) {
	watched(t, nil, func(w *functest.World) {
		refused := w.Upload(functest.Lockout)
		w.Single(functest.Uploaded(functest.ObjectName, refused))
		if events := w.Outcomes(sweep()); len(events) != 0 {
			t.Fatalf("without drift: %s", functest.SayAll(events))
		}
		applied := w.Status(functest.ObjectName).LastApplied.CanonicalSHA256
		byHand(w, "by hand")
		e := w.Single(sweep())
		d := e.Detail.Data
		if functest.Say(e) != "Drift Detected" || d.Policy.CanonicalSHA256 != applied || len(d.Changes) == 0 || d.Object.VersionID != refused {
			t.Fatalf("%s: %+v", functest.Say(e), d)
		}
		if s := w.Status(functest.ObjectName); s.Outcome != status.Rejected || s.Drift == nil {
			t.Errorf("%+v", s)
		}
		byHand(w, "new")
		if e := w.Single(sweep()); functest.Say(e) != "Drift Resolved" {
			t.Error(functest.Say(e))
		}
		if s := w.Status(functest.ObjectName); s.Outcome != status.Rejected || s.Drift != nil {
			t.Errorf("%+v", s)
		}
	})
}

// A worker that was killed between its put and its event leaves a policy in force
// that no event has told of. It is keysmith's own.
func TestWhatKeysmithPutItselfIsNoDriftBesideARefusedVersion(t *testing.T) {
	watched(t, nil, func(w *functest.World) {
		killed := w.Status(functest.ObjectName)
		w.Single(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("newer"))))
		refused := w.Upload(functest.Lockout)
		w.Single(functest.Uploaded(functest.ObjectName, refused))
		s := w.Status(functest.ObjectName)
		s.LastApplied = killed.LastApplied // as if nobody had reported the put of "newer"
		w.SetStatus(*s)
		time.Sleep(2 * time.Hour)
		if events := w.Outcomes(sweep()); len(events) != 0 {
			t.Errorf("%s", functest.SayAll(events))
		}
		byHand(w, "by hand")
		if got := functest.SayAll(w.Outcomes(sweep())); got != "Drift Detected" {
			t.Errorf("after a change by hand: %s", got)
		}
	})
}

func TestWithDriftModeOffNothingIsReported(t *testing.T) {
	watched(t, map[string]string{"DRIFT_MODE": "off"}, func(w *functest.World) {
		byHand(w, "by hand")
		if events := w.Outcomes(sweep()); len(events) != 0 {
			t.Error(functest.SayAll(events))
		}
	})
}

// Whatever somebody writes into a status, the reports do not stop for ever.
func TestAStatusFromAClockThatIsAheadSilencesNothing(t *testing.T) {
	watched(t, nil, func(w *functest.World) {
		byHand(w, "by hand")
		w.Single(sweep())
		s := w.Status(functest.ObjectName)
		s.DriftReported.Time = time.Now().Add(1000 * time.Hour)
		w.SetStatus(*s)
		if got := functest.SayAll(w.Outcomes(sweep())); got != "Drift Detected" {
			t.Error(got)
		}
		if events := w.Outcomes(sweep()); len(events) != 0 {
			t.Errorf("and then: %s", functest.SayAll(events))
		}
	})
}

// What nobody knows is not reported: without the history, a put of keysmith's own
// that came late looks like somebody else's.
func TestWithoutTheHistoryNoDriftIsReported(t *testing.T) {
	watched(t, nil, func(w *functest.World) {
		byHand(w, "by hand")
		end := w.Cloud.Fault(fakeaws.Fault{Service: "s3", Action: "ListObjectsV2", Kind: fakeaws.Refuse, Code: "AccessDenied"})
		e := w.Single(sweep())
		if functest.Say(e) != "Failed UNVERIFIED" || !strings.Contains(e.Detail.Data.Error.Message, "s3:ListBucket") {
			t.Errorf("%s: %+v", functest.Say(e), e.Detail.Data.Error)
		}
		if events := w.Outcomes(sweep()); len(events) != 0 {
			t.Errorf("and then: %s", functest.SayAll(events))
		}
		end()
		if got := functest.SayAll(w.Outcomes(sweep())); got != "Drift Detected" {
			t.Errorf("when it may be read: %s", got)
		}
	})
}

func TestWithoutTheHistoryNoMismatchIsReported(t *testing.T) {
	watched(t, nil, func(w *functest.World) {
		w.Cloud.Fault(fakeaws.Fault{Service: "s3", Action: "ListObjectsV2", Kind: fakeaws.Refuse, Code: "AccessDenied"})
		go func() {
			time.Sleep(500 * time.Millisecond) // after the put
			byHand(w, "by hand")
		}()
		_, err := w.Invoke(functest.Uploaded(functest.ObjectName, w.Upload(functest.Policy("newer"))))
		events := w.Events()
		if e := events[len(events)-1]; err == nil || functest.Say(e) != "Failed UNVERIFIED" || !strings.Contains(e.Detail.Data.Error.Message, "history") {
			t.Errorf("%s, %v: %+v", functest.Say(e), err, e.Detail.Data.Error)
		}
	})
}

// What somebody wrote into a copy of the history tells nothing of what keysmith did.
func TestACopyWithOtherBytesThanItsNameSaysCountsForNothing(t *testing.T) {
	watched(t, nil, func(w *functest.World) {
		byHand(w, "by hand")
		name := "history/" + functest.Account + "/us-east-1/" + functest.KeyID + "/" + time.Now().UTC().Format("20060102T150405.000Z") + "-" + strings.Repeat("0", 64) + ".json"
		w.Cloud.S3.Put(functest.Bucket, name, []byte(functest.Policy("by hand")), nil)
		if got := functest.SayAll(w.Outcomes(sweep())); got != "Drift Detected" || !strings.Contains(w.Logs.String(), "does not match the digest in its name") {
			t.Errorf("%s", got)
		}
	})
}
