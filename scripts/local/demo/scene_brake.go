package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/scripts/local/verdict"
	"github.com/keysmith/keysmith/shared/outcome"
)

func braked() scene {
	return scene{
		title: "The brake",
		why: "ChangesPerHour bounds how many key policies change in an hour: with 10, each of the 5 instances makes 2 changes. " +
			"The third one waits in the queue, and keysmith reports that once. It is applied when the brake allows it.",
		key:      story.Invoices,
		document: "invoices-newer",
		act: steps(
			redeploy(map[string]string{"ChangesPerHour": "10"}),
			upload(story.Invoices, "orders"), settled,
			upload(story.Invoices, "payments"), settled,
			upload(story.Invoices, "invoices-newer"), waits("invoices-newer"),
			redeploy(map[string]string{"ChangesPerHour": ""}),
			later,
		),
		want: want{puts: 1, inForce: "invoices-newer", events: []expected{{outcome: outcome.Applied, trigger: "upload", changed: true}}},
	}
}

// waits looks until the brake is reported, and shows the report.
func waits(document string) act {
	return func(ctx context.Context, st *stage) error {
		for {
			results, err := st.stack.Results()
			if err != nil {
				return err
			}
			for _, r := range results {
				if failure := r.Detail.Data.Error; failure == nil || failure.Code != outcome.Brake {
					return fmt.Errorf("%s came, and not the brake", r.Type)
				}
				st.show(r, verdict.About{Document: st.text(document)})
				return returned(ctx, st.stack)
			}
			if err := pause(ctx); err != nil {
				return fmt.Errorf("waiting for the brake: %w", err)
			}
		}
	}
}

// returned waits until no function works on a message any more.
func returned(ctx context.Context, s *stack.Stack) error {
	for range 20 {
		if err := pause(ctx); err != nil {
			return err
		}
	}
	return s.Failures()
}

func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(50 * time.Millisecond):
		return nil
	}
}

// later lets the time pass for which a message stays away.
func later(_ context.Context, st *stage) error {
	st.do("a quarter of an hour passes: the message comes again")
	st.before = putCalls(st.stack.Cloud.Calls())
	st.stack.Reveal()
	return nil
}
