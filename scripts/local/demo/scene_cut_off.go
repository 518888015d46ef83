package demo

import (
	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/shared/outcome"
)

func cutOff() scene {
	return scene{
		title: "A cut-off that is held",
		why: "A break-glass role takes a service's access away. That may be the answer to an incident, so keysmith reports it " +
			"and leaves it until the object is uploaded again.",
		key:      story.Orders,
		document: "orders",
		act:      byHand(story.Orders, "orders-cut-off", "assumed-role/break-glass/on-call"),
		want: want{inForce: "orders-cut-off", events: []expected{{
			outcome: outcome.DriftDetected, trigger: "cloudtrail", repair: outcome.RepairHeld, author: "assumed-role/break-glass/on-call",
		}}},
	}
}
