package converge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/target"
	"github.com/keysmith/keysmith/shared/trigger"
)

// Accept takes a request that carries a policy: it becomes the key's object,
// so that the bucket stays the one source of truth, and the returned job
// converges it like any upload. A dry run stores nothing. Where there is
// nothing to converge, the result says why.
//
// The job given says since when the request is known, and whether an earlier
// delivery of it may have been killed.
func (c *Converger) Accept(ctx context.Context, t trigger.Trigger, job Job) (Job, *Result) {
	job.Kind, job.DryRun, job.Hints = trigger.Request, t.DryRun, []trigger.Trigger{t}
	r := &run{c: c, budget: budget(ctx), job: job}
	ctx, cancel := context.WithDeadline(ctx, r.budget)
	defer cancel()
	if want, err := r.accept(ctx, t); err != nil {
		res := r.finish(ctx, want, err)
		return r.job, &res
	}
	r.job.key = r.key
	return r.job, nil
}

// accept makes the run's job of a request. It returns the policy that is
// wanted, as far as it was judged.
func (r *run) accept(ctx context.Context, t trigger.Trigger) (want desired, err error) {
	if err := r.resolve(ctx, t.Inline.Key); err != nil {
		return want, err
	}
	want.text = t.Inline.Policy
	if r.planned() {
		r.job.Inline = t.Inline.Policy
		return want, nil
	}
	// What is not acceptable is never stored: the bucket keeps what it has.
	if want, err = r.judge(want); err != nil {
		return want, err
	}
	if err := r.single(ctx); err != nil {
		return want, err
	}
	return want, r.store(ctx, t)
}

// resolve finds the key that a request names and gives the job its one name.
func (r *run) resolve(ctx context.Context, ref string) error {
	own := r.c.own()
	r.at = r.c.Reach.At(own, own)
	if arn, isARN := objectkey.ParseARN(ref); isARN {
		ref = arn.KeyID // asking for the bare id finds the account's key and no other
		if err := r.locateARN(arn); err != nil {
			return err
		}
	}
	if !objectkey.IsKeyID(ref) && !isAlias(ref) {
		return badTarget("%q is no key: write a key id, a key ARN, or alias/ and a name", ref)
	}
	r.job.Name.KeyID = ref
	if isAlias(ref) {
		r.job.Aliases = []string{ref}
	}
	if err := r.describe(ctx); err != nil {
		return err
	}
	name, err := objectkey.Parse(target.Name(own, r.at.Place, r.arn.KeyID))
	if err != nil {
		return badTarget("%v", err)
	}
	r.job.Name = name
	return nil
}

// locateARN finds the account and Region of a key ARN or an alias ARN, which must
// be a target.
func (r *run) locateARN(arn objectkey.ARN) error {
	own, p := r.c.own(), target.Place{Partition: arn.Partition, Account: arn.Account, Region: arn.Region}
	switch {
	case own.Account == "" && p.Region == own.Region && p.Partition == own.Partition:
		return nil // KMS tells whose key it is
	case arn.Partition != own.Partition:
		return badTarget("%s is in the partition %s, and this stack in %s: send the request to a stack there", arn, arn.Partition, own.Partition)
	case p.Account != own.Account && !r.c.Targets.HasAccount(p.Account):
		return badTarget("%s is of the account %s, which is not one of the accounts that this deployment writes to: add it to TARGET_ACCOUNTS, and deploy scripts/target/target.yaml there", arn, arn.Account)
	case !r.c.Targets.Has(own, p):
		return badTarget("%s: %s", arn, r.c.Targets.RefusesRegion(own, arn.Region))
	}
	r.at = r.c.Reach.At(own, p)
	return nil
}

func isAlias(ref string) bool { return len(ref) > len("alias/") && ref[:len("alias/")] == "alias/" }

func badTarget(format string, args ...any) error {
	message := fmt.Sprintf(format, args...)
	return rejected(outcome.BadObjectKey, message, note("request-target", keypolicy.Error, message))
}

// Metadata of an object that came with a request.
const (
	requestID   = "keysmith-request-id"
	requestTime = "keysmith-request-time"
	// requestOver is what it replaced. A copy of the object keeps its metadata,
	// but replaces something else. Only a request that comes again until it is
	// answered sets it; a direct one sets requestDirect instead.
	requestOver   = "keysmith-request-over"
	requestDirect = "keysmith-request-direct"
)

// store makes the request's policy the newest version of the key's object,
// unless the request is older than what is there.
func (r *run) store(ctx context.Context, t trigger.Trigger) error {
	for range maxChanges {
		now, err := r.newest(ctx)
		switch {
		case err != nil:
			return err
		case t.ID != "" && now.Metadata[requestID] == t.ID:
			return nil // stored by an earlier delivery of this very request
		}
		late, err := r.late(ctx, t, now)
		switch {
		case err != nil:
			return err
		case late:
			r.job.Notes = append(r.job.Notes, note("request-superseded", keypolicy.Info, fmt.Sprintf(
				"the request of %s is older than the object's newest version of %s: nothing was stored, the object was applied as it is",
				t.Time.UTC().Format(time.RFC3339), now.Modified.UTC().Format(time.RFC3339))))
			return nil
		}
		_, err = r.c.Bucket.Replace(ctx, r.job.Name.Object, t.Inline.Policy, r.metadata(t, now), now.Version)
		if !errors.Is(err, bucket.ErrChanged) {
			return r.stored(err)
		}
	}
	return again("the object changed %d times while a request was being stored", maxChanges)
}

func (r *run) metadata(t trigger.Trigger, now bucket.Object) map[string]string {
	m := map[string]string{requestID: t.ID, requestTime: t.Time.UTC().Format(time.RFC3339)}
	deleted := now.ID == "" && !now.Modified.IsZero()
	switch {
	case deleted:
	case r.job.Queued:
		m[requestOver] = replaced(r.job.Name.Object, now.ID)
	default:
		m[requestDirect] = replaced(r.job.Name.Object, now.ID)
	}
	return m
}

// replaced names what a version of an object replaced: the version with this id,
// or nothing at all if it is empty.
func replaced(object, id string) string { return cmp.Or(id, "nothing at "+object) }

// leftToRequest ends a run for the upload by which a request stored its policy:
// the request itself comes again until that is applied and reported. Wherever
// there is doubt, the run goes on: to apply twice does no harm.
func (r *run) leftToRequest(ctx context.Context, o bucket.Object) error {
	if r.job.Redelivered || r.puts.unverified != nil || !r.storedBy(ctx, o, requestOver) {
		return nil
	}
	return passed("the request " + o.Metadata[requestID] + " stored this version, and reports its result")
}

// leftToDirect ends a run for the upload by which a direct request stored its
// policy, if that is proven to be in force: the answer to the call told the
// caller the outcome, or that there was none. A direct call need not come again,
// so the run goes on where KMS serves anything else.
func (r *run) leftToDirect(ctx context.Context, want desired) error {
	if r.puts.unverified != nil || !r.storedBy(ctx, want.object, requestDirect) {
		return nil
	}
	err := r.watch(ctx, func(_ context.Context, id string) error {
		if id == want.canonical.Text {
			r.found.inSync = &want.object.Version
			return passed("the direct request " + want.object.Metadata[requestID] + " stored this version, and it is in force")
		}
		return errNotInForce
	})
	var out *timeUpError
	if errors.Is(err, errNotInForce) || errors.As(err, &out) {
		return nil
	}
	return err
}

var errNotInForce = errors.New("another policy is in force")

// storedBy reports whether the run is for the upload by which a request stored
// this very version. mark is the name of the metadata that such a request sets.
func (r *run) storedBy(ctx context.Context, o bucket.Object, mark string) bool {
	over := o.Metadata[mark]
	if over == "" || !r.uploadOf(o.Version) {
		return false
	}
	before, err := r.c.Bucket.Before(ctx, o.Key, o.ID)
	return err == nil && over == replaced(o.Key, before)
}

// uploadOf reports whether the run is for uploads of this very version and for
// nothing else.
func (r *run) uploadOf(v bucket.Version) bool {
	other := func(h trigger.Trigger) bool {
		return h.Kind != trigger.Upload || h.VersionID == "" || h.VersionID != v.ID
	}
	return r.job.Kind == trigger.Upload && !slices.ContainsFunc(r.job.Hints, other)
}

func (r *run) stored(err error) error {
	switch {
	case err == nil:
		return nil
	case bucket.Transient(err):
		return again("storing the request's policy: %v", err)
	}
	return r.resolving(outcome.AccessDenied, "storing the request's policy in the bucket: %v", err)
}

// newest is what the bucket has now; the zero Version where it has nothing. Of
// a deleted object it tells when that happened.
func (r *run) newest(ctx context.Context) (bucket.Object, error) {
	o, err := r.c.Bucket.Head(ctx, r.job.Name.Object)
	switch {
	case err == nil:
		return o, nil
	case errors.Is(err, bucket.ErrGone):
		at, err := r.c.Bucket.Deleted(ctx, r.job.Name.Object)
		if err != nil && !bucket.Unlisted(err) {
			return o, r.unreadable(err)
		}
		return bucket.Object{Modified: at}, nil
	case bucket.Missing(err):
		return bucket.Object{}, nil
	}
	return o, r.unreadable(err)
}

// late reports whether the request was sent before the newest version came to
// be: it was delayed or replayed, and must not undo what is newer. A version
// that itself came with a request counts from when that was sent, so that two
// requests end in their own order, however long each took.
//
// Times are whole seconds. Requests of one second are ordered by their ids, so
// that any order of delivery ends the same. Of a request and an upload of one
// second nobody knows the order, but a request that was stored before the
// upload is a replay.
func (r *run) late(ctx context.Context, t trigger.Trigger, now bucket.Object) (bool, error) {
	there := now.Modified
	asked, err := time.Parse(time.RFC3339, now.Metadata[requestTime])
	byRequest := err == nil && now.Metadata[requestID] != ""
	if byRequest {
		there = asked
	}
	sent, there := t.Time.Truncate(time.Second), there.Truncate(time.Second)
	switch {
	case t.Time.IsZero() || now.Modified.IsZero():
		return false, nil
	case !sent.Equal(there):
		return sent.Before(there), nil
	case byRequest:
		return now.Metadata[requestID] > t.ID, nil
	}
	return r.storedBefore(ctx, t)
}

// manyVersions bounds how far back a request is looked for; all of them are of
// the last few seconds.
const manyVersions = 10

// storedBefore reports whether one of the object's latest versions came with
// this very request.
func (r *run) storedBefore(ctx context.Context, t trigger.Trigger) (bool, error) {
	versions, err := r.c.Bucket.Versions(ctx, r.job.Name.Object, manyVersions)
	switch {
	case bucket.Unlisted(err):
		return false, nil
	case err != nil:
		return false, r.unreadable(err)
	}
	return slices.ContainsFunc(versions, func(o bucket.Object) bool { return o.Metadata[requestID] == t.ID }), nil
}
