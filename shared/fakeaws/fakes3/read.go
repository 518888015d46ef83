package fakes3

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// getObject answers GetObject and HeadObject.
func (s *Service) getObject(req *request) error {
	s.mu.Lock()
	b, err := s.lookup(req.bucket)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	o, err := b.read(req.key, req.r.URL.Query().Get("versionId"))
	if err != nil {
		// Only who may list the bucket is told that there is nothing; others
		// are told that they may not read it.
		req.call.Also = append(req.call.Also, wire.Need{IAM: "s3:ListBucket", Resource: "arn:aws:s3:::" + req.bucket})
	}
	versioned := b.versioning != ""
	s.mu.Unlock()
	if err != nil {
		return err
	}
	if err := readable(o, req.r); err != nil {
		return err
	}
	if err := readConditions(o, req.r.Header); err != nil {
		return err
	}
	ranged := req.r.Header.Get("Range") != ""
	o.setHeader(req.w.Header(), versioned, req.r.Header.Get("X-Amz-Checksum-Mode") == "ENABLED" && !ranged)
	plain := req.r.Clone(req.r.Context())
	for _, name := range []string{"If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"} {
		plain.Header.Del(name) // judged above, with S3's errors
	}
	req.w.Header().Set("Accept-Ranges", "bytes")
	http.ServeContent(req.w, plain, "", time.Time{}, bytes.NewReader(o.Body))
	return nil
}

// read finds a version. What it returns is never changed afterwards.
func (b *bucket) read(key, version string) (*Object, error) {
	if version == "" {
		o := b.current(key)
		if o == nil || o.DeleteMarker {
			return nil, b.noSuchKey(o)
		}
		return o, nil
	}
	for _, o := range b.objects[key] {
		if o.VersionID != version {
			continue
		}
		if o.DeleteMarker {
			refused := wire.StatusError(http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource.")
			refused.Header = b.markerHeader(o)
			refused.Header.Set("Allow", http.MethodDelete)
			return nil, refused
		}
		return o, nil
	}
	return nil, wire.StatusError(http.StatusNotFound, "NoSuchVersion", "The specified version does not exist.")
}

func (b *bucket) noSuchKey(marker *Object) error {
	refused := wire.StatusError(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
	if marker != nil {
		refused.Header = b.markerHeader(marker)
	}
	return refused
}

func (b *bucket) markerHeader(marker *Object) http.Header {
	h := http.Header{}
	h.Set("X-Amz-Delete-Marker", "true")
	h.Set("X-Amz-Version-Id", marker.VersionID)
	h.Set("Last-Modified", marker.Modified.UTC().Format(http.TimeFormat))
	return h
}

// readable refuses objects that cannot be read just so: archived ones, and
// those that need the customer's own key.
func readable(o *Object, r *http.Request) error {
	switch {
	case o.CustomerKey != "" && r.Header.Get("X-Amz-Server-Side-Encryption-Customer-Algorithm") == "":
		return wire.StatusError(http.StatusBadRequest, "InvalidRequest", "The object was stored using a form of Server Side Encryption. "+
			"The correct parameters must be provided to retrieve the object.")
	case (o.StorageClass == "GLACIER" || o.StorageClass == "DEEP_ARCHIVE") && r.Method == http.MethodGet:
		return wire.StatusError(http.StatusForbidden, "InvalidObjectState", "The operation is not valid for the object's storage class")
	}
	return nil
}

func readConditions(o *Object, h http.Header) error {
	modified := o.Modified.Truncate(time.Second)
	if match := h.Get("If-Match"); match != "" {
		if !matches(match, o.ETag) {
			return preconditionFailed()
		}
	} else if since, err := http.ParseTime(h.Get("If-Unmodified-Since")); err == nil && modified.After(since) {
		return preconditionFailed()
	}
	unchanged := wire.StatusError(http.StatusNotModified, "NotModified", "Not Modified")
	unchanged.Header = http.Header{"Etag": {o.ETag}}
	if none := h.Get("If-None-Match"); none != "" {
		if matches(none, o.ETag) {
			return unchanged
		}
	} else if since, err := http.ParseTime(h.Get("If-Modified-Since")); err == nil && !modified.After(since) {
		return unchanged
	}
	return nil
}

func preconditionFailed() error {
	return wire.StatusError(http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
}

// matches compares entity tags; clients send them with quotes and without.
func matches(header, etag string) bool {
	for _, want := range strings.Split(header, ",") {
		want = strings.TrimSpace(want)
		if want == "*" || strings.Trim(want, `"`) == strings.Trim(etag, `"`) {
			return true
		}
	}
	return false
}
