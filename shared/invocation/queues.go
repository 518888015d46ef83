package invocation

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/keysmith/keysmith/shared/batch"
	"github.com/keysmith/keysmith/shared/converge"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/queue"
	"github.com/keysmith/keysmith/shared/settings"
	"github.com/keysmith/keysmith/shared/trigger"
)

// queues are those that a function reads, and those that it sends to. Uploads,
// reconciles and plans wait in queues of their own, so that none of them waits
// behind the others.
type queues struct {
	own   queue.Own
	later *queue.Queue // takes reconciles for later; nil: the function has no queue
	puts  *queue.Queue // takes what a reconcile finds that needs a put; nil: the reconcile puts itself
	plans *queue.Queue // takes plans; nil: this function plans itself
	reads string       // URL of the queue whose messages put nothing
}

func queuesOf(s settings.Settings, client *sqs.Client) queues {
	q := queues{own: queue.NewOwn(client, s.QueueURL, s.ReconcileURL)}
	switch {
	case s.ReconcileURL != "":
		q.later = queue.New(client, s.ReconcileURL)
	case s.QueueURL != "":
		q.later = q.own[0]
	}
	if s.QueueURL != "" && s.ReconcileURL != "" && s.ReconcileURL != s.QueueURL {
		q.puts, q.reads = q.own[0], s.ReconcileURL
	}
	if s.PlanURL != "" {
		q.plans = queue.New(client, s.PlanURL)
	}
	return q
}

// readsOnly reports whether what a group needs to put is left to the queue of
// uploads: all of it came from the queue of reconciles. Only instances that read
// the queue of uploads have a share of the PutKeyPolicy quota.
func (v *invocation) readsOnly(group batch.Group) bool {
	if v.queues.puts == nil {
		return false
	}
	for _, t := range group {
		if v.queues.own.Of(t.Message.QueueARN).URL() != v.queues.reads {
			return false
		}
	}
	return true
}

// send sends the triggers of a group to another queue.
func (v *invocation) send(ctx context.Context, to *queue.Queue, group batch.Group) error {
	var errs []error
	for _, t := range group {
		body, err := trigger.Write(t.Trigger, v.settings.Bucket)
		if err == nil {
			err = to.Forward(ctx, body)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// plan reports whether a trigger asks for a plan.
func plan(t trigger.Trigger) bool {
	return t.DryRun || strings.HasPrefix(t.Object, objectkey.Plans)
}

// errNoPlan returns a message that the function which plans cannot answer. It
// ends in the dead-letter queue, where an alarm sees it, and can be sent to where
// it belongs.
var errNoPlan = errors.New("this function only plans: uploads under policies/, reconciles and requests that are not dry runs belong in the apply queue")

// elsewhere handles what another function of the stack is for. done is false
// where that is this one.
func (v *invocation) elsewhere(ctx context.Context, group batch.Group) (res converge.Result, done bool) {
	lead := group.Lead()
	switch {
	case v.settings.PlansOnly && !plan(lead):
		return converge.Result{Again: errNoPlan}, true
	case v.queues.plans != nil && plan(lead):
		return converge.Result{Passed: "a plan, for the function that plans", Again: v.send(ctx, v.queues.plans, group)}, true
	case v.readsOnly(group) && !lead.Kind.Reconciles():
		return converge.Result{Passed: "no reconcile, for the queue of uploads", Again: v.send(ctx, v.queues.puts, group)}, true
	}
	return res, false
}
