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
func (r *run) reReadObject(ctx context.Context, put bucket.Version) error {
	r.askForPolicy(ctx) // of the proof
	return r.still(ctx, put)
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
		r.debts.unread = false
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

// prove reads the policy back until so many equal reads in a row prove the put.
// Its error is the verdict, or bucket.ErrChanged.
func (r *run) prove(ctx context.Context, put sent) error {
	return r.proveBeside(ctx, put, put.want.object.Version)
}

// proveBeside proves a put while newest is the object's newest version.
func (r *run) proveBeside(ctx context.Context, put sent, newest bucket.Version) error {
	err := r.watch(ctx, func(ctx context.Context, id string) error { return r.stable(ctx, id, put, newest) })
	var out *timeUpError
	if errors.As(err, &out) {
		err = unproven(out)
	}
	var v verdict
	if !errors.As(err, &v) {
		return err
	}
	if put.recalled != nil {
		v = put.recalled.final(v)
	}
	v.put = &put
	return v
}

// timeUpError says that the reads came to nothing, and what their last trouble
// was, if any.
type timeUpError struct {
	last  error
	read  bool // KMS answered at least one read
	reads outcome.Verification
}

func (*timeUpError) Error() string { return "the reads did not agree in time" }

// watch reads the policy in force until so many reads in a row agree and judge
// ends it with an error; a verdict then says how many reads it took.
func (r *run) watch(ctx context.Context, judge func(context.Context, string) error) error {
	start := time.Now()
	s := r.c.Settings
	ctx, cancel := context.WithTimeout(ctx, s.VerifyTimeout)
	defer cancel()
	var reads outcome.Verification
	var seen streak
	var last error
	for {
		id, err := r.look(ctx, &last)
		reads.Reads++
		reads.ElapsedMS = time.Since(start).Milliseconds()
		if err != nil {
			return err
		}
		if id != "" && seen.add(id) >= s.VerifyReads {
			if err := judge(ctx, id); err != nil {
				if r.found.drift != nil {
					r.found.drift.reads = &reads
				}
				return after(reads, err)
			}
		}
		if sleep(ctx, s.VerifyInterval) != nil {
			return &timeUpError{last, seen.n > 0, reads}
		}
	}
}

// after adds to a verdict the reads that led to it.
func after(reads outcome.Verification, err error) error {
	var v verdict
	var e *repairError
	switch {
	case errors.As(err, &e):
		e.drift.reads = &reads
		return e
	case errors.As(err, &v):
		v.reads = &reads
		return v
	}
	return err
}

const deniedID = "denied"

// look reads once. An empty id says nothing: the read did not succeed.
func (r *run) look(ctx context.Context, last *error) (id string, err error) {
	text, err := r.readPolicy(ctx)
	switch kmskey.Classify(err) {
	case kmskey.None:
		return r.served(text).id(), nil
	case kmskey.NoCredentials:
		return "", again("verifying the policy: %s", kmskey.Message(err))
	case kmskey.AccessDenied, kmskey.NoAccess:
		*last = err
		return deniedID, nil
	}
	if ctx.Err() == nil { // a read that the end of the time cut off tells nothing
		*last = err
	}
	return "", nil
}

// stable judges what so many reads in a row agreed on after put. A nil error
// means that the put may still be on its way.
func (r *run) stable(ctx context.Context, id string, put sent, newest bucket.Version) error {
	want := put.want.canonical.Text
	switch {
	case id == want && put.confirmed:
		return verdict{Type: outcome.Applied}
	case id == want:
		return failed(outcome.Unverified, true, "KMS serves the policy, but did not confirm the put: the reads may show the policy that was in force before")
	case id == deniedID:
		return r.resolving(outcome.Unverified, "the policy was put, but may not be read back: KMS denies kms:GetKeyPolicy to keysmith's role")
	case r.readBefore(put, id) || slices.Contains(r.puts.ids, id) || r.replaced(ctx, id):
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
	if err := r.unheard(); err != nil {
		return err
	}
	return failed(outcome.VerifyMismatch, r.mending != nil, // after a repair it is drift once more
		"the policy was put, but KMS serves another one (canonical SHA-256 %s), read %d times in a row: another principal changes the policy of this key", id, r.c.VerifyReads)
}

// unproven is the verdict on a put that the reads did not prove in time.
func unproven(out *timeUpError) error {
	message := "the policy was put, but KMS served an earlier one until the time ended"
	switch {
	case out.last != nil:
		message = "the policy was put, but could not be verified in time; the last error was: " + kmskey.Message(out.last)
	case !out.read:
		message = "the policy was put, but no time was left to verify it"
	}
	v := failed(outcome.Unverified, true, "%s", message)
	v.reads = &out.reads
	return v
}
