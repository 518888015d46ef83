package fakes3

import (
	"crypto/md5" //nolint:gosec // S3's ETag is an MD5
	"encoding/hex"
	"maps"
	"net/http"
	"strings"
	"time"
)

// An Object is one version of an object, or a delete marker.
type Object struct {
	Key             string
	VersionID       string
	ETag            string // with its quotes
	Body            []byte
	Metadata        map[string]string
	ContentType     string
	ContentEncoding string
	StorageClass    string
	Modified        time.Time
	DeleteMarker    bool
	CustomerKey     string // algorithm, where a customer's own key encrypts it

	checksums map[string]string // header name to value
}

func etag(body []byte) string {
	sum := md5.Sum(body) //nolint:gosec // S3's ETag
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

const metaPrefix = "X-Amz-Meta-"

// fromHeader reads what an upload says about its object.
func fromHeader(key string, h http.Header, body []byte) *Object {
	o := &Object{
		Key: key, Body: body, ETag: etag(body), Metadata: map[string]string{}, checksums: map[string]string{},
		ContentType:     h.Get("Content-Type"),
		ContentEncoding: withoutChunked(h.Get("Content-Encoding")),
		StorageClass:    h.Get("X-Amz-Storage-Class"),
		CustomerKey:     h.Get("X-Amz-Server-Side-Encryption-Customer-Algorithm"),
	}
	for name, values := range h {
		if rest, ok := strings.CutPrefix(name, metaPrefix); ok {
			o.Metadata[strings.ToLower(rest)] = strings.Join(values, ",")
		}
	}
	return o
}

// withoutChunked takes the transfer's encoding off the object's.
func withoutChunked(encoding string) string {
	var kept []string
	for _, e := range strings.Split(encoding, ",") {
		if e = strings.TrimSpace(e); e != "" && e != "aws-chunked" {
			kept = append(kept, e)
		}
	}
	return strings.Join(kept, ",")
}

// setHeader describes the object in an answer.
func (o *Object) setHeader(h http.Header, versioned, checksums bool) {
	h.Set("ETag", o.ETag)
	h.Set("Last-Modified", o.Modified.UTC().Format(http.TimeFormat))
	h.Set("Content-Type", "binary/octet-stream")
	if o.ContentType != "" {
		h.Set("Content-Type", o.ContentType)
	}
	if o.ContentEncoding != "" {
		h.Set("Content-Encoding", o.ContentEncoding)
	}
	if o.StorageClass != "" && o.StorageClass != "STANDARD" {
		h.Set("X-Amz-Storage-Class", o.StorageClass)
	}
	if versioned {
		h.Set("X-Amz-Version-Id", o.VersionID)
	}
	for name, value := range o.Metadata {
		h.Set(metaPrefix+name, value)
	}
	if checksums {
		for name, value := range o.checksums {
			h.Set(name, value)
		}
		h.Set("X-Amz-Checksum-Type", "FULL_OBJECT")
	}
}

func (o *Object) clone() Object {
	c := *o
	c.Metadata = maps.Clone(o.Metadata)
	c.Body = append([]byte(nil), o.Body...)
	return c
}
