package converge_test

import (
	"github.com/keysmith/keysmith/shared/functest"

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
	functest.Play(t, nil, func(w *functest.World) {
		w.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: mrk, MultiRegion: true, Policy: functest.Policy("old")})
		w.Cloud.S3.Put(functest.Bucket, set, []byte(functest.Policy("set")), nil)
		w.Cloud.S3.Put(functest.Bucket, own, []byte(functest.Policy("own")), nil)
		for range 2 { // whichever comes first
			refused := w.Single(functest.Uploaded(set, ""))
			if functest.Say(refused) != "Rejected BAD_OBJECT_KEY" || !strings.Contains(refused.Detail.Data.Error.Message, "multi-region") {
				t.Errorf("the set's: %s: %s", functest.Say(refused), refused.Detail.Data.Error.Message)
			}
			if e := w.Single(functest.Uploaded(own, "")); functest.Say(e) != "Applied" || w.InForce(mrk) != "own" {
				t.Errorf("the key's own: %s, %s in force", functest.Say(e), w.InForce(mrk))
			}
		}
	})
}

// Row 37.
func TestAReplicaIsATargetOfItsOwn(t *testing.T) {
	const mrk = "mrk-1234abcd12ab34cd56ef1234567890ab"
	functest.Play(t, nil, func(w *functest.World) {
		w.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: mrk, MultiRegion: true, Region: "eu-west-1", Primary: "eu-west-1", Policy: functest.Policy("old")})
		replica := w.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: mrk, MultiRegion: true, Primary: "eu-west-1", Policy: functest.Policy("old")})
		w.Cloud.S3.Put(functest.Bucket, "policies/"+mrk+".json", []byte(functest.Policy("new")), nil)
		if e := w.Single(functest.Uploaded("policies/"+mrk+".json", "")); functest.Say(e) != "Applied" || e.Detail.Data.Key.ARN != replica {
			t.Errorf("%s on %+v", functest.Say(e), e.Detail.Data.Key)
		}
		for _, put := range w.Cloud.KMS.Puts() {
			if put.ARN != replica {
				t.Errorf("%s got a policy too", put.ARN)
			}
		}
	})
}

// Row 39.
func TestAKeyThatComesToBeMeanwhileGetsItsPolicy(t *testing.T) {
	const id = "00000000-0000-0000-0000-000000000001"
	functest.Play(t, nil, func(w *functest.World) {
		w.Cloud.S3.Put(functest.Bucket, "policies/"+id+".json", []byte(functest.Policy("new")), nil)
		made := time.AfterFunc(2*time.Second, func() { w.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: id, Policy: functest.Policy("old")}) })
		defer made.Stop()
		if e := w.Single(functest.Uploaded("policies/"+id+".json", "")); functest.Say(e) != "Applied" || w.InForce(id) != "new" {
			t.Errorf("%s", functest.Say(e))
		}
	})
}

// Row 40.
func TestABatchWithoutRecordsIsNoTrigger(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		for _, payload := range []string{`{"Records": []}`, `{"Records": null}`, `{"Records": [{}]}`, `null`, `"text"`} {
			out, err := w.Invoke([]byte(payload))
			var got struct{ Ignored int }
			if json.Unmarshal(out, &got) != nil || err != nil || got.Ignored != 1 {
				t.Errorf("%s: %s, %v", payload, out, err)
			}
		}
		if calls := w.Cloud.Calls(); len(calls) > 0 {
			t.Errorf("calls: %v", calls)
		}
	})
}
