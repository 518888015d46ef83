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

// replaced tells whether the policy with this id was replaced by keysmith so
// recently that reads may still show it. The history knows. Where it cannot be
// read the answer is unknown, and the caller says which way is the safe one.
func (r *run) replaced(ctx context.Context, id string, unknown bool) bool {
	prefix, since := objectkey.HistorySince(r.arn.Account, r.arn.Region, r.arn.KeyID, time.Now().Add(-staleFor))
	names, err := r.c.Bucket.After(ctx, prefix, since, manyReplaced)
	if err != nil {
		r.c.Log.WarnContext(ctx, "the history cannot be listed", "prefix", prefix, "err", err)
		return unknown && !bucket.Unlisted(err)
	}
	for _, name := range names {
		o, err := r.c.Bucket.Read(ctx, name)
		if err != nil {
			r.c.Log.WarnContext(ctx, "the history cannot be read", "object", name, "err", err)
			return unknown
		}
		if r.served(string(o.Bytes)).id() == id {
			return true
		}
	}
	return false
}

// manyReplaced bounds how much of the history is read; a key whose policy is
// replaced oftener than that in a quarter of an hour is not worth more calls.
const manyReplaced = 20

// telling tells whether equal reads of the desired policy prove the put. They
// always do after a put that KMS confirmed. After an ambiguous one they do
// unless the policy was in force shortly before: then they may be stale, and
// the put lost.
func (r *run) telling(ctx context.Context) bool {
	want := r.desired.canonical.Text
	return r.answered || r.inForce.id() != want && !r.replaced(ctx, want, true)
}
