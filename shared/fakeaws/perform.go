package fakeaws

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// perform answers a call, or does to it what a fault asks for, and notes it.
func (c *Cloud) perform(ctx context.Context, w http.ResponseWriter, rt route, body []byte) {
	subject := subjectOf(rt.call, body)
	c.tell(false, rt.call)
	if rt.refused != nil {
		rt.call.Unseen = true
		c.finish(w, rt, subject, rt.refused)
		return
	}
	if err := c.quotas.take(c.opts.Now(), rt.call, subject); err != nil {
		rt.call.Unseen = true
		c.finish(w, rt, subject, err)
		return
	}
	f := c.faults.next(rt.call, subject)
	rt.call.Fault, rt.call.Unseen = string(f.Kind), f.Kind.before()
	switch f.Kind {
	case Refuse:
		c.finish(w, rt, subject, f.refusal(rt.call.Service))
		return
	case Hang, Drop:
		c.note(rt.call, subject, nil)
		abort(ctx, f)
	}
	if err := c.guard(rt.call, body); err != nil {
		c.finish(w, rt, subject, err)
		return
	}
	answer := &memory{header: http.Header{}, status: http.StatusOK}
	err := rt.answer(wire.WithQuirks(ctx, f.quirks()), answer, body)
	c.report(rt.call, body, err)
	if err != nil {
		c.finish(w, rt, subject, err)
		return
	}
	if f.Kind == RefuseAfter {
		c.finish(w, rt, subject, f.refusal(rt.call.Service))
		return
	}
	c.note(rt.call, subject, nil)
	deliver(ctx, w, answer, f)
}

// finish notes a call that is refused, and refuses it.
func (c *Cloud) finish(w http.ResponseWriter, rt route, subject string, err error) {
	c.note(rt.call, subject, err)
	rt.refuse(w, err)
}

func (c *Cloud) note(call *Call, subject string, err error) {
	call.Error = codeOf(err)
	if call.Resource == "" {
		call.Resource = subject
	}
	c.mu.Lock()
	c.calls = append(c.calls, *call)
	c.mu.Unlock()
	c.tell(true, call)
}

// tell calls who asked to be told of each call.
func (c *Cloud) tell(after bool, call *Call) {
	c.mu.Lock()
	f := c.before
	if after {
		f = c.after
	}
	c.mu.Unlock()
	if f != nil {
		f(*call)
	}
}

// deliver sends an answer as the fault lets it.
func deliver(ctx context.Context, w http.ResponseWriter, answer *memory, f Fault) {
	switch f.Kind {
	case HangAfter, DropAfter, Late:
		abort(ctx, f)
	case Slow:
		pause(ctx, f.Delay)
	}
	for name, values := range answer.header {
		w.Header()[name] = values
	}
	body := answer.body.Bytes()
	switch f.Kind {
	case Corrupt:
		w.WriteHeader(answer.status)
		_, _ = w.Write(corrupted(body))
	case Truncate:
		sendHalf(w, answer.status, body)
	case SlowBody:
		w.WriteHeader(answer.status)
		sendSlowly(ctx, w, body, f.Delay)
	default:
		w.WriteHeader(answer.status)
		_, _ = w.Write(body)
	}
}

// corrupted is body with its middle byte changed to another letter of text.
func corrupted(body []byte) []byte {
	other := append([]byte(nil), body...)
	if n := len(other); n > 0 {
		other[n/2] ^= 1
	}
	return other
}

// abort closes the connection, after a while if the fault is to hang.
func abort(ctx context.Context, f Fault) {
	if f.Kind == Hang || f.Kind == HangAfter {
		if f.Delay == 0 {
			<-ctx.Done()
		}
		pause(ctx, f.Delay)
	}
	panic(http.ErrAbortHandler) // net/http's way to close a connection
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// subjectOf returns what a call is about before its service has looked at it:
// the key, object or queue as the caller names it.
func subjectOf(call *Call, body []byte) string {
	if call.Resource != "" {
		return call.Resource
	}
	var in struct{ KeyId, TargetKeyId, QueueUrl, QueueName, EventBusName, Name, Rule string }
	_ = json.Unmarshal(body, &in) // a body that does not decode is the service's to refuse
	for _, name := range []string{in.KeyId, in.TargetKeyId, in.QueueUrl, in.QueueName, in.EventBusName, in.Name, in.Rule} {
		if name != "" {
			return name
		}
	}
	return ""
}
