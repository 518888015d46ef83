// Package batch reads the messages that a function receives at once, puts
// together those about one object, and starts the work for each object as fast
// as KMS's quotas allow.
//
// A fault stays with the object that it is about: every other message of the
// batch is answered as if it had come alone.
package batch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/target"
	"github.com/keysmith/keysmith/shared/trigger"
)

// AtOnce is how many keys are worked on at once: a whole batch of any size
// that the template asks for. Verifying a policy is mostly waiting, and a key in
// trouble must not hold a place that another one waits for.
const AtOnce = 200

// An Answer is the result for one message.
type Answer struct {
	Events  []outcome.Event
	Ignored int
	Again   error // not nil: the message must come again, and why
}

// A Runner does the work for batches. Its fields are set once; it is safe for
// concurrent use.
type Runner struct {
	Bucket   string // the only bucket whose events count
	PlanOnly bool   // no group puts a policy
	Direct   bool   // a direct invocation may do all that a message may
	// Target tells which account and Region a trigger is about: they have a pace of
	// their own each, as they have quotas of their own.
	Target func(trigger.Trigger) *target.Target
	// Objects are the names under which the bucket may have the policy of a key.
	Objects func(objectkey.ARN) []string
	Needs   time.Duration // what one key takes: no key begins when less time is left
	Log     *slog.Logger
	Ignored func() // called for each message that is not addressed to keysmith
	// Heartbeat is called for each heartbeat.
	Heartbeat func()
	Run       func(context.Context, Group) ([]outcome.Event, error) // does the work for one group
}

// Do handles messages concurrently and answers each. Groups that put nothing do
// not wait for those that put.
func (r *Runner) Do(ctx context.Context, messages []trigger.Message) []Answer {
	answers := make([]Answer, len(messages))
	b := &begun{answers: answers, open: make([]int, len(messages)), slots: make(chan struct{}, AtOnce)}
	var reads, sweeps, puts lanes
	for _, group := range r.groups(ctx, messages, answers) {
		for _, t := range group {
			b.open[t.message]++
		}
		at := r.Target(group.Lead())
		switch {
		case r.willPut(group):
			puts.add(at, group)
		case group.Lead().Kind == trigger.Sweep:
			sweeps.add(at, group)
		default:
			reads.add(at, group)
		}
	}
	r.feedAll(ctx, b, sweeps, r.sweepTurns)
	r.feedAll(ctx, b, reads, r.readTurns)
	r.feedAll(ctx, b, puts, r.putTurns)
	return b.wait(ctx)
}

// lanes are groups by the account and Region that they are about. No group waits
// for the pace of another lane.
type lanes []lane

type lane struct {
	at     *target.Target
	groups []Group
}

func (l *lanes) add(at *target.Target, g Group) {
	i := slices.IndexFunc(*l, func(known lane) bool { return known.at.Puts == at.Puts })
	if i < 0 {
		i = len(*l)
		*l = append(*l, lane{at: at})
	}
	(*l)[i].groups = append((*l)[i].groups, g)
}

func (r *Runner) feedAll(ctx context.Context, b *begun, all lanes, turnsOf func(context.Context, *target.Target) *turns) {
	for _, lane := range all {
		b.running.Go(func() { r.feed(ctx, b, lane.groups, turnsOf(ctx, lane.at)) })
	}
}

// Reserve is the end of an invocation in which no group works any more: the
// messages that come again are returned in it, and the answer is written. An
// answer that Lambda does not get returns the whole batch, also what is done.
const Reserve = 3 * time.Second

// errUnfinished returns the message of a key whose work did not end in time.
var errUnfinished = errors.New("the work on it did not end in time")

// wait returns the answers when all work is done, and at the latest when the
// reserve begins. What is not answered by then has to come again.
func (b *begun) wait(ctx context.Context) []Answer {
	done := make(chan struct{})
	go func() { b.running.Wait(); close(done) }()
	var late <-chan time.Time
	if end, ok := ctx.Deadline(); ok {
		timer := time.NewTimer(time.Until(end.Add(-Reserve)))
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-done:
	case <-late:
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	answers := slices.Clone(b.answers) // work that ends later must not change them
	for i, open := range b.open {
		if open > 0 {
			answers[i].Again = errors.Join(answers[i].Again, errUnfinished)
		}
	}
	return answers
}

// feed begins groups as their turns come.
func (r *Runner) feed(ctx context.Context, b *begun, groups []Group, t *turns) {
	for _, group := range groups {
		late := t.next(ctx)
		b.begin(group, func() ([]outcome.Event, error) {
			if late != nil {
				return nil, late
			}
			return r.guarded(ctx, group)
		})
	}
}

// begun is the work of one batch that is under way.
type begun struct {
	slots   chan struct{}
	running sync.WaitGroup
	mu      sync.Mutex
	answers []Answer
	open    []int // by message: the triggers in it that are not answered yet
}

// begin runs a group beside the others and keeps its result.
func (b *begun) begin(group Group, run func() ([]outcome.Event, error)) {
	b.running.Go(func() {
		b.slots <- struct{}{}
		defer func() { <-b.slots }()
		events, again := run()
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, t := range group {
			a := &b.answers[t.message]
			a.Again = errors.Join(a.Again, again)
			b.open[t.message]--
		}
		first := &b.answers[group[0].message]
		first.Events = append(first.Events, events...)
	})
}

// guarded keeps a panic to the group that it happened in. The stack holds no
// policy text.
func (r *Runner) guarded(ctx context.Context, group Group) (events []outcome.Event, again error) {
	defer func() {
		if p := recover(); p != nil {
			stack := debug.Stack()
			if elsewhere, ok := p.(interface{ Stack() []byte }); ok {
				stack = elsewhere.Stack() // the panic first happened in another goroutine
			}
			r.Log.ErrorContext(ctx, "a defect in keysmith", "panic", fmt.Sprintf("%T", p), "stack", string(stack))
			again = errors.New("a defect in keysmith; the log has the stack trace")
		}
	}()
	return r.Run(ctx, group)
}
