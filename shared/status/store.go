package status

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
)

// A Store reads and writes the status objects of one policy bucket.
type Store struct{ Bucket *bucket.Bucket }

// A Seen is a status as it was read, with what a conditional write needs.
type Seen struct {
	*Status       // nil where there is none, or none that can be relied on
	Fault   error // why a status that exists cannot be relied on
	version bucket.Version
}

// Exists reports whether there is a status, of whatever content.
func (s Seen) Exists() bool { return s.Status != nil || s.Fault != nil }

// Read returns the status of object. A status that is absent, or that cannot be
// relied on, is no error: it is only a hint.
func (s *Store) Read(ctx context.Context, object string) (Seen, error) {
	o, err := s.Bucket.Read(ctx, objectkey.Status(object))
	switch {
	case bucket.Missing(err):
		return Seen{}, nil
	case err != nil:
		return Seen{}, fmt.Errorf("reading the status of %s: %w", object, err)
	}
	seen := Seen{version: o.Version}
	seen.Status, seen.Fault = Parse(o.Bytes, object)
	return seen, nil
}

// attempts bounds how often a write starts over because somebody else wrote, and
// failures how often because S3 did not answer.
const (
	attempts = 8
	failures = 2
)

// Update changes the status of object. It calls change with the status as it is
// now (nil: none) and with the object's newest version (zero: there is none);
// change returns the status to write, or nil to leave it as it is. change is
// called again whenever another writer was faster. What a returned status says
// and the old one did not must describe the newest version.
func (s *Store) Update(ctx context.Context, object string, change func(old *Status, newest bucket.Version) *Status) error {
	failed := 0
	for range attempts {
		seen, err := s.Read(ctx, object)
		if err != nil {
			return err
		}
		newest, err := s.newest(ctx, object)
		if err != nil {
			return err
		}
		next := change(seen.Status, newest)
		if next == nil {
			return nil
		}
		switch err := s.write(ctx, next, seen.version); {
		case err == nil:
			return nil
		case errors.Is(err, bucket.ErrChanged):
		case failed < failures && bucket.Transient(err) && ctx.Err() == nil:
			failed++ // and what is there now decides, as it may have been written
		default:
			return err
		}
	}
	return fmt.Errorf("writing the status of %s: it changed %d times meanwhile", object, attempts)
}

func (s *Store) newest(ctx context.Context, object string) (bucket.Version, error) {
	o, err := s.Bucket.Head(ctx, object)
	switch {
	case bucket.Missing(err):
		return bucket.Version{}, nil
	case err != nil:
		return bucket.Version{}, fmt.Errorf("reading the newest version of %s for its status: %w", object, err)
	}
	return o.Version, nil
}

func (s *Store) write(ctx context.Context, next *Status, seen bucket.Version) error {
	next.Schema = Schema
	next.ETag = strings.Trim(next.ETag, `"`)
	text, err := fitted(*next)
	if err != nil {
		return fmt.Errorf("writing the status of %s: %w", next.Object, err)
	}
	if _, err := s.Bucket.Replace(ctx, objectkey.Status(next.Object), text, nil, seen); err != nil {
		return fmt.Errorf("writing the status of %s: %w", next.Object, err)
	}
	return nil
}

// mostFindings is how many a status has at most, as an event does.
const mostFindings = 100

// fitted is the text of a status, with so many of its findings that it can be
// read again.
func fitted(s Status) ([]byte, error) {
	s.Findings = s.Findings[:min(len(s.Findings), mostFindings)]
	for {
		text, err := json.Marshal(s)
		if err != nil {
			return nil, err
		}
		if text, err = outcome.CutTexts(text); err != nil {
			return nil, err
		}
		var lines bytes.Buffer
		if err := json.Indent(&lines, text, "", "  "); err != nil {
			return nil, err
		}
		lines.WriteByte('\n')
		if lines.Len() <= bucket.MaxObject || len(s.Findings) == 0 {
			return lines.Bytes(), nil
		}
		s.Findings = s.Findings[:len(s.Findings)/2]
	}
}
