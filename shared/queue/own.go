package queue

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// Own are the queues that a function reads, each by its configured URL. What a
// message says of its queue only selects one of them.
type Own []*Queue

// NewOwn returns the queues with these URLs. Empty ones are left out, and those
// that were named before.
func NewOwn(api api, urls ...string) Own {
	var own Own
	for i, url := range urls {
		if url != "" && slices.Index(urls, url) == i {
			own = append(own, New(api, url))
		}
	}
	if len(own) == 0 {
		own = Own{New(api, "")}
	}
	return own
}

// Of returns the queue that arn names. For any other ARN that is the first one,
// which then refuses what was not received from it.
func (o Own) Of(arn string) *Queue {
	for _, q := range o {
		if q.is(arn) {
			return q
		}
	}
	return o[0]
}

// Delay is that of each message's queue.
func (o Own) Delay(ctx context.Context, messages []Returned) error {
	var all sync.WaitGroup
	errs := make([]error, len(o))
	for i, q := range o {
		theirs := slices.DeleteFunc(slices.Clone(messages), func(m Returned) bool { return o.Of(m.QueueARN) != q })
		all.Go(func() { errs[i] = q.Delay(ctx, theirs) })
	}
	all.Wait()
	return errors.Join(errs...)
}
