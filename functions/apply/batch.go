package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/trigger"
)

// sideBySide is how many keys are converged at once: a whole batch of any size
// that the template asks for. Proving a policy is mostly waiting, and a key in
// trouble must not hold a place that another one waits for.
const sideBySide = 200

// answer is what became of one message.
type answer struct {
	events  []outcome.Event
	ignored int
	again   error
}

// task is one trigger and the message that it came in.
type task struct {
	trigger trigger.Trigger
	message int
	attempt int
}

// all handles messages side by side. Triggers for one object are one group and
// converge once. Those that only look need not wait for those that put.
func (v *invocation) all(ctx context.Context, messages []trigger.Message) []answer {
	answers := make([]answer, len(messages))
	if v.config.Paused {
		for i := range answers {
			answers[i].again = errPaused
		}
		return answers
	}
	b := &begun{answers: answers, slots: make(chan struct{}, sideBySide)}
	var looks, puts [][]task
	for _, group := range v.groups(ctx, messages, answers) {
		if v.willPut(group) {
			puts = append(puts, group)
		} else {
			looks = append(looks, group)
		}
	}
	b.running.Go(func() { v.feed(ctx, b, looks, v.lookTurns(ctx)) })
	v.feed(ctx, b, puts, v.putTurns(ctx))
	b.running.Wait()
	return answers
}

// feed begins with groups as their turns come.
func (v *invocation) feed(ctx context.Context, b *begun, groups [][]task, t *turns) {
	for _, group := range groups {
		late := t.next(ctx)
		b.begin(group, func() ([]outcome.Event, error) {
			if late != nil {
				return nil, late
			}
			return v.guarded(ctx, group)
		})
	}
}

// begun is what is under way of one batch.
type begun struct {
	slots   chan struct{}
	running sync.WaitGroup
	mu      sync.Mutex
	answers []answer
}

// begin runs a group beside the others and keeps what came of it.
func (b *begun) begin(group []task, run func() ([]outcome.Event, error)) {
	b.running.Go(func() {
		b.slots <- struct{}{}
		defer func() { <-b.slots }()
		events, again := run()
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, t := range group {
			a := &b.answers[t.message]
			a.again = errors.Join(a.again, again)
		}
		first := &b.answers[group[0].message]
		first.events = append(first.events, events...)
	})
}

// groups reads every message and puts together what is about one object. What
// is none of keysmith's business is counted and acknowledged.
func (v *invocation) groups(ctx context.Context, messages []trigger.Message, answers []answer) [][]task {
	var order []string
	groups := map[string][]task{}
	for i, m := range messages {
		triggers, ignored, err := trigger.Parse(m.Body, v.config.Bucket)
		answers[i].again = err
		if ignored != "" {
			answers[i].ignored++
			v.metrics.ignored()
			v.log.InfoContext(ctx, "ignored", "message", m.ID, "why", ignored)
		}
		if err != nil {
			v.log.ErrorContext(ctx, "handing back a message that nobody can read", "message", m.ID, "err", err)
		}
		for _, t := range triggers {
			name := groupName(t, i)
			if groups[name] == nil {
				order = append(order, name)
			}
			groups[name] = append(groups[name], task{t, i, m.Receives})
		}
	}
	var list [][]task
	for _, name := range order {
		list = append(list, groups[name])
	}
	return list
}

// groupName tells apart what cannot share one run.
func groupName(t trigger.Trigger, message int) string {
	switch {
	case t.Problem != "":
		return fmt.Sprint("problem ", message)
	case t.Inline != nil:
		return fmt.Sprint("request ", message)
	}
	return fmt.Sprint("object ", t.DryRun, " ", t.Object)
}

// guarded keeps a panic to the group that it happened in. The stack holds no
// policy text.
func (v *invocation) guarded(ctx context.Context, group []task) (events []outcome.Event, again error) {
	defer func() {
		if p := recover(); p != nil {
			v.log.ErrorContext(ctx, "a defect of keysmith", "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			again = errors.New("a defect of keysmith; the log has the stack")
		}
	}()
	return v.group(ctx, group)
}
