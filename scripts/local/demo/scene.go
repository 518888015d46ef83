package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/shared/fakeaws"
)

// A scene does one thing and says what the result must be. Each is in a file of
// its own, scene_<name>.go.
type scene struct {
	title    string
	why      string
	key      story.Key
	document string // name of the policy that is judged
	act      act
	want     want
}

// An act is what somebody does.
type act func(context.Context, *stage) error

// scenes are all of them, in the order in which they play.
func scenes() []scene {
	return []scene{
		goodPolicy(),
		typo(),
		lockout(),
		stranger(),
		samePolicy(),
		requested(),
		lateEvent(),
		planThenApply(),
		planned(),
		drift(),
		driftRepaired(),
		cutOff(),
		fight(),
		stale(),
		onHold(),
		rollback(),
		braked(),
		otherAccount(),
		replicaDown(),
	}
}

// upload is the act of most scenes.
func upload(k story.Key, document string) act {
	return func(_ context.Context, st *stage) error {
		st.do("upload %s.json as %s", document, k.Object())
		st.stack.Upload(k.Object(), st.textFor(k, document))
		return nil
	}
}

// request asks for a policy through the request bus, with the alias of the key.
func request(k story.Key, document string) act {
	return func(_ context.Context, st *stage) error {
		detail, err := json.Marshal(map[string]any{"key": k.Alias(), "policy": json.RawMessage(st.text(document))})
		if err != nil {
			return fmt.Errorf("writing the request: %w", err)
		}
		bus := st.stack.Bus("RequestBus")
		st.do("send an event to the bus %s that asks for %s.json on %s", bus, document, k.Alias())
		st.stack.Cloud.Events.Publish(bus, requestEvent(st.stack, detail))
		return nil
	}
}

func requestEvent(s *stack.Stack, detail []byte) fakeaws.Entry {
	return fakeaws.Entry{
		Source:     "platform.pipeline",
		DetailType: "KMS Key Policy Apply Requested",
		Account:    s.Account(),
		Region:     s.Region(),
		Time:       time.Now(),
		Detail:     detail,
	}
}
