package demo

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/outcome"
)

func lateEvent() scene {
	return scene{
		title:    "An event that arrives twice, and late",
		why:      "S3 may deliver an event more than once and in any order. keysmith reads the object again, so an old event never brings back an old policy.",
		key:      story.Invoices,
		document: "invoices-newer",
		act:      late(story.Invoices, "invoices-older", "invoices-newer"),
		want:     want{events: []expected{{outcome: outcome.Applied, trigger: "upload"}}, puts: 1, twice: true, inForce: "invoices-newer"},
	}
}

// late uploads one policy and then another. When both are applied, the event of
// the first one arrives again, twice.
func late(k story.Key, older, newer string) act {
	return func(ctx context.Context, st *stage) error {
		for _, document := range []string{older, newer} {
			if err := upload(k, document)(ctx, st); err != nil {
				return err
			}
			events, err := st.stack.Settle(ctx)
			if err != nil {
				return err
			}
			if len(events) != 1 || events[0].Type != outcome.Applied || !events[0].Detail.Data.Changed {
				return fmt.Errorf("%s.json was not applied: %+v", document, events)
			}
		}
		first, ok := firstUpload(st.stack.Cloud.Events.Entries("default"), k.Object())
		if !ok {
			return fmt.Errorf("S3 sent no event for %s", k.Object())
		}
		st.do("both were applied; now send the event of the older one (%s) again, twice", first.Time.Format(time.TimeOnly))
		st.before = putCalls(st.stack.Cloud.Calls())
		for range 2 {
			st.stack.Cloud.Events.Publish("default", first)
		}
		return nil
	}
}

func firstUpload(entries []fakeaws.Entry, object string) (fakeaws.Entry, bool) {
	for _, e := range entries {
		if e.Source == "aws.s3" && bytes.Contains(e.Detail, []byte(`"`+object+`"`)) {
			return e, true
		}
	}
	return fakeaws.Entry{}, false
}
