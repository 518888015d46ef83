package verdict

import (
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/outcome"
)

// Judged is the document that an event is about: that very version of the
// object. It is nil where the event names no object.
func Judged(s3 *fakeaws.S3, e outcome.Event) []byte {
	object := e.Detail.Data.Object
	if object == nil {
		return nil
	}
	for _, version := range s3.Versions(object.Bucket, object.Key) {
		if version.VersionID == object.VersionID {
			return version.Body
		}
	}
	return nil
}
