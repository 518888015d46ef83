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
	replaced, puts, err := r.past(ctx, id)
	if err != nil {
		return bucket.Transient(err)
	}
	return replaced || puts > 0
}

// past asks the history whether the policy with this id was lately replaced,
// and how many copies name it as what was going to be put.
func (r *run) past(ctx context.Context, id string) (replaced bool, puts int, err error) {
	prefix, since := objectkey.HistorySince(r.arn.Account, r.arn.Region, r.arn.KeyID, time.Now().Add(-staleFor))
	names, err := r.c.Bucket.After(ctx, prefix, since, manyReplaced)
	switch {
	case bucket.Unlisted(err):
		return false, 0, nil // a storage that keeps no lists tells nothing, ever
	case err != nil:
		r.c.Log.WarnContext(ctx, "the history cannot be listed", "prefix", prefix, "err", err)
		return false, 0, err
	case len(names) == manyReplaced:
		return true, manyReplaced, nil // reads may show anything
	}
	for _, name := range names {
		o, err := r.c.Bucket.Read(ctx, name)
		if err != nil {
			r.c.Log.WarnContext(ctx, "the history cannot be read", "object", name, "err", err)
			return false, 0, err
		}
		replaced = replaced || r.served(string(o.Bytes)).id() == id
		if o.Metadata[replacedByPolicy] == id {
			puts++
		}
	}
	return replaced, puts, nil
}

// manyReplaced bounds how much of the history is read; a key whose policy is
// replaced oftener than that in a quarter of an hour is not worth more calls.
const manyReplaced = 20

// telling tells whether equal reads of what was put prove that put. They always
// do after a put that KMS confirmed. After an ambiguous one they do unless the
// policy may have been in force shortly before: then they may be stale, and the
// put lost. The only copy in the history that names the policy as what was going
// to be put must be this put's own.
func (r *run) telling(ctx context.Context, put sent) bool {
	want := put.want.canonical.Text
	if put.confirmed || put.over.id() == want {
		return put.confirmed
	}
	replaced, puts, err := r.past(ctx, want)
	return err == nil && !replaced && puts <= 1
}
