package fakes3

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/fakeevents"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// Options are what the service needs to know of its surroundings. All fields
// are required.
type Options struct {
	Account string
	Region  string
	Now     func() time.Time
	Source  *wire.Source
	// Publish puts an event on a bus.
	Publish func(bus string, e fakeevents.Entry) string
}

// A Service holds the buckets. Its methods may be called from many
// goroutines.
type Service struct {
	opts Options

	mu       sync.Mutex
	buckets  map[string]*bucket
	sequence int64
}

type bucket struct {
	name        string
	created     time.Time
	versioning  string // "", Enabled or Suspended
	eventBridge bool
	policy      string               // JSON; empty where there is none
	objects     map[string][]*Object // by key, oldest version first
}

// New returns a service without buckets.
func New(o Options) *Service {
	return &Service{opts: o, buckets: map[string]*bucket{}}
}

// lookup finds a bucket; the caller holds the lock.
func (s *Service) lookup(name string) (*bucket, error) {
	b, ok := s.buckets[name]
	if !ok {
		return nil, wire.StatusError(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
	}
	return b, nil
}

// current returns the newest version of a key, which may be a delete marker.
func (b *bucket) current(key string) *Object {
	versions := b.objects[key]
	if len(versions) == 0 {
		return nil
	}
	return versions[len(versions)-1]
}

// exists returns the current object; nil where there is none.
func (b *bucket) exists(key string) *Object {
	if o := b.current(key); o != nil && !o.DeleteMarker {
		return o
	}
	return nil
}

// add makes o the newest version. Without versioning it replaces what is
// there.
func (b *bucket) add(o *Object, newID func() string) {
	if b.versioning == "Enabled" {
		o.VersionID = newID()
		b.objects[o.Key] = append(b.objects[o.Key], o)
		return
	}
	o.VersionID = "null"
	kept := []*Object{}
	for _, old := range b.objects[o.Key] {
		if old.VersionID != "null" {
			kept = append(kept, old)
		}
	}
	b.objects[o.Key] = append(kept, o)
}

// keys returns the keys of existing objects in order.
func (b *bucket) keys(prefix string) []string {
	if b == nil {
		return nil
	}
	var out []string
	for _, key := range slices.Sorted(maps.Keys(b.objects)) {
		if b.exists(key) != nil && strings.HasPrefix(key, prefix) {
			out = append(out, key)
		}
	}
	return out
}
