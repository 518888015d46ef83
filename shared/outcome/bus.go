package outcome

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

// api is the part of *eventbridge.Client that this package calls.
type api interface {
	PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
}

// A Bus takes result events.
type Bus struct {
	api  api
	name string // name or ARN
}

// NewBus returns the bus with this name or ARN.
func NewBus(api api, name string) *Bus { return &Bus{api, name} }

const (
	sendTries   = 4
	sendBackoff = 100 * time.Millisecond // doubled after each try
	callTimeout = 5 * time.Second
)

// The limits of one PutEvents request; a kilobyte is left for what is not counted here.
const (
	maxEntries = 10
	maxBytes   = 255 << 10
)

// Send puts e on the bus. PutEvents can answer 200 and still have dropped the
// entry, so a nil error means that the bus took it.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
func (b *Bus) Send(ctx context.Context, e Event) error { return b.SendAll(ctx, []Event{e})[0] }

// SendAll is Send for several events, with as few calls as possible. It returns
// an error for each event; all of them share the time that ctx leaves.
func (b *Bus) SendAll(ctx context.Context, events []Event) []error {
	errs := make([]error, len(events))
	var some []parcel
	size := 0
	for i, e := range events {
		one, err := b.parcel(i, e)
		if err != nil {
			errs[i] = err
			continue
		}
		if len(some) == maxEntries || len(some) > 0 && size+one.size > maxBytes {
			b.deliver(ctx, some, errs)
			some, size = nil, 0
		}
		some, size = append(some, one), size+one.size
	}
	b.deliver(ctx, some, errs)
	return errs
}

// A parcel is an event as PutEvents takes it.
type parcel struct {
	index int // among all events
	size  int
	entry types.PutEventsRequestEntry
}

func (b *Bus) parcel(index int, e Event) (parcel, error) {
	detail, err := fitted(e.Detail)
	if err != nil {
		return parcel{}, err
	}
	resources := make([]string, 0, len(e.Resources))
	size := len(detail) + len(e.Source) + len(e.Type)
	for _, r := range e.Resources {
		resources = append(resources, cutText(r))
		size += len(r)
	}
	entry := types.PutEventsRequestEntry{
		EventBusName: &b.name, Source: aws.String(e.Source), DetailType: aws.String(string(e.Type)),
		Detail: aws.String(string(detail)), Resources: resources, Time: &e.Detail.Metadata.Time,
	}
	if e.Detail.Metadata.TraceID != "" {
		entry.TraceHeader = &e.Detail.Metadata.TraceID
	}
	return parcel{index, size, entry}, nil
}

// deliver sends parcels until the bus has taken each, or tries or time are used
// up. What it takes is never sent again.
func (b *Bus) deliver(ctx context.Context, open []parcel, errs []error) {
	for try := range sendTries {
		if len(open) == 0 {
			return
		}
		open = b.put(ctx, open, errs)
		if len(open) == 0 || try == sendTries-1 {
			return
		}
		select {
		case <-ctx.Done():
			for _, p := range open {
				errs[p.index] = errors.Join(errs[p.index], ctx.Err())
			}
			return
		case <-time.After(sendBackoff << try):
		}
	}
}

// put makes one call. It returns what the bus did not take, and says why in errs.
func (b *Bus) put(ctx context.Context, parcels []parcel, errs []error) (left []parcel) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	in := &eventbridge.PutEventsInput{}
	for _, p := range parcels {
		in.Entries = append(in.Entries, p.entry)
	}
	out, err := b.api.PutEvents(ctx, in)
	for i, p := range parcels {
		why := err
		switch {
		case err != nil:
		case i >= len(out.Entries):
			why = errors.New("the answer does not mention the entry")
		default:
			why = dropped(out.Entries[i])
		}
		errs[p.index] = nil
		if why != nil {
			errs[p.index] = fmt.Errorf("reporting to bus %s: %w", b.name, why)
			left = append(left, p)
		}
	}
	return left
}

// dropped says why an entry was not taken; nil where it was. Only the id of the
// event says that the bus took it. An answer without one may have been written by
// something else in between.
func dropped(r types.PutEventsResultEntry) error {
	switch {
	case r.ErrorCode != nil:
		return fmt.Errorf("the entry was dropped: %s: %s", aws.ToString(r.ErrorCode), aws.ToString(r.ErrorMessage))
	case aws.ToString(r.EventId) == "":
		return errors.New("the entry was dropped without a reason")
	}
	return nil
}
