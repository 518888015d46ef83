package converge

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/converge/setspace"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
	"github.com/keysmith/keysmith/shared/target"
)

// What the model of sets proves is of use only while it makes one result of those of the
// keys as the code does. Every combination of two and of three keys is tried.
func TestTheCodeAndTheModelCombineTheKeysOfASetAlike(t *testing.T) {
	ends := keyEnds()
	tried := 0
	for _, a := range ends {
		for _, b := range ends {
			alike(t, a, b)
			for _, c := range ends {
				alike(t, a, b, c)
				tried++
			}
		}
	}
	t.Logf("%d combinations of three keys", tried)
}

// keyEnds are all ways in which the run for one key can end.
func keyEnds() (list []setspace.Key) {
	for version := byte(1); version <= 2; version++ {
		for _, word := range []setspace.Word{setspace.Applied, setspace.Failed, setspace.Final, setspace.Rejected, setspace.InSync, setspace.Ended} {
			list = append(list, setspace.Key{Word: word, Version: version})
		}
		list = append(list,
			setspace.Key{Word: setspace.Failed, Version: version, Open: true},
			setspace.Key{Word: setspace.Drifted, Version: version, News: true},
			setspace.Key{Word: setspace.Drifted, Version: version, Open: true},
			setspace.Key{Word: setspace.InSync, Version: version, Resolved: true, Open: true})
	}
	return append(list, setspace.Key{Word: setspace.Gone}, setspace.Key{Word: setspace.Gone, Open: true}, setspace.Key{Word: setspace.HandsBack})
}

func alike(t *testing.T, keys ...setspace.Key) {
	t.Helper()
	want, got := setspace.Combine(keys), verdictOf(combine(partsOf(keys)))
	for _, v := range []setspace.Verdict{want, got} { // the order of the versions is that of the keys, which does not matter
		slices.SortFunc(v.Chapters, func(a, b setspace.Chapter) int {
			return cmp.Or(cmp.Compare(group(a), group(b)), cmp.Compare(a.Version, b.Version))
		})
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("%+v: the code makes %+v; the model %+v", keys, got, want)
	}
}

// group orders a drift before the outcomes, and these before its end.
func group(c setspace.Chapter) int {
	switch c.Word {
	case setspace.Drifted:
		return 0
	case setspace.InSync:
		return 2
	}
	return 1
}

func regionOf(i int) string { return []string{"us-east-1", "eu-west-1", "eu-north-1"}[i] }

// partsOf are the runs that end as keys say.
func partsOf(keys []setspace.Key) []part {
	known := &status.Status{}
	for i, k := range keys {
		if k.Open {
			known.Drift = &outcome.Drift{}
			if known.DriftReported == nil {
				known.DriftReported = &status.DriftReported{}
			}
			known.DriftReported.Replicas = append(known.DriftReported.Replicas, status.DriftedReplica{Region: regionOf(i)})
		}
	}
	parts := make([]part, len(keys))
	for i, k := range keys {
		parts[i] = partOf(k, &run{
			at: &target.Target{Place: target.Place{Partition: "aws", Account: "111122223333", Region: regionOf(i)}}, status: known,
			set: &set{}, job: Job{Name: objectkey.Name{KeyID: "mrk-1"}}, version: bucket.Version{ID: versionOf(k.Version)},
		})
	}
	return parts
}

func versionOf(v byte) string { return strconv.Itoa(int(v)) }

func partOf(k setspace.Key, r *run) part {
	p := part{run: r}
	draft := func(t outcome.Type, e *outcome.Error) *Draft {
		return &Draft{Type: t, Data: outcome.Data{Object: &outcome.Object{VersionID: versionOf(k.Version)}, Error: e}}
	}
	tell := func(d *Draft) { p.res.Drafts = append(p.res.Drafts, *d) }
	switch k.Word {
	case setspace.Applied:
		tell(draft(outcome.Applied, nil))
	case setspace.Failed:
		p.res.Again = errors.New("again")
		tell(draft(outcome.Failed, &outcome.Error{Retryable: true}))
	case setspace.Final:
		tell(draft(outcome.Failed, &outcome.Error{}))
	case setspace.Rejected:
		tell(draft(outcome.Rejected, &outcome.Error{}))
	case setspace.Drifted:
		if d := draft(outcome.DriftDetected, nil); k.News {
			tell(d)
		} else {
			p.res.lasting = d
		}
	case setspace.InSync:
		r.found.inSync = &r.version
		if k.Resolved {
			tell(draft(outcome.DriftResolved, nil))
		}
	case setspace.Ended:
		r.stood = ended
	case setspace.HandsBack:
		p.res.Again = errors.New("again")
	}
	return p
}

// verdictOf says a result in the words of the model.
func verdictOf(res Result) setspace.Verdict {
	v := setspace.Verdict{Back: res.Again != nil}
	for _, d := range res.Drafts {
		version, _ := strconv.Atoi(d.Data.Object.VersionID)
		c := setspace.Chapter{Version: byte(version), Word: wordOf(d)} //nolint:gosec // one digit
		for _, row := range d.Data.Replicas {
			c.Rows = append(c.Rows, wordOf(Draft{Type: outcome.Type(prefix + row.Outcome), Data: outcome.Data{Error: row.Error}}))
		}
		v.Chapters = append(v.Chapters, c)
	}
	return v
}

func wordOf(d Draft) setspace.Word {
	switch d.Type {
	case outcome.Applied:
		return setspace.Applied
	case outcome.Rejected:
		return setspace.Rejected
	case outcome.Failed:
		if d.Data.Error.Retryable {
			return setspace.Failed
		}
		return setspace.Final
	case outcome.DriftDetected, prefix + outcome.Drifted:
		return setspace.Drifted
	case outcome.DriftResolved, prefix + outcome.InSync:
		return setspace.InSync
	}
	return 0
}

// And while a status means for each key what the model takes it for.
func TestTheCodeAndTheModelKnowANewReplicaAlike(t *testing.T) {
	for row, word := range map[string]setspace.Word{
		"": 0, "Applied": setspace.Applied, "Failed": setspace.Failed, "Rejected": setspace.Rejected, outcome.Drifted: setspace.Drifted, outcome.InSync: setspace.InSync,
	} {
		s := &status.Status{}
		if row != "" {
			s.Replicas = []outcome.Replica{{Region: "us-east-1", Outcome: row}}
		}
		if got, want := s.Covers("us-east-1"), setspace.Covers(word); got != want {
			t.Errorf("%q: the code says %t, the model %t", row, got, want)
		}
	}
}
