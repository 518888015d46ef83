package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/scripts/local/verdict"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
)

func onHold() scene {
	return scene{
		title: "A hold",
		why: "While holds/<object key> exists, keysmith changes nothing for that object. An upload is rejected as held, and applied " +
			"when the hold is deleted.",
		key:      story.Payments,
		document: "orders",
		act:      held(story.Payments, "orders"),
		want:     want{puts: 1, inForce: "orders", events: []expected{{outcome: outcome.Applied, trigger: "sweep", changed: true}}},
	}
}

// held uploads a policy while the key is on hold, and then deletes the hold.
func held(k story.Key, document string) act {
	return func(ctx context.Context, st *stage) error {
		hold := objectkey.Hold(k.Object())
		st.do("put a hold on the key: %s", hold)
		st.stack.Cloud.S3.Put(st.stack.Bucket(), hold, fmt.Appendf(nil, `{"reason": "incident 12", "until": %q}`, time.Now().Add(24*time.Hour).UTC().Format(time.RFC3339)), nil)
		if err := upload(k, document)(ctx, st); err != nil {
			return err
		}
		results, err := st.stack.Settle(ctx)
		if err != nil {
			return err
		}
		if len(results) != 1 || results[0].Type != outcome.Rejected || results[0].Detail.Data.Error.Code != outcome.Held {
			return fmt.Errorf("the upload was not held: %d results came", len(results))
		}
		st.show(results[0], verdict.About{Document: st.text(document)})
		st.do("delete the hold")
		st.stack.Cloud.S3.Delete(st.stack.Bucket(), hold)
		return nil
	}
}
