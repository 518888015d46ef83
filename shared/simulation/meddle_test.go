package simulation

import (
	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/objectkey"
)

// disturb is what somebody does past keysmith: to the key, or to the status.
func (s *sim) disturb(k *managedKey) {
	s.meddlings++
	object := objectkey.Status(k.object)
	switch s.rng.IntN(5) {
	case 0:
		s.tell("world", "deletes the status of %s", k.label)
		s.cloud.S3.Delete(functest.Bucket, object)
	case 1:
		s.tell("world", "writes nonsense into the status of %s", k.label)
		s.cloud.S3.Put(functest.Bucket, object, []byte(`{"outcome": "Fine"}`), nil)
	case 2:
		s.forge(k)
	default:
		s.tell("world", "changes the policy of %s by hand", k.label)
		k.handed = true
		s.cloud.KMS.SetPolicy(k.id, functest.Policy(byHand))
	}
}

// forge writes into the status that the newest version was applied.
func (s *sim) forge(k *managedKey) {
	all := s.versions(k)
	if len(all) == 0 {
		return
	}
	s.tell("world", "writes into the status of %s that its newest version was applied", k.label)
	newest := all[len(all)-1]
	text := functest.JSON(functest.M{
		"schema": "keysmith.status/1", "object": k.object, "versionId": newest.VersionID, "outcome": "Applied", "time": newest.Modified,
		"lastApplied": functest.M{"versionId": newest.VersionID, "canonicalSha256": digestOf(string(newest.Body)), "time": newest.Modified},
	})
	s.cloud.S3.Put(functest.Bucket, objectkey.Status(k.object), text, nil)
}
