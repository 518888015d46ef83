package demo

import (
	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/shared/outcome"
)

func goodPolicy() scene {
	return scene{
		title:    "A good policy",
		why:      "A key policy says who may use an encryption key. A team uploads one as a file to the policy bucket.",
		key:      story.Orders,
		document: "orders",
		act:      upload(story.Orders, "orders"),
		want:     want{events: []expected{{outcome: outcome.Applied, trigger: "upload", changed: true}}, puts: 1, inForce: "orders"},
	}
}
