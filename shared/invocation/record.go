package invocation

import (
	"context"

	"github.com/keysmith/keysmith/shared/batch"
	"github.com/keysmith/keysmith/shared/converge"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
)

// record writes the status of the object that events are about, after the bus
// has accepted them and before their triggers are acknowledged. Where that
// fails, the triggers are retried once; after that the result owes a reconcile,
// which finds what the status lacks.
func (v *invocation) record(ctx context.Context, group batch.Group, events []outcome.Event, res *converge.Result) error {
	object := described(group, events)
	if object == "" {
		return nil
	}
	store := status.Store{Bucket: v.converger.Bucket}
	err := store.Record(ctx, object, events)
	if err == nil {
		return nil
	}
	v.Log.WarnContext(ctx, "the status is not written", "object", object, "why", err.Error())
	switch {
	case !retried(group):
		return err
	case v.converger.Queue != nil && !group.Lead().Kind.Reconciles(): // else the next sweep finds it
		res.Reconcile = object
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

// retried tells whether a trigger has come before. Of one that came without a
// queue nobody knows.
func retried(group batch.Group) bool {
	for _, t := range group {
		if t.Attempt > 1 || t.Message.Direct {
			return true
		}
	}
	return false
}
