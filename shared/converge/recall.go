package converge

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/keysmith/keysmith/shared/outcome"
)

// recalled is what the history holds of a put that an earlier delivery has made,
// or was about to make, when it was stopped.
type recalled struct {
	over served // what was in force before it
	copy string // its object key in the history
}

// recallPut looks for the put of an earlier delivery in a run that may not put
// the same again: the stack only plans by now, or the key is protected. What was
// put then must still be reported.
func (r *run) recallPut(ctx context.Context, want desired) {
	version := want.object.ID
	if !r.job.Redelivered || version == "" || r.arn.Account == "" || r.puts.unverified != nil {
		return
	}
	since := time.Now().Add(-staleFor)
	if r.job.Since.Before(since) && !r.job.Since.IsZero() {
		since = r.job.Since
	}
	names, prefix, err := r.copiesSince(ctx, since, manyReplaced)
	if err != nil {
		r.c.Log.WarnContext(ctx, "the history cannot be listed, so a put of an earlier delivery may go unreported", "prefix", prefix, "err", err)
		return
	}
	for _, name := range names {
		o, err := r.c.Bucket.Read(ctx, name)
		if err != nil {
			r.c.Log.WarnContext(ctx, "the history cannot be read, so a put of an earlier delivery may go unreported", "object", name, "err", err)
			continue
		}
		if o.Metadata[replacedByVersion] == version && o.Metadata[replacedByPolicy] == want.canonical.Text {
			r.puts.unverified = &sent{want: want, recalled: &recalled{r.served(string(o.Bytes)), name}}
			return
		}
	}
}

// recallProtected does the same for a key that is protected by now. The document
// is judged for that alone.
func (r *run) recallProtected(ctx context.Context, want desired, end error) {
	var v verdict
	if !errors.As(end, &v) || v.Code != outcome.ProtectedKey || !r.job.Redelivered || r.planned() {
		return
	}
	if r.arn.KeyID == "" {
		r.arn = r.at.Key(r.job.Name.KeyID)
	}
	if judged, err := r.judge(want); err == nil {
		r.recallPut(ctx, judged)
	}
}

// final words a verdict on a recalled put. This run can do no more about it.
func (p *recalled) final(v verdict) verdict {
	v.Retryable, v.resolves = false, false
	v.Message = "an earlier attempt stopped just before or after it put this version, and keysmith may not put it now: " + v.Message
	return v
}

// readBefore reports whether the policy with this id was in force before the put,
// as far as a run has read it. What this run has read before it recalled a put
// was read after that.
func (r *run) readBefore(put sent, id string) bool {
	if put.recalled != nil {
		return put.recalled.over.id() == id
	}
	return slices.Contains(r.reads.ids, id)
}
