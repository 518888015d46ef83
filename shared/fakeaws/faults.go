package fakeaws

import (
	"slices"
	"sync"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// faults are what was asked for, and how often each has had its say.
type faults struct {
	source *wire.Source

	mu    sync.Mutex
	armed []*armedFault
}

type armedFault struct {
	Fault
	seen  int
	acted int
}

// Fault makes calls go wrong from now on. The returned function ends that.
func (c *Cloud) Fault(f Fault) (end func()) {
	armed := &armedFault{Fault: f}
	c.faults.mu.Lock()
	defer c.faults.mu.Unlock()
	c.faults.armed = append(c.faults.armed, armed)
	return func() {
		c.faults.mu.Lock()
		defer c.faults.mu.Unlock()
		c.faults.armed = slices.DeleteFunc(c.faults.armed, func(other *armedFault) bool { return other == armed })
	}
}

// ClearFaults ends all faults.
func (c *Cloud) ClearFaults() {
	c.faults.mu.Lock()
	defer c.faults.mu.Unlock()
	c.faults.armed = nil
}

// next returns the fault that acts on a call; the zero Fault is none.
func (s *faults) next(call *Call, subject string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.armed {
		if f.selects(call, subject) && f.acts(s.source) {
			return f.Fault
		}
	}
	return Fault{}
}

// acts counts a call and decides whether it goes wrong.
func (f *armedFault) acts(source *wire.Source) bool {
	f.seen++
	switch {
	case f.Nth > 0 && f.seen != f.Nth:
		return false
	case f.Times > 0 && f.acted >= f.Times:
		return false
	case f.Probability > 0 && source.Float() >= f.Probability:
		return false
	}
	f.acted++
	return true
}

// An ArmedFault is a fault and how often it has acted so far.
type ArmedFault struct {
	Fault Fault `json:"fault"`
	Acted int   `json:"acted"`
}

// Faults returns the faults that are in effect.
func (c *Cloud) Faults() []ArmedFault {
	c.faults.mu.Lock()
	defer c.faults.mu.Unlock()
	out := []ArmedFault{}
	for _, f := range c.faults.armed {
		out = append(out, ArmedFault{f.Fault, f.acted})
	}
	return out
}

// deliverer is EventBridge's way to the queues, on which events may be lost,
// late or doubled.
type deliverer struct{ c *Cloud }

// Send implements fakeevents.Sender.
func (d deliverer) Send(rule, queue, body string) bool {
	if !d.c.mayDeliver(rule, queue) {
		return false
	}
	f := d.c.faults.next(&Call{Service: "events", Action: "Deliver", Account: d.c.opts.Account, Region: d.c.opts.Region}, queue)
	switch f.Kind {
	case Drop, Refuse:
		return false
	case Slow, Late:
		return d.c.SQS.SendAfter(queue, body, f.Delay)
	case Duplicate:
		d.c.SQS.SendAfter(queue, body, f.Delay)
	}
	return d.c.SQS.Send(queue, body)
}
