package demo

import (
	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/shared/outcome"
)

func samePolicy() scene {
	return scene{
		title:    "The same policy again",
		why:      "The good policy is uploaded again. keysmith puts and verifies it again, and reports that nothing changed.",
		key:      story.Orders,
		document: "orders",
		act:      upload(story.Orders, "orders"),
		want:     want{events: []expected{{outcome: outcome.Applied, trigger: "upload"}}, puts: 1, inForce: "orders"},
	}
}
