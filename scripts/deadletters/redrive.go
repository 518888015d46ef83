package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// redrive sends letters back to the queue that they came from.
func redrive(ctx context.Context, b *box, o options, out io.Writer) error {
	queue := o.queue
	if queue == "" {
		var err error
		if queue, err = b.source(); err != nil {
			return err
		}
	}
	letters, err := b.open(ctx)
	if err != nil {
		return errors.Join(err, b.putBack(ctx, letters))
	}
	chosen, rest := o.choose(b, letters)
	for _, one := range rest {
		if o.all {
			fmt.Fprintf(out, "%s is not sent back: it %s; name its id to send it back all the same\n", aws.ToString(one.MessageId), printable(b.strange(one)))
		}
	}
	sent, err := sendAll(ctx, b, queue, chosen, out)
	err = errors.Join(err, b.putBack(ctx, append(rest, chosen[sent:]...)))
	fmt.Fprintf(out, "%d sent back, %d not sent back\n", sent, len(letters)-sent)
	return errors.Join(err, o.notThere(letters))
}

func sendAll(ctx context.Context, b *box, queue string, letters []letter, out io.Writer) (sent int, err error) {
	for _, one := range letters {
		if err := b.send(ctx, queue, one); err != nil {
			return sent, err
		}
		sent++
		fmt.Fprintf(out, "%s  %s\n", aws.ToString(one.MessageId), read(one).what)
	}
	return sent, nil
}

// choose picks the letters that were asked for: all, but for strange ones, or
// those that were named.
func (o options) choose(b *box, letters []letter) (chosen, rest []letter) {
	for _, one := range letters {
		if o.all && b.strange(one) == "" || slices.Contains(o.ids, aws.ToString(one.MessageId)) {
			chosen = append(chosen, one)
		} else {
			rest = append(rest, one)
		}
	}
	return chosen, rest
}

// notThere says which of the messages that were asked for were not found.
func (o options) notThere(letters []letter) error {
	var errs []error
	for _, id := range o.ids {
		if !slices.ContainsFunc(letters, func(one letter) bool { return aws.ToString(one.MessageId) == id }) {
			errs = append(errs, fmt.Errorf("there is no message %q, or another receiver has it at the moment", id))
		}
	}
	return errors.Join(errs...)
}
