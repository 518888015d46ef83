package batch

import (
	"context"
	"fmt"

	"github.com/keysmith/keysmith/shared/trigger"
)

// A Task is one trigger and the message that it came in.
type Task struct {
	Trigger trigger.Trigger
	Attempt int // how often its message was received, this time included

	message int
}

// A Group is the tasks that one run of the protocol answers. It is never empty.
type Group []Task

// Lead is the trigger that decides how the group is handled: an upload or a
// request always puts, whatever other triggers came with it.
func (g Group) Lead() trigger.Trigger {
	rank := map[trigger.Kind]int{trigger.Sweep: 1, trigger.LatePut: 2, trigger.Request: 3, trigger.Upload: 3}
	lead := g[0].Trigger
	for _, t := range g[1:] {
		if rank[t.Trigger.Kind] > rank[lead.Kind] {
			lead = t.Trigger
		}
	}
	return lead
}

// Addressees are the tasks that get an event of their own: each request, since
// somebody waits for its answer, and one for all other triggers.
func (g Group) Addressees() []Task {
	var to []Task
	seen := map[string]bool{}
	for _, t := range g {
		name := ""
		if t.Trigger.Kind == trigger.Request {
			name = "request " + t.Trigger.ID
		}
		if !seen[name] {
			seen[name] = true
			to = append(to, t)
		}
	}
	return to
}

// groups reads every message and puts together those about one object. A
// message that is not addressed to keysmith is counted and acknowledged.
func (r *Runner) groups(ctx context.Context, messages []trigger.Message, answers []Answer) []Group {
	var order []string
	groups := map[string]Group{}
	for i, m := range messages {
		triggers, ignored, err := trigger.Parse(m.Body, r.Bucket)
		answers[i].Again = err
		if ignored != "" {
			answers[i].Ignored++
			r.Ignored()
			r.Log.InfoContext(ctx, "ignored", "message", m.ID, "why", ignored)
		}
		if err != nil {
			r.Log.ErrorContext(ctx, "returning an unreadable message", "message", m.ID, "err", err)
		}
		for _, t := range triggers {
			name := groupName(t, i)
			if groups[name] == nil {
				order = append(order, name)
			}
			groups[name] = append(groups[name], Task{t, m.Receives, i})
		}
	}
	var list []Group
	for _, name := range order {
		list = append(list, groups[name])
	}
	return list
}

// groupName is different for triggers that cannot share one run.
func groupName(t trigger.Trigger, message int) string {
	switch {
	case t.Problem != "":
		return fmt.Sprint("problem ", message)
	case t.Inline != nil:
		return fmt.Sprint("request ", message)
	}
	return fmt.Sprint("object ", t.DryRun, " ", t.Object)
}
