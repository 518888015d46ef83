package demo

import (
	"context"
	"fmt"

	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
)

func fight() scene {
	return scene{
		title: "A fight that ends contested",
		why: "Another tool puts its own policy again and again. keysmith repairs the key three times within a day; then it reports " +
			"the key as contested and leaves it until the object is uploaded again.",
		key:      story.Orders,
		document: "orders",
		act: steps(
			upload(story.Orders, "orders"), settled,
			round(story.Orders), round(story.Orders), round(story.Orders),
			byHand(story.Orders, "untrusted", "assumed-role/orders/terraform"),
		),
		want: want{inForce: "untrusted", events: []expected{{
			outcome: outcome.DriftDetected, trigger: "cloudtrail", repair: outcome.RepairContested, author: "assumed-role/orders/terraform",
		}}},
	}
}

// round is a change by hand that is repaired.
func round(k story.Key) act {
	return func(ctx context.Context, st *stage) error {
		if err := byHand(k, "untrusted", "assumed-role/orders/terraform")(ctx, st); err != nil {
			return err
		}
		if err := settled(ctx, st); err != nil {
			return err
		}
		if !keypolicy.SameText(st.stack.Cloud.KMS.Policy(k.ID), string(st.text("orders")), "aws") {
			return fmt.Errorf("%s was not repaired", k.Alias())
		}
		return nil
	}
}
