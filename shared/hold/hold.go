// Package hold reads what freezes a key: while the object holds/<object key>
// exists, nothing is put for that object.
//
// A hold is what somebody reaches for when nothing else is certain. So whatever
// is wrong with one holds as well: only a hold that is gone, or whose end is
// clearly written and has passed, lets go.
package hold

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/objectkey"
)

// A Hold says why an object is frozen, and until when.
type Hold struct {
	Reason string
	Until  time.Time // zero where it does not say: then it holds until it is deleted
	Fault  string    // what is wrong with it; empty for nothing
}

// Read returns the hold on object, nil if there is none in force at the given
// time. The error means that S3 could not be asked in this moment.
func Read(ctx context.Context, b *bucket.Bucket, object string, now time.Time) (*Hold, error) {
	o, err := b.Read(ctx, objectkey.Hold(object))
	switch {
	case bucket.Missing(err):
		return nil, nil
	case err != nil && bucket.Transient(err):
		return nil, fmt.Errorf("reading the hold on %s: %w", object, err)
	case err != nil:
		return &Hold{Fault: "it cannot be read, so it holds: allow keysmith's role to read holds/"}, nil
	case o.Bytes == nil:
		return &Hold{Fault: `it is too large to be read, so it holds: write {"reason": "…", "until": "…"}`}, nil
	}
	h := Parse(o.Bytes)
	if h.Fault == "" && !now.Before(h.Until) {
		return nil, nil
	}
	return &h, nil
}

// Parse reads the text of a hold. It knows the members reason and until and no
// others, each once and spelled like this: what might be meant otherwise is a
// fault.
func Parse(text []byte) Hold {
	var h Hold
	until := ""
	if err := members(text, map[string]*string{"reason": &h.Reason, "until": &until}); err != nil {
		return Hold{Reason: h.Reason, Fault: fmt.Sprintf(`it cannot be understood (%v), so it holds: write {"reason": "…", "until": "2026-01-31T12:00:00Z"}`, err)}
	}
	if until == "" {
		h.Fault = `it has no "until", so it holds until it is deleted`
		return h
	}
	at, err := time.Parse(time.RFC3339, until)
	if err != nil {
		h.Fault = fmt.Sprintf(`its "until" is %q, which is not a time, so it holds: write a time such as 2026-01-31T12:00:00Z`, until)
		return h
	}
	h.Until = at
	return h
}

// members reads a JSON object of texts. encoding/json alone would take names in
// another case, and let the last of two equal ones win.
func members(text []byte, into map[string]*string) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return errors.New("it is not a JSON object")
	}
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return errors.New("it is not JSON")
		}
		name, _ := token.(string)
		value, known := into[name]
		switch {
		case !known:
			return fmt.Errorf("it has the member %q", name)
		case seen[name]:
			return fmt.Errorf("it has the member %q twice", name)
		case d.Decode(value) != nil:
			return fmt.Errorf("%q is not a string", name)
		}
		seen[name] = true
	}
	if _, err := d.Token(); err != nil || d.More() {
		return errors.New("it does not end where its object ends")
	}
	return nil
}

// String is the hold in words, for events. It begins with "the key".
func (h *Hold) String() string {
	words := "the key is on hold"
	if h.Reason != "" {
		words += fmt.Sprintf(" (%q)", h.Reason)
	}
	if h.Fault != "" {
		return words + ": " + h.Fault
	}
	return words + " until " + h.Until.UTC().Format(time.RFC3339)
}
