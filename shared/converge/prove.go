package converge

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/kmskey"
	"github.com/keysmith/keysmith/shared/outcome"
)

// reReadObject starts over if the object is not what was put any more.
func (r *run) reReadObject(ctx context.Context) error {
	r.askForPolicy(ctx) // of the proof
	return r.still(ctx, r.desired.object.Version)
}

// still is nil while the object's newest version is v, the zero Version
// standing for no object, and bucket.ErrChanged when it is not.
func (r *run) still(ctx context.Context, v bucket.Version) error {
	now, err := r.c.Bucket.Head(ctx, r.job.Name.Object)
	if bucket.Missing(err) {
		now, err = bucket.Object{}, nil
	}
	switch {
	case err == nil && now.Version == v:
		r.unread = false
		return nil
	case err == nil:
		return bucket.ErrChanged // the next round finds out what it is now
	case kmskey.Classify(err) == kmskey.NoCredentials:
		return again("reading the object again: %s", kmskey.Message(err))
	}
	return &wait{kmskey.Ambiguous, "reading the object again", err}
}

// streak counts equal reads in a row.
type streak struct {
	id string
	n  int
}

func (s *streak) add(id string) int {
	if s.id != id {
		*s = streak{id: id}
	}
	s.n++
	return s.n
}

// prove reads the policy back until so many equal reads in a row prove it.
// Its error is the verdict, or bucket.ErrChanged.
func (r *run) prove(ctx context.Context) error {
	return r.proveBeside(ctx, r.desired.object.Version)
}

// proveBeside proves the desired policy while newest is the object's newest
// version.
func (r *run) proveBeside(ctx context.Context, newest bucket.Version) error {
	err := r.watch(ctx, func(ctx context.Context, id string) error { return r.stable(ctx, id, newest) })
	var out *timeUpError
	if errors.As(err, &out) {
		err = unproven(out)
	}
	var v verdict
	if errors.As(err, &v) {
		v.proof = true
		return v
	}
	return err
}

// timeUpError says that the reads came to nothing, and what their last trouble
// was, if any.
type timeUpError struct {
	last error
	read bool // KMS answered at least one read
}

func (*timeUpError) Error() string { return "the reads did not agree in time" }

// watch reads the policy in force until so many reads in a row agree and judge
// ends it with an error.
func (r *run) watch(ctx context.Context, judge func(context.Context, string) error) error {
	start := time.Now()
	s := r.c.Settings
	ctx, cancel := context.WithTimeout(ctx, s.VerifyTimeout)
	defer cancel()
	r.proof = outcome.Verification{}
	var seen streak
	var last error
	for {
		id, err := r.look(ctx, &last)
		r.proof.ElapsedMS = time.Since(start).Milliseconds()
		if err != nil {
			return err
		}
		if id != "" && seen.add(id) >= s.VerifyReads {
			if err := judge(ctx, id); err != nil {
				return err
			}
		}
		if sleep(ctx, s.VerifyInterval) != nil {
			return &timeUpError{last, seen.n > 0}
		}
	}
}

const deniedID = "denied"

// look reads once. An empty id says nothing: the read did not succeed.
func (r *run) look(ctx context.Context, last *error) (id string, err error) {
	r.proof.Reads++
	text, err := r.readPolicy(ctx)
	switch kmskey.Classify(err) {
	case kmskey.None:
		return r.served(text).id(), nil
	case kmskey.NoCredentials:
		return "", again("proving the policy: %s", kmskey.Message(err))
	case kmskey.AccessDenied:
		*last = err
		return deniedID, nil
	}
	if ctx.Err() == nil { // a read that the end of the time cut off tells nothing
		*last = err
	}
	return "", nil
}

// stable judges what so many reads in a row agreed on. A nil error means that
// it may still be on its way.
func (r *run) stable(ctx context.Context, id string, newest bucket.Version) error {
	switch {
	case id == r.desired.canonical.Text && r.telling(ctx):
		return verdict{Type: outcome.Applied}
	case id == r.desired.canonical.Text:
		return failed(outcome.Unverified, true, "KMS did not confirm the put, and the policy was in force shortly before: what is read may be that")
	case id == deniedID:
		return failed(outcome.Unverified, false, "the policy was put, but may not be read back: KMS denies kms:GetKeyPolicy to keysmith's role")
	case slices.Contains(r.read, id) || slices.Contains(r.puts, id) || r.replaced(ctx, id):
		return nil
	}
	// Somebody else's policy. If the object is still the same, nobody who
	// goes through the bucket put it there.
	switch err := r.still(ctx, newest); {
	case errors.Is(err, bucket.ErrChanged):
		return err
	case err != nil:
		return nil // read on; the bucket will answer in a moment
	}
	return failed(outcome.VerifyMismatch, false,
		"the policy was put, but KMS serves a third one (canonical SHA-256 %s), read %d times in a row: somebody else changes this key's policy", id, r.c.VerifyReads)
}

func unproven(out *timeUpError) error {
	switch {
	case out.last != nil:
		return failed(outcome.Unverified, true, "the policy was put, but could not be proven in time; the last trouble was: %s", kmskey.Message(out.last))
	case !out.read:
		return failed(outcome.Unverified, true, "the policy was put, but no time was left to read it back")
	}
	return failed(outcome.Unverified, true, "the policy was put, but KMS kept serving an earlier one until the time was used up")
}
