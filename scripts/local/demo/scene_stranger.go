package demo

import (
	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/shared/outcome"
)

func stranger() scene {
	return scene{
		title:    "An unknown account",
		why:      "This policy allows decryption to another account, which is not one of the trusted accounts.",
		key:      story.Orders,
		document: "untrusted",
		act:      upload(story.Orders, "untrusted"),
		want: want{inForce: "orders", events: []expected{{
			outcome: outcome.Rejected, code: outcome.Guardrail, trigger: "upload",
			rules: []string{"untrusted-account"}, at: `"arn:aws:iam::999988887777:role/partner"`,
		}}},
	}
}
