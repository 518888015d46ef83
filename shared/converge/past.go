package converge

import (
	"context"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/kmskey"
	"github.com/keysmith/keysmith/shared/outcome"
)

// staleFor is how long a read may still show a policy that was replaced. AWS
// says that changes can take several minutes to be seen everywhere.
// https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency
const staleFor = 15 * time.Minute

// replaced reports whether keysmith put or replaced the policy with this id so
// recently that reads may still show it. It may have, where the history does
// not answer in this moment. Where the history may not be read, it is unknown:
// see unheard.
func (r *run) replaced(ctx context.Context, id string) bool {
	r.reads.noHistory = nil
	return r.inHistory(ctx, time.Now().Add(-staleFor), func(c copied) bool { return c.was == id || c.by == id })
}

// mayBeStale is replaced for a reconcile: what keysmith has replaced before somebody
// made a call that CloudTrail reports may be in force again because of it. And where
// an earlier delivery was to repair this very drift, it may have been killed before its
// put: to put the same again is no fight.
func (r *run) mayBeStale(ctx context.Context, id string, drift *outcome.Drift) bool {
	since := time.Now().Add(-staleFor)
	if last := r.lastChange(); last != nil && last.Time.After(since) {
		since = last.Time.Add(time.Second) // of which CloudTrail reports no fraction
	}
	own := ""
	if r.job.Redelivered && r.c.RepairDrift {
		own = r.thisRound(drift)
	}
	r.reads.noHistory = nil
	return r.inHistory(ctx, since, func(c copied) bool { return (c.was == id || c.by == id) && (own == "" || c.round != own) })
}

// copied is a copy in the history: what was replaced by what, and the round of a
// fight where a repair made it.
type copied struct{ was, by, round string }

// inHistory reports whether a copy in the history that is not older than since is
// one that is looked for.
func (r *run) inHistory(ctx context.Context, since time.Time, is func(copied) bool) bool {
	names, prefix, err := r.copiesSince(ctx, since, manyReplaced)
	switch {
	case bucket.Unlisted(err):
		return false // a storage that keeps no lists tells nothing, ever
	case err != nil:
		return r.noHistory(ctx, prefix, err)
	case len(names) == manyReplaced:
		return true // reads may show anything
	}
	for _, name := range names {
		o, err := r.c.Bucket.Read(ctx, name)
		switch {
		case bucket.Missing(err): // it has become too old meanwhile
		case err != nil:
			return r.noHistory(ctx, name, err)
		case !strings.HasSuffix(name, "-"+digest(o.Bytes)+".json"):
			r.c.Log.WarnContext(ctx, "a copy in the history does not match the digest in its name and is ignored", "object", name)
		case is(copied{r.served(string(o.Bytes)).id(), o.Metadata[replacedByPolicy], o.Metadata[repairMark]}):
			return true
		}
	}
	return false
}

// noHistory keeps in mind that S3 refused to show the history. Of any other trouble
// it reports that the history may hold anything, so that reading continues.
func (r *run) noHistory(ctx context.Context, name string, err error) bool {
	r.c.Log.WarnContext(ctx, "the history cannot be read", "name", name, "err", err)
	if bucket.Transient(err) {
		return true
	}
	r.reads.noHistory = err
	return false
}

// unheard is the end of a run that would report what somebody else has put, but may
// not read the history, where keysmith's own puts are; nil where it may. What nobody
// knows is not reported.
func (r *run) unheard() error {
	if r.reads.noHistory == nil {
		return nil
	}
	return r.resolving(outcome.Unverified,
		"another policy is in force. keysmith cannot find out who put it, because its role may not read the history of the key: %s. Allow the role s3:ListBucket on the policy bucket and s3:GetObject on history/*",
		kmskey.Message(r.reads.noHistory))
}

// manyReplaced bounds how much of the history is read; a key whose policy is
// replaced oftener than that in a quarter of an hour is not worth more calls.
const manyReplaced = 20
