package fakes3

import (
	"maps"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// Versioned and Unversioned are what CreateBucket takes.
const (
	Versioned   = true
	Unversioned = false
)

// CreateBucket makes a bucket exist.
func (s *Service) CreateBucket(name string, versioned bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.create(name)
	if versioned {
		b.versioning = "Enabled"
	}
}

// NotifyEventBridge turns the bucket's events on or off.
func (s *Service) NotifyEventBridge(name string, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.buckets[name]; b != nil {
		b.eventBridge = on
	}
}

// Put stores an object and returns its version id. The bucket must exist.
func (s *Service) Put(name, key string, body []byte, metadata map[string]string) string {
	return s.PutObject(name, Object{Key: key, Body: body, Metadata: metadata})
}

// PutObject is Put for an object with an encoding, a type or a storage class.
// It returns an empty string where there is no such bucket.
func (s *Service) PutObject(name string, o Object) string {
	o.ETag = etag(o.Body)
	o.checksums, _ = checksums(nil, nil, o.Body)
	o.Metadata = maps.Clone(o.Metadata)
	s.mu.Lock()
	b := s.buckets[name]
	if b == nil {
		s.mu.Unlock()
		return ""
	}
	event := s.store(b, &o)
	s.mu.Unlock()
	event.publish(s, s.self(), "PutObject")
	return o.VersionID
}

// self is the call that a Go function stands for.
func (s *Service) self() *wire.Call {
	return &wire.Call{Account: s.opts.Account, RequestID: s.opts.Source.Hex(16)}
}

// Get returns the current version of an object.
func (s *Service) Get(name, key string) (Object, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[name]
	if b == nil || b.exists(key) == nil {
		return Object{}, false
	}
	return b.exists(key).clone(), true
}

// Versions returns all versions of an object, oldest first.
func (s *Service) Versions(name, key string) []Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Object
	if b := s.buckets[name]; b != nil {
		for _, o := range b.objects[key] {
			out = append(out, o.clone())
		}
	}
	return out
}

// Keys returns the keys of the objects that exist and start with prefix.
func (s *Service) Keys(name, prefix string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buckets[name].keys(prefix)
}

// Delete deletes an object as DeleteObject does: with versioning by a marker.
func (s *Service) Delete(name, key string) {
	s.mu.Lock()
	b := s.buckets[name]
	if b == nil {
		s.mu.Unlock()
		return
	}
	_, event := s.remove(b, key, "")
	s.mu.Unlock()
	event.publish(s, s.self(), "DeleteObject")
}
