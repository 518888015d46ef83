package demo

import (
	"context"

	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
)

func stale() scene {
	return scene{
		title: "An upload that expects another policy to be in force",
		why: "The metadata expected-previous says which policy the upload expects to replace. Another one is in force, so the upload " +
			"is rejected as stale, with the difference.",
		key:      story.Payments,
		document: "orders",
		act:      unaware(story.Payments, "orders-cut-off", "payments", "orders"),
		want: want{inForce: "orders-cut-off", events: []expected{{
			outcome: outcome.Rejected, code: outcome.Stale, trigger: "upload", rules: []string{"expected-previous"},
		}}},
	}
}

// unaware uploads a document that expects another policy to be in force than the
// one that somebody has put by hand.
func unaware(k story.Key, byHand, expected, document string) act {
	return func(_ context.Context, st *stage) error {
		st.do("somebody puts %s.json on %s by hand", byHand, k.Alias())
		st.stack.Cloud.KMS.SetPolicy(k.ID, string(st.text(byHand)))
		st.do("upload %s.json, which expects %s.json to be in force, as %s", document, expected, k.Object())
		policy, _ := keypolicy.Parse(st.text(expected))
		st.stack.Cloud.S3.Put(st.stack.Bucket(), k.Object(), st.text(document), map[string]string{"expected-previous": policy.Canonical("aws").Text})
		return nil
	}
}
