package invocation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/keysmith/keysmith/shared/batch"
	"github.com/keysmith/keysmith/shared/converge"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/trigger"
)

// run runs the protocol once for triggers of one object, and reports.
func (v *invocation) run(ctx context.Context, group batch.Group) ([]outcome.Event, error) {
	start := time.Now()
	res := v.converge(ctx, group)
	v.metrics.Puts(res.Puts)
	var later *converge.NotBeforeError
	if errors.As(res.Again, &later) {
		v.metrics.Braked()
	}
	if res.Passed != "" {
		v.Log.InfoContext(ctx, "passed over", "object", group[0].Trigger.Object, "why", res.Passed)
	}
	// The events of a group share what is left of the time before the reserve.
	ctx, cancel := before(ctx, batch.Reserve)
	defer cancel()
	r := recording{v, group, start, &res}
	sent, err := r.send(ctx, res.Drafts)
	more, unwritten := r.record(ctx, sent)
	sent, again := append(sent, more...), errors.Join(res.Again, err, unwritten)
	if again == nil && res.Reconcile != "" {
		again = v.converger.Remind(ctx, res.Reconcile)
	}
	if again == nil && res.LookAgain != "" {
		again = v.converger.LookAgain(ctx, res.LookAgain)
	}
	if again != nil {
		v.Log.WarnContext(ctx, "returning the message", "object", group[0].Trigger.Object, "correlationId", group[0].Trigger.ID, "why", again.Error())
	}
	return sent, again
}

func (v *invocation) converge(ctx context.Context, group batch.Group) converge.Result {
	lead := group.Lead()
	if res, refused := v.refuse(group); refused {
		return res
	}
	if err := v.confirmAll(ctx, group); err != nil {
		return converge.Result{Again: err}
	}
	if res, done := v.elsewhere(ctx, group); done {
		return res
	}
	if lead.Inline != nil {
		job, end := v.converger.Accept(ctx, lead, converge.Job{
			Since: group.Since(), Redelivered: group[0].Attempt > 1, Queued: !group[0].Message.Direct,
		})
		if end != nil {
			return *end
		}
		return v.converger.Converge(ctx, job)
	}
	name, err := objectkey.Parse(lead.Object)
	if err != nil {
		return v.converger.Refuse(lead, outcome.BadObjectKey, err)
	}
	job := converge.Job{Name: name, Kind: lead.Kind, DryRun: lead.DryRun, ReadsOnly: v.readsOnly(group), Since: group.Since(), Queued: !group[0].Message.Direct}
	for _, t := range group {
		job.Hints = append(job.Hints, t.Trigger)
		job.Redelivered = job.Redelivered || t.Attempt > 1
	}
	res := v.converger.Converge(ctx, job)
	if res.NeedsPut {
		res.Again = v.send(ctx, v.queues.puts, group)
	}
	return res
}

// refuse answers what this function does not do for anybody.
func (v *invocation) refuse(group batch.Group) (res converge.Result, refused bool) {
	lead := group.Lead()
	switch {
	case lead.Problem != "":
		return v.converger.Refuse(lead, outcome.InvalidPolicy, errors.New(lead.Problem)), true
	case lead.Inline != nil && !v.settings.InlineRequests:
		return v.converger.Refuse(lead, outcome.Guardrail,
			errors.New("this deployment takes no policies in requests (INLINE_REQUESTS=false): store the policy in the bucket and name the object")), true
	case lead.Inline != nil && group[0].Message.Direct && !v.settings.DirectRequests:
		return v.converger.Refuse(lead, outcome.Guardrail,
			errors.New("a request that carries a policy counts only if it comes through the request bus (DIRECT_REQUESTS=false): send it there, or store the policy in the bucket and name the object")), true
	}
	return res, false
}

// confirmAll proves of each message of a group that carries a policy, or names
// who changed one, that it is real.
func (v *invocation) confirmAll(ctx context.Context, group batch.Group) error {
	for _, t := range group {
		if t.Trigger.Inline == nil && t.Trigger.Author == nil {
			continue
		}
		if err := v.confirm(ctx, t.Message); err != nil {
			return err
		}
	}
	return nil
}

// confirm proves that such a message came through the function's
// own queue, whose policy decides who may send. To be invoked with something
// that looks like such a message is not enough.
func (v *invocation) confirm(ctx context.Context, m trigger.Message) error {
	if v.settings.DirectRequests {
		return nil
	}
	if err := v.queues.own.Of(m.QueueARN).Confirm(ctx, m.QueueARN, m.ReceiptHandle); err != nil {
		return fmt.Errorf("the message carries a policy, or names who changed one, and its sender is not confirmed: %w", err)
	}
	return nil
}

// before returns a context that ends some time before ctx does.
func before(ctx context.Context, reserve time.Duration) (context.Context, context.CancelFunc) {
	end, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, end.Add(-reserve))
}
