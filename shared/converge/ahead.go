package converge

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/keysmith/keysmith/shared/kmskey"
)

// An ahead is an answer that is asked for before its step is taken, beside
// another call: a run is mostly waiting, and the orders in which both can
// happen are among those that the model allows.
type ahead[T any] struct {
	cancel   context.CancelFunc
	answered chan struct{}
	value    T
	err      error
	defect   *defect
}

// A defect is a panic that happened where nobody waited for it, so that it can
// happen again where somebody does. Its text holds nothing of what panicked:
// that could be policy text.
type defect struct {
	kind  string // type of what panicked
	stack []byte
}

func (d *defect) Error() string { return "a panic (" + d.kind + ") in a call that was made ahead" }

// Stack is where the panic first happened.
func (d *defect) Stack() []byte { return d.stack }

// begun is what a run has asked KMS for ahead of the step that needs it.
type begun struct {
	key     *ahead[kmskey.Key]
	policy  *ahead[string]
	pending sync.WaitGroup // the calls under way
}

func ask[T any](ctx context.Context, pending *sync.WaitGroup, call func(context.Context) (T, error)) *ahead[T] {
	a := &ahead[T]{answered: make(chan struct{})}
	ctx, a.cancel = context.WithCancel(ctx)
	pending.Go(func() {
		defer close(a.answered)
		defer func() {
			if p := recover(); p != nil {
				a.defect = &defect{fmt.Sprintf("%T", p), debug.Stack()}
			}
		}()
		a.value, a.err = call(ctx)
	})
	return a
}

// answer waits for what was asked. It panics if the call did: without this
// detour the panic would end the process, and cost every key of the batch.
func (a *ahead[T]) answer() (T, error) {
	<-a.answered
	a.cancel()
	if a.defect != nil {
		panic(a.defect)
	}
	return a.value, a.err
}

// askForKey begins, beside the object's reading, what the next steps need of KMS.
func (r *run) askForKey(ctx context.Context) {
	if r.arn.KeyID == "" && r.protectedByName() {
		return
	}
	if r.arn.KeyID == "" && r.begun.key == nil {
		r.begun.key = ask(ctx, &r.begun.pending, func(ctx context.Context) (kmskey.Key, error) {
			return r.at.Keys.Describe(ctx, r.job.Name.KeyID)
		})
	}
	if !r.listed() {
		r.askForPolicy(ctx)
	}
}

// askForPolicy begins the next reading of the policy in force, in place of one
// that nobody wants any more. It must not begin before a put and end in the
// proof of it, so whatever was begun is read before the put.
func (r *run) askForPolicy(ctx context.Context) {
	r.forgetPolicy()
	r.begun.policy = ask(ctx, &r.begun.pending, func(ctx context.Context) (string, error) {
		return r.at.Keys.Policy(ctx, r.job.Name.KeyID)
	})
}

func (r *run) forgetPolicy() {
	if r.begun.policy != nil {
		r.begun.policy.cancel()
		r.begun.policy = nil
	}
}

// readPolicy returns the policy as KMS serves it, by a reading that was begun
// already, or a new one.
func (r *run) readPolicy(ctx context.Context) (string, error) {
	if a := r.begun.policy; a != nil {
		r.begun.policy = nil
		return a.answer()
	}
	return r.at.Keys.Policy(ctx, r.arn.KeyID)
}

func (r *run) describeKey(ctx context.Context, ref string) (kmskey.Key, error) {
	if a := r.begun.key; a != nil {
		r.begun.key = nil
		return a.answer()
	}
	return r.at.Keys.Describe(ctx, ref)
}
