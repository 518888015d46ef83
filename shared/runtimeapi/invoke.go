package runtimeapi

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"
)

// errTimedOut is the cause that tells the function's own time-out from the end
// of the caller's context.
var errTimedOut = errors.New("the function's time is up")

// Invoke hands payload to the function and returns its answer. The error is a
// *FunctionError where the function failed, ended or overstayed its time-out;
// in the last case, and when ctx ends first, the process is killed, because
// nobody can say what it is still doing.
func (s *Sandbox) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if len(payload) > payloadLimit {
		return nil, fmt.Errorf("invoking with %d bytes: Lambda takes at most %d", len(payload), payloadLimit)
	}
	select {
	case <-s.turn:
		defer func() { s.turn <- struct{}{} }()
	case <-s.exited:
		return nil, s.exitError()
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for the sandbox: %w", context.Cause(ctx))
	}
	inv := s.newInvocation(payload)
	ctx, cancel := context.WithDeadlineCause(ctx, inv.deadline, errTimedOut)
	defer cancel()
	return s.run(ctx, inv)
}

func (s *Sandbox) newInvocation(payload []byte) *invocation {
	id := newRequestID()
	now := time.Now()
	return &invocation{
		id:       id,
		payload:  payload,
		deadline: now.Add(s.cfg.Timeout),
		arn:      s.cfg.FunctionARN,
		traceID:  fmt.Sprintf("Root=1-%08x-%s;Parent=%s;Sampled=0", now.Unix(), id[:8]+id[9:13]+id[14:18]+id[19:23]+id[24:28], id[:8]+id[28:]),
		answer:   make(chan result, 1),
	}
}

// run waits for the answer and then for the runtime to ask for more: only then
// is the invocation over, and a function that dies in between is not offered
// to the next caller.
func (s *Sandbox) run(ctx context.Context, inv *invocation) ([]byte, error) {
	select {
	case s.host.work <- inv:
	case <-s.exited:
		return nil, s.exitError()
	case <-ctx.Done():
		return nil, s.abandon(ctx)
	}
	select {
	case answer := <-inv.answer:
		s.settle(ctx)
		return answer.body, answer.err
	case <-s.exited:
		return lastWord(inv, s.exitError())
	case <-ctx.Done():
		return lastWord(inv, s.abandon(ctx))
	}
}

func (s *Sandbox) settle(ctx context.Context) {
	select {
	case <-s.host.polled:
	case <-s.exited:
	case <-ctx.Done():
		s.Kill()
	}
}

// lastWord prefers an answer that was given to the end that came right after.
func lastWord(inv *invocation, err error) ([]byte, error) {
	select {
	case answer := <-inv.answer:
		return answer.body, answer.err
	default:
		return nil, err
	}
}

func (s *Sandbox) abandon(ctx context.Context) error {
	s.Kill()
	if errors.Is(context.Cause(ctx), errTimedOut) {
		return &FunctionError{Type: TypeTimedOut, Message: fmt.Sprintf("Task timed out after %.2f seconds", s.cfg.Timeout.Seconds())}
	}
	return fmt.Errorf("giving the invocation up: %w", context.Cause(ctx))
}

func (s *Sandbox) exitError() error {
	if s.stopped.Load() {
		return ErrStopped
	}
	return &FunctionError{Type: TypeExit, Message: fmt.Sprintf("Runtime exited without providing a reason: %v", s.cmd.ProcessState)}
}

// newRequestID is a version 4 UUID, as Lambda's request ids are.
func newRequestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, by its own promise
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
