package batch

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/trigger"
)

// A Task is one trigger and the message that it came in.
type Task struct {
	Trigger trigger.Trigger
	Message trigger.Message
	Attempt int       // how often its message was received, this time included
	Since   time.Time // when it first came; zero if unknown

	message int // its place in the batch
}

// A Group is the tasks that one run of the protocol answers. It is never empty.
type Group []Task

// Lead is the trigger that decides how the group is handled: an upload or a
// request always puts, whatever other triggers came with it.
func (g Group) Lead() trigger.Trigger {
	rank := map[trigger.Kind]int{trigger.Sweep: 1, trigger.CloudTrail: 2, trigger.LatePut: 3, trigger.Request: 4, trigger.Upload: 4}
	lead := g[0].Trigger
	for _, t := range g[1:] {
		if rank[t.Trigger.Kind] > rank[lead.Kind] {
			lead = t.Trigger
		}
	}
	return lead
}

// Since is when the youngest task first came; zero if that is unknown.
func (g Group) Since() (youngest time.Time) {
	for _, t := range g {
		if t.Since.After(youngest) {
			youngest = t.Since
		}
	}
	return youngest
}

// Addressees are the tasks that get an event of their own: each request, since
// somebody waits for its answer, and one for all other triggers. It is the one
// that has come least often: the others wait for no other answer.
func (g Group) Addressees() []Task {
	var to []Task
	place := map[string]int{}
	for _, t := range g {
		name := ""
		if t.Trigger.Kind == trigger.Request {
			name = "request " + t.Trigger.ID
		}
		i, seen := place[name]
		switch {
		case !seen:
			place[name] = len(to)
			to = append(to, t)
		case t.Attempt < to[i].Attempt:
			to[i] = t
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
		for n, t := range r.named(triggers) {
			if t.Kind == trigger.Heartbeat {
				r.Heartbeat()
				continue
			}
			name := groupName(t, i, n)
			if groups[name] == nil {
				order = append(order, name)
			}
			groups[name] = append(groups[name], Task{r.known(t, m, n), m, m.Receives, since(t, m), i})
		}
	}
	var list []Group
	for _, name := range order {
		list = append(list, groups[name])
	}
	return list
}

// named gives each call that CloudTrail reports for a key to every object that may
// be the key's: its own, and that of its multi-Region set. Those that do not exist
// cost a read each, and nothing is reported of them.
func (r *Runner) named(triggers []trigger.Trigger) []trigger.Trigger {
	var list []trigger.Trigger
	for _, t := range triggers {
		arn, isKey := objectkey.ParseARN(t.Key)
		if t.Kind != trigger.CloudTrail || !isKey {
			list = append(list, t)
			continue
		}
		for _, object := range r.Objects(arn) {
			t.Object = object
			list = append(list, t)
		}
	}
	return list
}

// since is when a trigger first came: when its message was first received, or,
// without a queue, when the event says that it was sent.
func since(t trigger.Trigger, m trigger.Message) time.Time {
	if m.Direct {
		return t.Time
	}
	return m.First
}

// known adds what the message tells of its n-th trigger, where that does not tell it itself: a
// bare request has no id and no time. Without a time it would count as newer than
// every upload, however late it comes. A direct invocation can only make
// keysmith compare, as the sweep does: that a put may have landed late only
// keysmith itself knows. Nor can it name who changed a policy.
func (r *Runner) known(t trigger.Trigger, m trigger.Message, n int) trigger.Trigger {
	if m.Direct && !r.Direct {
		if t.Kind == trigger.LatePut {
			t.Kind = trigger.Sweep
		}
		t.Author = nil
	}
	if t.ID == "" && m.ID != "" {
		t.ID = m.ID
		if n > 0 { // the requests of a list are different ones
			t.ID += "/" + strconv.Itoa(n)
		}
	}
	if t.Time.IsZero() && t.Kind == trigger.Request {
		t.Time = m.Sent
	}
	return t
}

// groupName is different for triggers that cannot share one run.
func groupName(t trigger.Trigger, message, n int) string {
	switch {
	case t.Problem != "":
		return fmt.Sprint("problem ", message, " ", n)
	case t.Inline != nil:
		return fmt.Sprint("request ", message, " ", n)
	}
	return fmt.Sprint("object ", t.DryRun, " ", t.Object)
}
