package converge

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
)

// expectedPrevious is the object metadata that says which policy the uploader
// wants to replace: the canonical digest of it, or "bytes:" and the SHA-256 of the
// text of one that cannot be judged.
const expectedPrevious = "expected-previous"

var expectation = regexp.MustCompile(`^(bytes:)?[0-9a-f]{64}$`)

// expected refuses a version whose uploader expected another policy than the one
// in force. It counts until the version was applied once: what is then found is
// drift. One read decides nothing, since it may be stale.
//
// Somebody may still put something between the last of these reads and the put:
// KMS has no compare-and-swap.
func (r *run) expected(ctx context.Context, want desired) error {
	expect, given := want.object.Metadata[expectedPrevious]
	switch {
	case !given || r.planned():
		return nil
	case !expectation.MatchString(expect):
		message := fmt.Sprintf("The metadata %s of the object is %q, which is not a digest. Write the canonical SHA-256 of the policy to replace, or bytes: and the SHA-256 of its text, in lower case.", expectedPrevious, expect)
		return rejected(outcome.InvalidPolicy, message, note("expected-previous", keypolicy.Error, message))
	}
	once, err := r.wasApplied(ctx, want)
	if once || err != nil {
		return err
	}
	err = r.watch(ctx, func(ctx context.Context, id string) error { return r.isExpected(ctx, id, expect, want) })
	var out *timeUpError
	switch {
	case errors.Is(err, errAsExpected):
		return nil
	case errors.As(err, &out):
		return again("the policy in force kept changing while it was compared with the one that the upload expects; nothing was put")
	}
	return err
}

// errAsExpected ends the reads of a policy that may be replaced.
var errAsExpected = errors.New("the policy in force is the expected one")

// isExpected judges what so many reads in a row agreed on.
func (r *run) isExpected(ctx context.Context, id, expect string, want desired) error {
	found := r.reads.last // of those reads, unless they show what is wanted or nothing
	switch {
	case id == want.canonical.Text:
		return errAsExpected
	case id == deniedID:
		return r.resolving(outcome.Unverified, "the policy in force may not be read, so it cannot be compared with the one that the upload expects; nothing was put")
	case expect == id, expect == "bytes:"+digest([]byte(found.text)):
		return errAsExpected
	case r.inHistory(ctx, time.Now().Add(-staleFor), func(c copied) bool { return c.was == id }):
		return nil // keysmith replaced it a moment ago: the reads may be stale
	}
	v := rejected(outcome.Stale, fmt.Sprintf(
		"the policy in force (canonical SHA-256 %s) is not the one that the upload expects to replace (%s); keysmith read it %d times in a row, and changed nothing. Compare the two, and upload again with %s set to the policy in force, or without it",
		strings.TrimPrefix(id, "opaque "), expect, r.c.VerifyReads, expectedPrevious),
		note("expected-previous", keypolicy.Error, "The policy in force is not the one that "+expectedPrevious+" names. Compare the two before you upload again."))
	v.found = &found
	return v
}

// wasApplied reports whether this version of the object was put before. The status
// says so, or, where a run was killed before it could write that, the history.
func (r *run) wasApplied(ctx context.Context, want desired) (bool, error) {
	if r.puts.unverified != nil || len(r.puts.ids) > 0 {
		return true, nil // by this very run
	}
	if r.c.Statuses != nil {
		seen, err := r.c.Statuses.Read(ctx, r.job.Name.Object)
		if err != nil {
			return false, again("%v", err)
		}
		if s := seen.Status; s != nil && s.LastApplied != nil && s.LastApplied.VersionID == want.object.ID && want.object.ID != "" {
			return true, nil
		}
	}
	return r.putVersion(ctx, want)
}
