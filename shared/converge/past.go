package converge

import (
	"context"
	"time"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/objectkey"
)

// staleFor is how long a read may still show a policy that was replaced. AWS
// says that changes can take several minutes to be seen everywhere.
// https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency
const staleFor = 15 * time.Minute

// replaced tells whether keysmith put or replaced the policy with this id so
// recently that reads may still show it. It may have, where the history does
// not answer in this moment; it has not, where the history may never be read.
func (r *run) replaced(ctx context.Context, id string) bool {
	return r.inHistory(ctx, time.Now().Add(-staleFor), func(was, by string) bool { return was == id || by == id })
}

// inHistory tells whether a copy in the history that is not older than since is
// one that is looked for: by the id of what was replaced, and of what replaced it.
func (r *run) inHistory(ctx context.Context, since time.Time, is func(was, by string) bool) bool {
	prefix, after := objectkey.HistorySince(r.arn.Account, r.arn.Region, r.arn.KeyID, since)
	names, err := r.c.Bucket.After(ctx, prefix, after, manyReplaced)
	switch {
	case bucket.Unlisted(err):
		return false // a storage that keeps no lists tells nothing, ever
	case err != nil:
		r.c.Log.WarnContext(ctx, "the history cannot be listed", "prefix", prefix, "err", err)
		return bucket.Transient(err)
	case len(names) == manyReplaced:
		return true // reads may show anything
	}
	for _, name := range names {
		o, err := r.c.Bucket.Read(ctx, name)
		if err != nil {
			r.c.Log.WarnContext(ctx, "the history cannot be read", "object", name, "err", err)
			return bucket.Transient(err)
		}
		if is(r.served(string(o.Bytes)).id(), o.Metadata[replacedByPolicy]) {
			return true
		}
	}
	return false
}

// manyReplaced bounds how much of the history is read; a key whose policy is
// replaced oftener than that in a quarter of an hour is not worth more calls.
const manyReplaced = 20
