package simulation

import (
	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/status"
)

// What must hold of the statuses. They are judged when all is at rest, by their
// versions in the bucket: what was ever written is there.

const (
	describesNewest = "I19: at rest the status describes the newest version"
	goesForward     = "I19: the status of an older version never replaces that of a newer one"
)

// checkStatus holds the status of a key against its object. Before a sweep has
// passed, nobody has looked at what was deleted, or at a status that somebody else
// has changed.
func (s *sim) checkStatus(k *managedKey, swept bool) {
	all := s.versions(k)
	if len(all) == 0 {
		return
	}
	var last *status.Status
	for _, o := range s.cloud.S3.Versions(functest.Bucket, objectkey.Status(k.object)) {
		next, _ := status.Parse(o.Body, k.object) // nil: somebody has deleted it, or written nonsense
		if last != nil && next != nil && last.VersionID != "" && next.VersionID != "" {
			s.breaks(goesForward, s.indexOf(k, last.VersionID) <= s.indexOf(k, next.VersionID),
				"version %s after %s of %s", short(next.VersionID), short(last.VersionID), k.label)
		}
		last = next
	}
	newest := all[len(all)-1]
	switch {
	case newest.DeleteMarker:
		s.breaks(describesNewest, !swept || last == nil || last.Outcome == status.Removed, "%s was deleted, and the status says %+v", k.label, last)
	case last == nil:
		s.breaks(describesNewest, !swept, "%s has none", k.label)
	default:
		s.breaks(describesNewest, last.VersionID == newest.VersionID, "%s is at version %s, the status at %s",
			k.label, short(newest.VersionID), short(last.VersionID))
	}
}
