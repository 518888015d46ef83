package fakes3

import (
	"encoding/xml"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

type copyResult struct {
	XMLName            xml.Name `xml:"CopyObjectResult"`
	ETag, LastModified string
}

type listResult struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	Name, Prefix          string
	KeyCount, MaxKeys     int
	IsTruncated           bool
	NextContinuationToken string `xml:",omitempty"`
	Contents              []listed
	CommonPrefixes        []commonPrefix
}

type listed struct {
	Key, LastModified, ETag string
	Size                    int
	StorageClass            string
}

type commonPrefix struct{ Prefix string }

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

const maxKeys = 1000

// page returns how many keys a list may hold.
func page(asked string) int {
	n, err := strconv.Atoi(asked)
	if err != nil || n > maxKeys || n < 0 {
		return maxKeys
	}
	return n
}

func (s *Service) listObjects(req *request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.lookup(req.bucket)
	if err != nil {
		return err
	}
	q := req.r.URL.Query()
	out := listResult{Name: b.name, Prefix: q.Get("prefix"), MaxKeys: page(q.Get("max-keys"))}
	after := max(q.Get("start-after"), q.Get("continuation-token"), q.Get("marker"))
	for _, key := range slices.Sorted(maps.Keys(b.objects)) {
		o := b.exists(key)
		if o == nil || key <= after || !strings.HasPrefix(key, out.Prefix) {
			continue
		}
		common, folded := fold(key, out.Prefix, q.Get("delimiter"))
		if folded && (common <= after || out.has(common)) {
			continue
		}
		if out.KeyCount == out.MaxKeys {
			out.IsTruncated = true
			break
		}
		out.KeyCount++
		out.NextContinuationToken = key
		if folded {
			out.CommonPrefixes = append(out.CommonPrefixes, commonPrefix{common})
			out.NextContinuationToken = common + "\U0010ffff"
			continue
		}
		out.Contents = append(out.Contents, listed{key, stamp(o.Modified), o.ETag, len(o.Body), "STANDARD"})
	}
	if !out.IsTruncated {
		out.NextContinuationToken = ""
	}
	return req.answer(out)
}

// fold returns the common prefix of a key below a delimiter.
func fold(key, prefix, delimiter string) (string, bool) {
	if delimiter == "" {
		return "", false
	}
	before, _, found := strings.Cut(key[len(prefix):], delimiter)
	return prefix + before + delimiter, found
}

func (r *listResult) has(common string) bool {
	return len(r.CommonPrefixes) > 0 && r.CommonPrefixes[len(r.CommonPrefixes)-1].Prefix == common
}

type versionsResult struct {
	XMLName             xml.Name `xml:"ListVersionsResult"`
	Name, Prefix        string
	MaxKeys             int
	IsTruncated         bool
	NextKeyMarker       string `xml:",omitempty"`
	NextVersionIdMarker string `xml:",omitempty"`
	Version             []versionEntry
	DeleteMarker        []versionEntry
}

type versionEntry struct {
	Key, VersionId, LastModified string
	IsLatest                     bool
	ETag                         string `xml:",omitempty"`
	Size                         int    `xml:",omitempty"`
}

// listVersions lists newest first within a key. A page ends with a whole
// key, so that the key alone is the marker.
func (s *Service) listVersions(req *request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.lookup(req.bucket)
	if err != nil {
		return err
	}
	q := req.r.URL.Query()
	out := versionsResult{Name: b.name, Prefix: q.Get("prefix"), MaxKeys: page(q.Get("max-keys"))}
	for _, key := range slices.Sorted(maps.Keys(b.objects)) {
		if key <= q.Get("key-marker") || !strings.HasPrefix(key, out.Prefix) {
			continue
		}
		if len(out.Version)+len(out.DeleteMarker) >= out.MaxKeys {
			out.IsTruncated = true
			break
		}
		out.add(b.objects[key])
		out.NextKeyMarker = key
	}
	if !out.IsTruncated {
		out.NextKeyMarker = ""
	}
	return req.answer(out)
}

func (r *versionsResult) add(versions []*Object) {
	for i, o := range slices.Backward(versions) {
		e := versionEntry{Key: o.Key, VersionId: o.VersionID, LastModified: stamp(o.Modified), IsLatest: i == len(versions)-1}
		if o.DeleteMarker {
			r.DeleteMarker = append(r.DeleteMarker, e)
			continue
		}
		e.ETag, e.Size = o.ETag, len(o.Body)
		r.Version = append(r.Version, e)
	}
}
