package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/outcome"
)

func driftRepaired() scene {
	return scene{
		title: "Drift, with its author, repaired",
		why: "With DriftMode=enforce, a policy that is put past keysmith is replaced if it gives new access. " +
			"CloudTrail reports who did it: the event names the person, the address and the request.",
		key:      story.Orders,
		document: "orders",
		act: steps(
			redeploy(map[string]string{"DriftMode": "enforce"}),
			byHand(story.Orders, "untrusted", "assumed-role/orders/mallory"),
		),
		want: want{puts: 1, inForce: "orders", events: []expected{
			{outcome: outcome.DriftDetected, trigger: "cloudtrail", repair: outcome.RepairPending, author: "assumed-role/orders/mallory"},
			{outcome: outcome.Applied, trigger: "cloudtrail", changed: true},
			{outcome: outcome.DriftResolved, trigger: "cloudtrail", repair: outcome.RepairPending, author: "assumed-role/orders/mallory"},
		}},
	}
}

// steps are several acts, one after the other.
func steps(acts ...act) act {
	return func(ctx context.Context, st *stage) error {
		for _, one := range acts {
			if err := one(ctx, st); err != nil {
				return err
			}
		}
		return nil
	}
}

func redeploy(parameters map[string]string) act {
	return func(_ context.Context, st *stage) error {
		for name, value := range parameters {
			st.do("deploy with %s=%s", name, value)
		}
		return st.stack.Redeploy(parameters)
	}
}

// byHand puts a policy past keysmith, as a session of a role does. CloudTrail
// reports the call.
func byHand(k story.Key, document, session string) act {
	return func(_ context.Context, st *stage) error {
		st.do("%s puts %s.json on %s by hand", session, document, k.Alias())
		st.stack.Cloud.KMS.SetPolicy(k.ID, string(st.text(document)))
		return trailed(st.stack, k, session)
	}
}

// trailed sends the event of a PutKeyPolicy call.
func trailed(s *stack.Stack, k story.Key, session string) error {
	now := time.Now().UTC()
	detail, err := json.Marshal(map[string]any{
		"eventSource": "kms.amazonaws.com", "eventName": "PutKeyPolicy", "eventID": fmt.Sprintf("call-%d", now.UnixNano()),
		"eventTime": now.Format(time.RFC3339), "recipientAccountId": s.Account(), "sourceIPAddress": "198.51.100.23", "userAgent": "aws-cli/2.22.0",
		"userIdentity": map[string]any{"type": "AssumedRole", "arn": "arn:aws:sts::" + s.Account() + ":" + session},
		"resources":    []any{map[string]any{"ARN": "arn:aws:kms:" + s.Region() + ":" + s.Account() + ":key/" + k.ID}},
	})
	if err != nil {
		return fmt.Errorf("writing the event of CloudTrail: %w", err)
	}
	s.Cloud.Events.Publish("default", fakeaws.Entry{
		Source: "aws.kms", DetailType: "AWS API Call via CloudTrail", Account: s.Account(), Region: s.Region(), Time: now, Detail: detail,
	})
	return nil
}

// settled lets everything be dealt with that is under way. What the act does
// after it is what is judged.
func settled(ctx context.Context, st *stage) error {
	_, err := st.stack.Settle(ctx)
	st.before = putCalls(st.stack.Cloud.Calls())
	return err
}
