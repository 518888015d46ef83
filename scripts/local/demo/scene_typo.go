package demo

import (
	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/shared/outcome"
)

func typo() scene {
	return scene{
		title:    "A typo",
		why:      "One word is misspelt. keysmith names the place, and the key keeps its policy.",
		key:      story.Orders,
		document: "typo",
		act:      upload(story.Orders, "typo"),
		want: want{inForce: "orders", events: []expected{{
			outcome: outcome.Rejected, code: outcome.InvalidPolicy, trigger: "upload",
			rules: []string{"unknown-element"}, at: `"Actoin"`,
		}}},
	}
}
