package demo

import (
	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/shared/outcome"
)

func lockout() scene {
	return scene{
		title:    "A lockout",
		why:      "This policy has no syntax error. But no administrator of the account could change it again.",
		key:      story.Orders,
		document: "lockout",
		act:      upload(story.Orders, "lockout"),
		want: want{inForce: "orders", events: []expected{{
			outcome: outcome.Rejected, code: outcome.Lockout, trigger: "upload",
			rules: []string{"root-lockout", "break-glass-lockout"},
		}}},
	}
}
