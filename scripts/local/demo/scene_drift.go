package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/scripts/local/verdict"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
)

func drift() scene {
	return scene{
		title: "Drift",
		why: "Somebody changes a key policy by hand. The sweep, which a schedule starts, has keysmith compare every key with its object: " +
			"keysmith reports who gains access, keeps the drift in the status file beside the policy, and reports its end.",
		key:      story.Orders,
		document: "orders",
		act:      driftAndBack(story.Orders, "untrusted", "orders"),
		want:     want{inForce: "orders", events: []expected{{outcome: outcome.DriftResolved, trigger: "sweep", repair: outcome.RepairNone}}},
	}
}

// driftAndBack puts a policy past keysmith, and later the one before it.
func driftAndBack(k story.Key, other, before string) act {
	return func(ctx context.Context, st *stage) error {
		st.byHand(k, other)
		if err := st.sweep(ctx); err != nil {
			return err
		}
		results, err := st.stack.Settle(ctx)
		if err != nil {
			return err
		}
		if len(results) != 1 || results[0].Type != outcome.DriftDetected || results[0].Detail.Data.Drift == nil {
			return fmt.Errorf("the drift of %s was not reported: %d results came", k.Alias(), len(results))
		}
		st.show(results[0], verdict.About{Document: st.text(before)})
		if err := st.status(k); err != nil {
			return err
		}
		if err := st.sweep(ctx); err != nil {
			return err
		}
		if again, err := st.stack.Settle(ctx); err != nil || len(again) > 0 {
			return errors.Join(err, fmt.Errorf("the same drift was reported again: %d results came", len(again)))
		}
		st.dim(4, "The same drift is reported once a day. This sweep reports nothing.")
		st.byHand(k, before)
		return st.sweep(ctx)
	}
}

// byHand puts a policy past keysmith.
func (st *stage) byHand(k story.Key, document string) {
	st.do("put %s.json on %s by hand", document, k.Alias())
	st.stack.Cloud.KMS.SetPolicy(k.ID, string(st.text(document)))
}

// sweep starts the sweep function, as its schedule does.
func (st *stage) sweep(ctx context.Context) error {
	st.do("start the sweep")
	answer, err := st.stack.Invoke(ctx, "SweepFunction", []byte(`{"keysmith": "sweep"}`))
	if err != nil {
		return fmt.Errorf("the sweep: %w", err)
	}
	var sent struct{ Sent int }
	if err := json.Unmarshal(answer, &sent); err != nil || sent.Sent == 0 {
		return errors.Join(err, fmt.Errorf("the sweep answered %s", answer))
	}
	return nil
}

// status shows what the status file of a key says of its drift.
func (st *stage) status(k story.Key) error {
	name := "status/" + k.Object()
	object, _ := st.stack.Cloud.S3.Get(st.stack.Bucket(), name)
	s, err := status.Parse(object.Body, k.Object())
	if err != nil {
		return err
	}
	if s.Drift == nil {
		return fmt.Errorf("%s knows no drift", name)
	}
	st.dim(4, "%s says: %s, and drift since %s", name, s.Outcome, s.Drift.Since.Format("15:04:05"))
	return nil
}
