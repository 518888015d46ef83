package demo

import (
	"context"
	"fmt"

	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/shared/outcome"
)

func rollback() scene {
	return scene{
		title:    "A rollback",
		why:      "What keysmith replaced is in history/. To go back, upload it again: keysmith judges it like a new policy, and the event says what it undoes.",
		key:      story.Payments,
		document: "orders-cut-off",
		act:      undo(story.Payments),
		want:     want{puts: 1, inForce: "orders-cut-off", events: []expected{{outcome: outcome.Applied, trigger: "upload", changed: true, rollback: true}}},
	}
}

// undo uploads the newest policy in the key's history.
func undo(k story.Key) act {
	return func(_ context.Context, st *stage) error {
		bucket := st.stack.Bucket()
		copies := st.stack.Cloud.S3.Keys(bucket, "history/"+st.stack.Account()+"/"+st.stack.Region()+"/"+k.ID+"/")
		if len(copies) == 0 {
			return fmt.Errorf("%s has no history", k.Alias())
		}
		newest := copies[len(copies)-1]
		kept, _ := st.stack.Cloud.S3.Get(bucket, newest)
		now, _ := st.stack.Cloud.S3.Get(bucket, k.Object())
		st.do("upload %s as %s", newest, k.Object())
		st.stack.Cloud.S3.Put(bucket, k.Object(), kept.Body, map[string]string{"rollback-of": now.VersionID})
		return nil
	}
}
