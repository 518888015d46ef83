package fakes3

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/keysmith/keysmith/shared/fakeaws/fakeevents"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// An objectEvent is what EventBridge is told about an object. The zero value
// tells nothing.
type objectEvent struct {
	bucket    string
	object    Object
	sequencer string
	deleted   bool
}

// event notes what happened to o, if the bucket tells EventBridge. The caller
// holds the lock: sequencers must grow in the order of the versions.
func (s *Service) event(b *bucket, o *Object) objectEvent {
	if !b.eventBridge {
		return objectEvent{}
	}
	s.sequence = max(s.sequence+1, s.opts.Now().UnixMicro())
	return objectEvent{
		bucket: b.name, object: *o, deleted: o.DeleteMarker,
		sequencer: fmt.Sprintf("00%016X", s.sequence),
	}
}

func (e objectEvent) publish(s *Service, call *wire.Call, reason string) {
	if e.bucket == "" {
		return
	}
	object := map[string]any{"key": e.object.Key, "sequencer": e.sequencer}
	detail := map[string]any{
		"version": "0", "bucket": map[string]string{"name": e.bucket}, "object": object,
		"request-id": call.RequestID, "requester": call.Account, "source-ip-address": "127.0.0.1", "reason": reason,
	}
	kind := "Object Created"
	if e.object.VersionID != "null" {
		object["version-id"] = e.object.VersionID
	}
	if e.deleted {
		kind = "Object Deleted"
		detail["deletion-type"] = "Permanently Deleted"
		if e.object.DeleteMarker {
			detail["deletion-type"] = "Delete Marker Created"
		}
	} else {
		object["size"], object["etag"] = len(e.object.Body), strings.Trim(e.object.ETag, `"`)
	}
	text, err := json.Marshal(detail)
	if err != nil {
		return
	}
	s.opts.Publish("default", fakeevents.Entry{
		Source: "aws.s3", DetailType: kind, Account: s.opts.Account, Region: s.opts.Region,
		Time: s.opts.Now(), Resources: []string{"arn:aws:s3:::" + e.bucket}, Detail: text,
	})
}
