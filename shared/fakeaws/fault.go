package fakeaws

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// A Kind is a way to misbehave. A kind that ends in "-after" does the work
// first: the caller cannot tell it from the one that does not.
type Kind string

// The kinds of faults.
const (
	// Refuse answers with the fault's Code; nothing is done.
	Refuse Kind = "refuse"
	// RefuseAfter does the work and answers with the fault's Code.
	RefuseAfter Kind = "refuse-after"
	// Drop closes the connection without an answer; nothing is done.
	Drop Kind = "drop"
	// DropAfter does the work and closes the connection without an answer.
	DropAfter Kind = "drop-after"
	// Hang gives no answer until the caller gives up, or the Delay is over
	// and the connection is closed; nothing is done.
	Hang Kind = "hang"
	// HangAfter does the work and then gives no answer.
	HangAfter Kind = "hang-after"
	// Slow does the work and answers after the Delay.
	Slow Kind = "slow"
	// Late is for PutKeyPolicy: the connection is closed without an answer,
	// and the policy comes into force after the Delay.
	Late Kind = "late"
	// Stale is for GetKeyPolicy: it answers as of the Delay ago.
	Stale Kind = "stale"
	// Flap is for GetKeyPolicy: by a throw of the dice each read is stale or
	// is not.
	Flap Kind = "flap"
	// Truncate sends half of the body and closes the connection.
	Truncate Kind = "truncate"
	// Corrupt sends the body with one byte changed.
	Corrupt Kind = "corrupt"
	// SlowBody sends the body in ten parts over the Delay.
	SlowBody Kind = "slow-body"
	// FailEntries is for PutEvents: the first Count entries fail, the others
	// are taken.
	FailEntries Kind = "fail-entries"
	// Duplicate is for ReceiveMessage: what is received can be received again
	// at once; and for Deliver, which is EventBridge's way to a queue: the
	// event is delivered twice.
	Duplicate Kind = "duplicate"
	// Shuffle is for ReceiveMessage: messages come in any order.
	Shuffle Kind = "shuffle"
)

// before reports whether the fault ends a call before its service sees it.
func (k Kind) before() bool { return k == Refuse || k == Drop || k == Hang }

func kinds() []Kind {
	return []Kind{
		Refuse, RefuseAfter, Drop, DropAfter, Hang, HangAfter, Slow, Late, Stale, Flap,
		Truncate, Corrupt, SlowBody, FailEntries, Duplicate, Shuffle,
	}
}

// A Fault says which calls go wrong, and how. Of several faults that match a
// call, the one that was added first acts.
type Fault struct {
	// Service and Action select calls, such as kms and PutKeyPolicy; empty
	// selects all. EventBridge's way to a queue is events and Deliver;
	// CloudTrail's way to EventBridge is cloudtrail and the name of the call, and
	// is selected only by that service.
	Service string `json:"service,omitempty"`
	Action  string `json:"action,omitempty"`
	// Resource selects calls whose key, object or queue contains it.
	Resource string `json:"resource,omitempty"`
	// Account and Region select calls by whose credentials they have and by the
	// Region that they go to: a fault of every call to one Region is a Region that
	// is down.
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
	// Nth selects only the nth of these calls, counted from one; Times ends
	// the fault after so many; Probability throws dice for each. The zero
	// values select all of them.
	Nth         int     `json:"nth,omitempty"`
	Times       int     `json:"times,omitempty"`
	Probability float64 `json:"probability,omitempty"`

	Kind  Kind          `json:"kind"`
	Delay time.Duration `json:"delay,omitempty"`
	// Code, Status and Message are what Refuse and RefuseAfter answer with;
	// what is left out is what the service says when it is in trouble.
	Code    string `json:"code,omitempty"`
	Status  int    `json:"status,omitempty"`
	Message string `json:"message,omitempty"`
	Count   int    `json:"count,omitempty"`
}

// UnmarshalJSON reads a fault whose delay is written as "1m30s", and refuses
// kinds that do not exist.
func (f *Fault) UnmarshalJSON(text []byte) error {
	type plain Fault
	var in struct {
		plain
		Delay string `json:"delay"`
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields() // a misspelt member would be a fault that acts on everything
	if err := dec.Decode(&in); err != nil {
		return err
	}
	*f = Fault(in.plain)
	if !slices.Contains(kinds(), f.Kind) {
		return fmt.Errorf("%q is no kind of fault; want one of %v", f.Kind, kinds())
	}
	if in.Delay == "" {
		return nil
	}
	var err error
	f.Delay, err = time.ParseDuration(in.Delay)
	return err
}

// MarshalJSON writes what UnmarshalJSON reads.
func (f Fault) MarshalJSON() ([]byte, error) {
	type plain Fault
	out := struct {
		plain
		Delay string `json:"delay,omitempty"`
	}{plain: plain(f)}
	if f.Delay != 0 {
		out.Delay = f.Delay.String()
	}
	return json.Marshal(out)
}

func (f Fault) selects(call *Call, subject string) bool {
	if call.Service == trailService && f.Service != trailService {
		return false // a fault of all puts is none of what is told of them
	}
	return (f.Service == "" || f.Service == call.Service) && (f.Action == "" || f.Action == call.Action) &&
		(f.Account == "" || f.Account == call.Account) && (f.Region == "" || f.Region == call.Region) &&
		strings.Contains(subject, f.Resource)
}

// quirks are the part of the fault that the service itself acts out.
func (f Fault) quirks() wire.Quirks {
	switch f.Kind {
	case Stale:
		return wire.Quirks{Stale: f.Delay}
	case Flap:
		return wire.Quirks{Stale: f.Delay, Flap: true}
	case Late:
		return wire.Quirks{Late: f.Delay}
	case FailEntries:
		return wire.Quirks{Entries: max(f.Count, 1)}
	case Duplicate:
		return wire.Quirks{Duplicate: true}
	case Shuffle:
		return wire.Quirks{Shuffle: true}
	}
	return wire.Quirks{}
}
