package invocation

import (
	"context"
	"errors"
	"time"

	"github.com/keysmith/keysmith/shared/batch"
	"github.com/keysmith/keysmith/shared/converge"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
)

// run runs the protocol once for triggers of one object, and reports.
func (v *invocation) run(ctx context.Context, group batch.Group) ([]outcome.Event, error) {
	start := time.Now()
	res := v.converge(ctx, group)
	v.metrics.Puts(res.Puts)
	if res.Passed != "" {
		v.Log.InfoContext(ctx, "passed over", "object", group[0].Trigger.Object, "why", res.Passed)
	}
	var sent []outcome.Event
	again := res.Again
	for _, d := range res.Drafts {
		for _, t := range group.Addressees() {
			e, err := v.report.Send(ctx, d, t, start)
			if err != nil {
				again = errors.Join(again, err)
				continue
			}
			sent = append(sent, e)
		}
	}
	if again == nil && res.Reconcile != "" {
		again = v.converger.Remind(ctx, res.Reconcile)
	}
	if again != nil {
		v.Log.WarnContext(ctx, "returning the message", "object", group[0].Trigger.Object, "correlationId", group[0].Trigger.ID, "why", again.Error())
	}
	return sent, again
}

func (v *invocation) converge(ctx context.Context, group batch.Group) converge.Result {
	lead := group.Lead()
	switch {
	case lead.Problem != "":
		return v.converger.Refuse(lead, outcome.InvalidPolicy, errors.New(lead.Problem))
	case lead.Inline != nil && !v.settings.InlineRequests:
		return v.converger.Refuse(lead, outcome.Guardrail,
			errors.New("this deployment takes no policies in requests (INLINE_REQUESTS=false): store the policy in the bucket and name the object"))
	case lead.Inline != nil:
		job, end := v.converger.Accept(ctx, lead)
		if end != nil {
			return *end
		}
		job.Redelivered = group[0].Attempt > 1
		return v.converger.Converge(ctx, job)
	}
	name, err := objectkey.Parse(lead.Object)
	if err != nil {
		return v.converger.Refuse(lead, outcome.BadObjectKey, err)
	}
	job := converge.Job{Name: name, Kind: lead.Kind, DryRun: lead.DryRun}
	for _, t := range group {
		job.Hints = append(job.Hints, t.Trigger)
		job.Redelivered = job.Redelivered || t.Attempt > 1
	}
	return v.converger.Converge(ctx, job)
}
