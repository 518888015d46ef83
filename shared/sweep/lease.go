package sweep

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/objectkey"
)

// A record is the content of status/sweep.json: the report of the last sweep
// that ended, and the sweep that is running.
//
// The running one is also the lock. The sweep that holds it writes at least every
// saveEvery, only ever over what it wrote itself; so an invocation that lost it
// learns that at its next write, and two never go on side by side.
type record struct {
	Schema string `json:"schema"`
	*Report
	Running *running `json:"running,omitempty"`
}

// running is a sweep that has not ended.
type running struct {
	Holder string `json:"holder,omitempty"` // request id; empty: the next invocation takes over
	Saves  int    `json:"saves"`            // makes every write differ from the one before
	After  string `json:"after"`            // all object keys up to this one are done
	Listed bool   `json:"listed"`           // and so are all others; the keys of the account are next
	Report `json:"report"`
}

const (
	// saveEvery is how often a running sweep writes how far it is.
	saveEvery = 15 * time.Second
	// lease is how long a sweep counts as running after its last write. Lambda
	// tries an invocation that failed again after a minute, and that attempt must
	// find the lease ended.
	lease = 50 * time.Second
	// oldest is the age beyond which a sweep that was interrupted is not taken up
	// again: what it did is no longer recent.
	oldest = 24 * time.Hour
	// attempts bounds how often a write that failed, or that was overtaken, is
	// tried again.
	attempts = 5
)

// errLost reports that another invocation took the sweep over.
var errLost = errors.New("another invocation took the sweep over")

// A hold is the lock while this invocation has it.
type hold struct {
	bucket  *bucket.Bucket
	record  record
	version bucket.Version
	taken   bool // its first write was made
	saved   time.Time

	clock, began time.Time // S3's and this invocation's, when it took the lock
}

// busy is a sweep that another invocation is doing.
type busy struct {
	why string
	age time.Duration
}

// begin takes the lock, for the sweep that was interrupted or for a new one.
func begin(ctx context.Context, b *bucket.Bucket, holder, after string) (*hold, *busy, error) {
	for range attempts {
		old, seen, err := read(ctx, b)
		if err != nil {
			return nil, nil, err
		}
		now := cmp.Or(seen.Served, time.Now())
		// Both times are S3's, so it does not matter what any function's clock says.
		if r := old.Running; r != nil && r.Holder != "" && r.Holder != holder && now.Sub(seen.Modified) < lease {
			return nil, &busy{"a sweep is running since " + r.Started.Format(time.RFC3339), now.Sub(r.Started)}, nil
		}
		h := &hold{bucket: b, record: old, version: seen.Version, clock: now, began: time.Now()}
		h.take(holder, after, now)
		switch err := h.save(ctx); {
		case err == nil:
			h.taken = true
			return h, nil, nil
		case !errors.Is(err, errLost):
			return nil, nil, err
		}
	}
	return nil, &busy{why: "other sweeps keep starting"}, nil
}

// now is the time by S3's clock.
func (h *hold) now() time.Time { return h.clock.Add(time.Since(h.began)) }

// take makes the lock this invocation's.
func (h *hold) take(holder, after string, now time.Time) {
	if r := h.record.Running; r == nil || now.Sub(r.Started) > oldest || r.Started.Sub(now) > oldest {
		h.record.Running = &running{After: after, Report: Report{Started: now.UTC(), From: after}}
	}
	h.record.Running.Holder = holder
	h.record.Running.Parts++
}

// read returns the record. One that cannot be read as such counts as none: it
// is only a lock and a report.
func read(ctx context.Context, b *bucket.Bucket) (record, bucket.Object, error) {
	o, err := b.Read(ctx, objectkey.SweepReport)
	if bucket.Missing(err) {
		return record{}, bucket.Object{}, nil
	}
	if err != nil {
		return record{}, o, fmt.Errorf("reading %s: %w", objectkey.SweepReport, err)
	}
	var r record
	if json.Unmarshal(o.Bytes, &r) != nil || r.Schema != Schema {
		return record{}, o, nil
	}
	return r, o, nil
}

// due reports whether it is time to write how far the sweep is.
func (h *hold) due() bool { return time.Since(h.saved) >= saveEvery }

// save writes the record over the version that this invocation knows. A write
// whose answer was lost may have been made: then the object holds exactly what
// was written.
func (h *hold) save(ctx context.Context) error {
	if r := h.record.Running; r != nil {
		r.Saves++
	}
	h.record.Schema = Schema
	text, err := json.MarshalIndent(h.record, "", "  ")
	if err != nil {
		return fmt.Errorf("writing %s: %w", objectkey.SweepReport, err)
	}
	for try := range attempts {
		if err = pause(ctx, try); err != nil {
			break
		}
		var version bucket.Version
		if version, err = h.bucket.Replace(ctx, objectkey.SweepReport, text, nil, h.version); err == nil {
			h.version, h.saved = version, time.Now()
			return nil
		}
		switch found, there, readErr := read(ctx, h.bucket); {
		case readErr != nil:
		case bytes.Equal(there.Bytes, text):
			h.version, h.saved = there.Version, time.Now()
			return nil
		case errors.Is(err, bucket.ErrChanged) && !h.mine(found, there.Version):
			return errLost
		default:
			h.version = there.Version
		}
	}
	return fmt.Errorf("writing %s: %w", objectkey.SweepReport, err)
}

// mine reports whether what is there instead of this invocation's last write is
// no other invocation's: somebody deleted it, or edited it.
func (h *hold) mine(found record, there bucket.Version) bool {
	if h.taken {
		return there == (bucket.Version{}) || found.Running != nil &&
			found.Running.Holder == h.record.Running.Holder && found.Running.Parts == h.record.Running.Parts
	}
	return false // somebody else may just have begun
}

// pause waits before another try: not at all before the first.
func pause(ctx context.Context, try int) error {
	if try == 0 {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(200 * time.Millisecond << try):
		return nil
	}
}
