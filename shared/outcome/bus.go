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

// Send puts e on the bus. PutEvents can answer 200 and still have dropped the
// entry, so a nil error means that the bus took it.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
func (b *Bus) Send(ctx context.Context, e Event) error {
	detail, err := fitted(e.Detail)
	if err != nil {
		return err
	}
	resources := make([]string, 0, len(e.Resources))
	for _, r := range e.Resources {
		resources = append(resources, cutText(r))
	}
	entry := types.PutEventsRequestEntry{
		EventBusName: &b.name, Source: aws.String(e.Source), DetailType: aws.String(string(e.Type)),
		Detail: aws.String(string(detail)), Resources: resources, Time: &e.Detail.Metadata.Time,
	}
	if e.Detail.Metadata.TraceID != "" {
		entry.TraceHeader = &e.Detail.Metadata.TraceID
	}
	for try := range sendTries {
		if err = b.put(ctx, entry); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("reporting to bus %s: %w", b.name, errors.Join(err, ctx.Err()))
		case <-time.After(sendBackoff << try):
		}
	}
	return fmt.Errorf("reporting to bus %s: %w", b.name, err)
}

func (b *Bus) put(ctx context.Context, entry types.PutEventsRequestEntry) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := b.api.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{entry}})
	if err != nil {
		return err
	}
	for _, r := range out.Entries {
		if r.ErrorCode != nil {
			return fmt.Errorf("the entry was dropped: %s: %s", aws.ToString(r.ErrorCode), aws.ToString(r.ErrorMessage))
		}
	}
	// Only the id of the event says that the bus took it. An answer without one
	// may have been written by something else in between.
	if out.FailedEntryCount != 0 || len(out.Entries) != 1 || aws.ToString(out.Entries[0].EventId) == "" {
		return errors.New("the entry was dropped without a reason")
	}
	return nil
}
