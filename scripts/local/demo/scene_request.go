package demo

import (
	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/shared/outcome"
)

func requested() scene {
	return scene{
		title:    "A request that carries its policy",
		why:      "A pipeline sends a policy through EventBridge and names the key by its alias. keysmith stores the policy as the key's object first, so that the bucket stays the only source of truth.",
		key:      story.Payments,
		document: "payments",
		act:      request(story.Payments, "payments"),
		want: want{puts: 1, inForce: "payments", events: []expected{
			// S3 also reports the object that keysmith stored; that is no second outcome.
			{outcome: outcome.Applied, trigger: "request", changed: true},
		}},
	}
}
