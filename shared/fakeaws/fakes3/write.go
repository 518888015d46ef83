package fakes3

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

func (s *Service) putObject(req *request) error {
	body, trailer, err := payload(req.r.Header, req.body)
	if err != nil {
		return err
	}
	o := fromHeader(req.key, req.r.Header, body)
	if o.checksums, err = checksums(req.r.Header, trailer, body); err != nil {
		return err
	}
	versioned, err := s.write(req, o, "PutObject")
	if err != nil {
		return err
	}
	h := req.w.Header()
	h.Set("ETag", o.ETag)
	if versioned {
		h.Set("X-Amz-Version-Id", o.VersionID)
	}
	for name, value := range o.checksums {
		h.Set(name, value)
	}
	h.Set("X-Amz-Checksum-Type", "FULL_OBJECT")
	return nil
}

// write stores o under the conditions of the request and tells the world.
func (s *Service) write(req *request, o *Object, reason string) (versioned bool, err error) {
	s.mu.Lock()
	b, err := s.lookup(req.bucket)
	if err == nil {
		err = writeConditions(b.exists(req.key), b.current(req.key), req.r.Header)
	}
	if err != nil {
		s.mu.Unlock()
		return false, err
	}
	event := s.store(b, o)
	versioned = b.versioning == "Enabled"
	s.mu.Unlock()
	event.publish(s, req.call, reason)
	return versioned, nil
}

// store adds o to the bucket; the caller holds the lock.
func (s *Service) store(b *bucket, o *Object) objectEvent {
	o.Modified = s.opts.Now()
	b.add(o, func() string { return s.opts.Source.Base32(32) })
	return s.event(b, o)
}

// writeConditions judges If-Match and If-None-Match of a write. Where there
// is no object, If-Match finds no key, also below a delete marker.
func writeConditions(existing, current *Object, h http.Header) error {
	if h.Get("If-None-Match") == "*" && existing != nil {
		return preconditionFailed()
	}
	match := h.Get("If-Match")
	switch {
	case match == "":
		return nil
	case existing == nil:
		return (&bucket{}).noSuchKey(current)
	case !matches(match, existing.ETag):
		return preconditionFailed()
	}
	return nil
}

func (s *Service) copyObject(req *request) error {
	source, err := url.PathUnescape(strings.TrimPrefix(req.r.Header.Get("X-Amz-Copy-Source"), "/"))
	if err != nil {
		return wire.StatusError(http.StatusBadRequest, "InvalidArgument", "Invalid copy source encoding")
	}
	source, query, _ := strings.Cut(source, "?versionId=")
	name, key, _ := strings.Cut(source, "/")
	s.mu.Lock()
	from, err := s.lookup(name)
	var old *Object
	if err == nil {
		old, err = from.read(key, query)
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	o := old.clone()
	o.Key = req.key
	if req.r.Header.Get("X-Amz-Metadata-Directive") == "REPLACE" {
		o.Metadata = fromHeader(req.key, req.r.Header, nil).Metadata
	}
	versioned, err := s.write(req, &o, "CopyObject")
	if err != nil {
		return err
	}
	if versioned {
		req.w.Header().Set("X-Amz-Version-Id", o.VersionID)
	}
	return req.answer(copyResult{ETag: o.ETag, LastModified: stamp(o.Modified)})
}

func (s *Service) deleteObject(req *request) error {
	version := req.r.URL.Query().Get("versionId")
	s.mu.Lock()
	b, err := s.lookup(req.bucket)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	gone, event := s.remove(b, req.key, version)
	s.mu.Unlock()
	if gone != nil && gone.VersionID != "null" {
		req.w.Header().Set("X-Amz-Version-Id", gone.VersionID)
	}
	if gone != nil && gone.DeleteMarker {
		req.w.Header().Set("X-Amz-Delete-Marker", "true")
	}
	event.publish(s, req.call, "DeleteObject")
	req.w.WriteHeader(http.StatusNoContent)
	return nil
}

// remove deletes a version for good, or the object by a delete marker. It
// returns the version that went or the marker that came.
func (s *Service) remove(b *bucket, key, version string) (*Object, objectEvent) {
	if version == "" && b.versioning != "" {
		marker := &Object{Key: key, DeleteMarker: true, Metadata: map[string]string{}}
		event := s.store(b, marker)
		return marker, event
	}
	if version == "" {
		version = "null"
	}
	for i, o := range b.objects[key] {
		if o.VersionID == version {
			kept := append([]*Object{}, b.objects[key][:i]...)
			b.objects[key] = append(kept, b.objects[key][i+1:]...)
			event := s.event(b, o)
			event.deleted = true
			return o, event
		}
	}
	return nil, objectEvent{}
}
