package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// Row 36. This version handles no object for a multi-Region
// set, so such an object never owns a key, and the object of a single key of
// the set counts as if it were alone.
func TestAnObjectForAMultiRegionSetIsRefusedAndTheKeysOwnObjectCounts(t *testing.T) {
	const mrk = "mrk-1234abcd12ab34cd56ef1234567890ab"
	const set, own = "policies/multi-region/" + mrk + ".json", "policies/" + mrk + ".json"
	play(t, nil, func(w *world) {
		w.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: mrk, MultiRegion: true, Policy: policy("old")})
		w.cloud.S3.Put(policyBkt, set, []byte(policy("set")), nil)
		w.cloud.S3.Put(policyBkt, own, []byte(policy("own")), nil)
		for range 2 { // whichever comes first
			refused := w.single(uploaded(set, ""))
			if say(refused) != "Rejected BAD_OBJECT_KEY" || !strings.Contains(refused.Detail.Data.Error.Message, "multi-region") {
				t.Errorf("the set's: %s: %s", say(refused), refused.Detail.Data.Error.Message)
			}
			if e := w.single(uploaded(own, "")); say(e) != "Applied" || w.inForce(mrk) != "own" {
				t.Errorf("the key's own: %s, %s in force", say(e), w.inForce(mrk))
			}
		}
	})
}

// Row 37.
func TestAReplicaIsATargetOfItsOwn(t *testing.T) {
	const mrk = "mrk-1234abcd12ab34cd56ef1234567890ab"
	play(t, nil, func(w *world) {
		w.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: mrk, MultiRegion: true, Region: "eu-west-1", Primary: "eu-west-1", Policy: policy("old")})
		replica := w.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: mrk, MultiRegion: true, Primary: "eu-west-1", Policy: policy("old")})
		w.cloud.S3.Put(policyBkt, "policies/"+mrk+".json", []byte(policy("new")), nil)
		if e := w.single(uploaded("policies/"+mrk+".json", "")); say(e) != "Applied" || e.Detail.Data.Key.ARN != replica {
			t.Errorf("%s on %+v", say(e), e.Detail.Data.Key)
		}
		for _, put := range w.cloud.KMS.Puts() {
			if put.ARN != replica {
				t.Errorf("%s got a policy too", put.ARN)
			}
		}
	})
}

// Row 39.
func TestAKeyThatComesToBeMeanwhileGetsItsPolicy(t *testing.T) {
	const id = "00000000-0000-0000-0000-000000000001"
	play(t, nil, func(w *world) {
		w.cloud.S3.Put(policyBkt, "policies/"+id+".json", []byte(policy("new")), nil)
		made := time.AfterFunc(2*time.Second, func() { w.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: id, Policy: policy("old")}) })
		defer made.Stop()
		if e := w.single(uploaded("policies/"+id+".json", "")); say(e) != "Applied" || w.inForce(id) != "new" {
			t.Errorf("%s", say(e))
		}
	})
}

// Row 40.
func TestABatchWithoutRecordsIsNoTrigger(t *testing.T) {
	play(t, nil, func(w *world) {
		for _, payload := range []string{`{"Records": []}`, `{"Records": null}`, `{"Records": [{}]}`, `null`, `"text"`} {
			out, err := w.invoke([]byte(payload))
			var got struct{ Ignored int }
			if json.Unmarshal(out, &got) != nil || err != nil || got.Ignored != 1 {
				t.Errorf("%s: %s, %v", payload, out, err)
			}
		}
		if calls := w.cloud.Calls(); len(calls) > 0 {
			t.Errorf("calls: %v", calls)
		}
	})
}

// Row 15 asks for an alarm: the metric that it watches must be one that the
// function writes, with the very dimensions.
func TestTheMetricsThatAlarmsWatchAreWritten(t *testing.T) {
	watchedMetrics := 0
	play(t, nil, func(w *world) {
		w.upload(policy("new"))
		w.intercept = afterPut("GetKeyPolicy", fails(400, "AccessDeniedException", "no"))
		if e := w.single(uploaded(objectName, "")); say(e) != "Failed UNVERIFIED" {
			t.Errorf("%s", say(e))
		}
		for _, a := range alarms(t) {
			if a.Namespace != "keysmith" {
				continue
			}
			watchedMetrics++
			if !strings.Contains(w.emf.String(), `"`+a.MetricName+`":`) || len(a.Dimensions) != 1 ||
				!strings.Contains(w.emf.String(), `"`+a.Dimensions[0].Name+`":"`+a.Dimensions[0].Value+`"`) ||
				!strings.Contains(w.emf.String(), `"Dimensions":[["`+a.Dimensions[0].Name+`"]`) {
				t.Errorf("no such metric: %+v in %s", a, w.emf.String())
			}
		}
	})
	if watchedMetrics == 0 {
		t.Error("no alarm watches a metric of keysmith")
	}
}
