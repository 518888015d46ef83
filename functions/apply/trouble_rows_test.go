package main

import (
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// The fault table's row 36: this version handles no object for a multi-Region
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
