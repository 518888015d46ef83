package status_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
	"github.com/keysmith/keysmith/shared/status/statustest"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// told is an event about a version of the object.
func told(kind outcome.Type, version string, at time.Duration) outcome.Event {
	e := outcome.Event{Type: kind}
	e.Detail.Metadata = outcome.Metadata{ID: "event of " + version, Time: noon.Add(at)}
	e.Detail.Data = outcome.Data{
		Key:    &outcome.Key{ARN: "arn:aws:kms:us-east-1:111122223333:key/6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11", ID: "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11", Account: "111122223333", Region: "us-east-1"},
		Object: &outcome.Object{Bucket: name, Key: object, VersionID: version},
		Policy: &outcome.Policy{SHA256: strings.Repeat("a", 64), CanonicalSHA256: strings.Repeat("b", 64), Bytes: 2},
	}
	switch kind {
	case outcome.Applied:
		e.Detail.Data.Verification = &outcome.Verification{Reads: 5, ElapsedMS: 4000}
	case outcome.Rejected, outcome.Failed:
		e.Detail.Data.Error = &outcome.Error{Code: outcome.Lockout, Message: "no"}
	}
	return e
}

func record(t *testing.T, store *status.Store, events ...outcome.Event) *status.Status {
	t.Helper()
	if open, err := store.Record(t.Context(), object, events); err != nil || open != nil {
		t.Fatal(err, open)
	}
	seen, err := store.Read(t.Context(), object)
	if err != nil || seen.Fault != nil {
		t.Fatal(err, seen.Fault)
	}
	if seen.Status != nil {
		if err := statustest.Check(stored(t, store)); err != nil {
			t.Error(err)
		}
	}
	return seen.Status
}

func upload(cloud *fakeaws.Cloud) string { return cloud.S3.Put(name, object, []byte("{}"), nil) }

func TestAnOutcomeOfTheNewestVersionBecomesTheStatus(t *testing.T) {
	cloud, store := scene(t)
	v1 := upload(cloud)
	s := record(t, store, told(outcome.Applied, v1, 0))
	if s == nil || s.Outcome != status.Applied || !s.Of(v1, "") || s.Event != "event of "+v1 || s.LastApplied.VersionID != v1 || !s.LastApplied.Time.Equal(noon) {
		t.Fatalf("%+v", s)
	}
	v2 := upload(cloud)
	s = record(t, store, told(outcome.Rejected, v2, time.Hour))
	if s.Outcome != status.Rejected || !s.Of(v2, "") || s.LastApplied == nil || s.LastApplied.VersionID != v1 {
		t.Errorf("%+v", s)
	}
}

func TestAnOlderVersionsOutcomeNeverWins(t *testing.T) {
	cloud, store := scene(t)
	v1 := upload(cloud)
	v2 := upload(cloud)
	if s := record(t, store, told(outcome.Applied, v1, 0)); s != nil {
		t.Errorf("a status of a version that is replaced: %+v", s)
	}
	record(t, store, told(outcome.Rejected, v2, 0))
	s := record(t, store, told(outcome.Failed, v1, time.Hour))
	if s.Outcome != status.Rejected || !s.Of(v2, "") {
		t.Errorf("%+v", s)
	}
}

// What was put last decides what is drift, whatever became of the newest version.
func TestWhatWasAppliedLastIsKeptOfAnOlderVersionToo(t *testing.T) {
	cloud, store := scene(t)
	v1, v2 := upload(cloud), upload(cloud)
	record(t, store, told(outcome.Rejected, v2, 0))
	if s := record(t, store, told(outcome.Applied, v1, time.Minute)); !s.Of(v2, "") || s.LastApplied == nil || s.LastApplied.VersionID != v1 {
		t.Fatalf("%+v", s)
	}
	if s := record(t, store, told(outcome.Applied, "one before", -time.Minute)); s.LastApplied.VersionID != v1 {
		t.Errorf("an older proof: %+v", s.LastApplied)
	}
	v3 := upload(cloud)
	if s := record(t, store, told(outcome.Applied, "yet another", time.Hour)); !s.Of(v2, "") || s.LastApplied.VersionID != "yet another" {
		t.Errorf("%+v", s)
	}
	if s := record(t, store, told(outcome.Applied, v3, 2*time.Hour), told(outcome.Rejected, v3, 3*time.Hour)); s.Outcome != status.Rejected || s.LastApplied.VersionID != v3 {
		t.Errorf("two in a row: %+v", s)
	}
}

func TestWhatIsNoOutcomeOfAVersionWritesNothing(t *testing.T) {
	cloud, store := scene(t)
	v1 := upload(cloud)
	unread := told(outcome.Failed, "", 0)
	other := told(outcome.Applied, v1, 0)
	other.Detail.Data.Object.Key = "policies/another.json"
	for what, e := range map[string]outcome.Event{
		"drift of a version without an outcome": told(outcome.DriftDetected, v1, 0), "an object that was not read": unread, "another object": other,
	} {
		if s := record(t, store, e); s != nil {
			t.Errorf("%s: %+v", what, s)
		}
	}
	if len(cloud.S3.Versions(name, "status/"+object)) != 0 {
		t.Error("something was written")
	}
	cloud.S3.Delete(name, object)
	if s := record(t, store, told(outcome.Applied, v1, 0)); s != nil {
		t.Errorf("of an object that is gone: %+v", s)
	}
}

func TestDriftIsKeptUntilItEnds(t *testing.T) {
	cloud, store := scene(t)
	v1 := upload(cloud)
	record(t, store, told(outcome.Applied, v1, 0))
	s := record(t, store, told(outcome.DriftDetected, v1, time.Hour))
	if s.Outcome != status.Applied || s.Drift == nil || !s.Drift.Since.Equal(noon.Add(time.Hour)) {
		t.Fatalf("%+v", s)
	}
	if s = record(t, store, told(outcome.DriftDetected, v1, 2*time.Hour)); !s.Drift.Since.Equal(noon.Add(time.Hour)) {
		t.Errorf("it begins again: %+v", s.Drift)
	}
	v2 := upload(cloud)
	if s = record(t, store, told(outcome.Rejected, v2, 3*time.Hour)); s.Drift == nil {
		t.Error("a refused upload ended it")
	}
	if s = record(t, store, told(outcome.DriftResolved, v2, 4*time.Hour)); s.Drift != nil || s.Outcome != status.Rejected {
		t.Errorf("%+v", s)
	}
	record(t, store, told(outcome.DriftDetected, v2, 5*time.Hour))
	ends := told(outcome.Applied, v2, 6*time.Hour)
	open, err := store.Record(t.Context(), object, []outcome.Event{ends})
	if err != nil || open == nil || !open.Since.Equal(noon.Add(5*time.Hour)) {
		t.Fatalf("nobody is told that the drift has ended: %+v, %v", open, err)
	}
	if s = record(t, store, ends, told(outcome.DriftResolved, v2, 6*time.Hour)); s.Drift != nil || s.DriftReported != nil || s.Outcome != status.Applied {
		t.Errorf("%+v", s)
	}
}

func TestARefusedNameIsRefusedInEveryVersion(t *testing.T) {
	cloud, store := scene(t)
	e := told(outcome.Rejected, "", 0)
	e.Detail.Data.Error.Code = outcome.BadObjectKey
	if s := record(t, store, e); s != nil {
		t.Errorf("there is no object, but %+v", s)
	}
	v1 := upload(cloud)
	if s := record(t, store, e); s == nil || s.Outcome != status.Rejected || !s.Of(v1, "") {
		t.Errorf("%+v", s)
	}
}

func TestAStatusCanAlwaysBeReadAgain(t *testing.T) {
	cloud, store := scene(t)
	e := told(outcome.Rejected, upload(cloud), 0)
	e.Detail.Data.Error.Message = strings.Repeat("long ", 20_000)
	for range 2000 {
		e.Detail.Data.Findings = append(e.Detail.Data.Findings, keypolicy.Finding{
			Rule: "sid-empty", Severity: keypolicy.Warning, Message: strings.Repeat("m", 200), Line: 1, Column: 1, Path: "$",
		})
	}
	s := record(t, store, e)
	if size := len(stored(t, store)); s == nil || size > bucket.MaxObject || size < bucket.MaxObject/8 || len(s.Findings) == 0 {
		t.Errorf("%d bytes, %d findings", size, len(s.Findings))
	}
}

func TestAWriteWhoseAnswerIsLostIsTriedAgain(t *testing.T) {
	for _, kind := range []fakeaws.Kind{fakeaws.Drop, fakeaws.DropAfter, fakeaws.Refuse} {
		cloud, store := scene(t)
		v1 := upload(cloud)
		cloud.Fault(fakeaws.Fault{Service: "s3", Action: "PutObject", Kind: kind, Code: "SlowDown", Times: 2})
		if s := record(t, store, told(outcome.Applied, v1, 0)); s == nil || !s.Of(v1, "") {
			t.Errorf("%s: %+v", kind, s)
		}
	}
}

func TestAWriteThatIsDeniedIsAnErrorThatNamesTheObject(t *testing.T) {
	cloud, store := scene(t)
	v1 := upload(cloud)
	cloud.Fault(fakeaws.Fault{Service: "s3", Action: "PutObject", Kind: fakeaws.Refuse, Code: "AccessDenied", Status: 403})
	_, err := store.Record(context.Background(), object, []outcome.Event{told(outcome.Applied, v1, 0)})
	if err == nil || !strings.Contains(err.Error(), object) || !strings.Contains(err.Error(), "AccessDenied") {
		t.Error(err)
	}
}
