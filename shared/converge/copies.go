package converge

import (
	"context"
	"errors"
	"time"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/objectkey"
)

// putVersion reports whether the history says that this version was put, or was
// about to be.
func (r *run) putVersion(ctx context.Context, want desired) (put bool, err error) {
	if want.object.ID == "" {
		return false, nil
	}
	err = r.eachCopy(ctx, want.object.Modified.Add(-time.Second), func(o bucket.Object) {
		put = put || o.Metadata[replacedByVersion] == want.object.ID
	})
	if err != nil {
		return false, again("%v; nothing was put", err)
	}
	return put, nil
}

// copiesSince lists at most so many copies of the key's policies in the history that are
// not older than since. It returns the prefix of their names as well.
func (r *run) copiesSince(ctx context.Context, since time.Time, most int32) (names []string, prefix string, err error) {
	prefix, after := objectkey.HistorySince(r.arn.Account, r.arn.Region, r.arn.KeyID, since)
	names, err = r.c.Bucket.After(ctx, prefix, after, most)
	return names, prefix, err
}

// eachCopy calls f with the copies in the history that are not older than since,
// without their bytes.
func (r *run) eachCopy(ctx context.Context, since time.Time, f func(bucket.Object)) error {
	names, _, err := r.copiesSince(ctx, since, mostCopies)
	switch {
	case bucket.Unlisted(err):
		return nil // a storage that keeps no lists tells nothing, ever
	case err != nil:
		return err
	}
	for _, name := range names {
		o, fault := r.c.Bucket.Head(ctx, name)
		if fault != nil && !errors.Is(fault, bucket.ErrGone) {
			return fault
		}
		f(o)
	}
	return nil
}

// mostCopies bounds how much of the history is read for one key.
const mostCopies = 100
