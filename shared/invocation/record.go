package invocation

import (
	"context"
	"slices"
	"time"

	"github.com/keysmith/keysmith/shared/batch"
	"github.com/keysmith/keysmith/shared/converge"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
)

// A recording is the end of a run: what it came to is sent, then written.
type recording struct {
	*invocation
	group batch.Group
	start time.Time // of the run
	res   *converge.Result
}

// send returns the events that the bus accepted. It ends at the first draft that is
// not accepted: what was put is reported before anything else, and the trigger comes
// again.
func (r recording) send(ctx context.Context, drafts []converge.Draft) (accepted []outcome.Event, err error) {
	for _, d := range drafts {
		events, err := r.report.Send(ctx, d, r.group.Addressees(), r.start)
		accepted = append(accepted, events...)
		if err != nil {
			return accepted, err
		}
	}
	return accepted, nil
}

// record writes the status of the object that events are about, after the bus
// has accepted them and before their triggers are acknowledged. Where that
// fails, the triggers are retried once; after that the result owes a reconcile,
// which finds what the status lacks. It returns what else was reported.
func (r recording) record(ctx context.Context, events []outcome.Event) (more []outcome.Event, again error) {
	object := described(r.group, events)
	if r.res.Removed {
		object = r.group.Lead().Object
		return nil, r.unwritten(ctx, object, r.converger.Statuses.Remove(ctx, object, time.Now().UTC()))
	}
	if object == "" {
		return nil, nil
	}
	open, err := r.converger.Statuses.Record(ctx, object, events)
	if err == nil && open != nil {
		if more, again = r.send(ctx, ending(r.res.Drafts, open)); again != nil {
			return more, again
		}
		_, err = r.converger.Statuses.Record(ctx, object, slices.Concat(events, more))
	}
	return more, r.unwritten(ctx, object, err)
}

// ending is the report that a policy which was applied has ended a drift.
func ending(drafts []converge.Draft, open *outcome.Drift) []converge.Draft {
	for _, d := range slices.Backward(drafts) {
		if d.Type == outcome.Applied {
			d.Type, d.Data.Drift = outcome.DriftResolved, open
			return []converge.Draft{d}
		}
	}
	return nil
}

// unwritten is why the triggers come again after a write that ended with err.
func (r recording) unwritten(ctx context.Context, object string, err error) error {
	if err == nil {
		return nil
	}
	r.Log.WarnContext(ctx, "the status is not written", "object", object, "why", err.Error())
	switch {
	case !retried(r.group):
		return err
	case r.group.Lead().Kind.Reconciles():
		r.res.Reconcile = "" // it would come to the same, without end; the next sweep finds it
	case r.converger.Queue != nil:
		r.res.Reconcile = object
	}
	return nil
}

// described is the object whose status this function writes because of events;
// empty where there is none. A dry run is no verdict on an object.
func described(group batch.Group, events []outcome.Event) string {
	if group.Lead().DryRun {
		return ""
	}
	for _, e := range events {
		if o := e.Detail.Data.Object; o != nil && objectkey.Ours(o.Key) && len(objectkey.Status(o.Key)) <= longestKey {
			return o.Key
		}
	}
	return ""
}

// longestKey is the bytes that S3 takes in an object key.
const longestKey = 1024

// retried reports whether a trigger has come before. Of one that came without a
// queue nobody knows.
func retried(group batch.Group) bool {
	for _, t := range group {
		if t.Attempt > 1 || t.Message.Direct {
			return true
		}
	}
	return false
}
