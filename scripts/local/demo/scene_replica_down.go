package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/scripts/local/verdict"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/outcome"
)

// archive is a multi-Region set: a primary key in the stack's Region, and a replica.
var archive = story.Key{Name: "archive", ID: "mrk-5e1f0c9ab7d84236a1c09f4be27d3c58", Set: true}

const replicaRegion = "eu-west-1"

func replicaDown() scene {
	return scene{
		title: "A multi-Region set, of which one Region is down",
		why: "A key policy is not shared between the keys of a multi-Region set. One object stands for all of them: each gets the policy, and there is one " +
			"result. A Region that is down leaves the others applied and the result Failed, until it is back.",
		key:      archive,
		document: "orders",
		act:      downAndHealed,
		want:     want{puts: 2, inForce: "orders", events: []expected{{outcome: outcome.Applied, trigger: "upload", changed: true}}},
	}
}

func downAndHealed(ctx context.Context, st *stage) error {
	own := st.stack.Region()
	for _, region := range []string{own, replicaRegion} {
		st.stack.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: archive.ID, Region: region, MultiRegion: true, Primary: own})
	}
	if err := redeploy(map[string]string{"TargetRegions": own + "," + replicaRegion, "KeyArns": "arn:aws:kms:*:" + st.stack.Account() + ":key/*"})(ctx, st); err != nil {
		return err
	}
	st.do("switch %s off", replicaRegion)
	st.stack.Cloud.EnableRegions(st.stack.Account(), own)
	before := len(returns(st.stack.Cloud.Calls()))
	if err := upload(archive, "orders")(ctx, st); err != nil {
		return err
	}
	result, err := st.next(ctx)
	if err != nil {
		return err
	}
	st.show(result, verdict.About{Document: st.text("orders")})
	d := result.Detail.Data
	if result.Type != outcome.Failed || !d.Error.Retryable || len(d.Replicas) != 2 || d.Replicas[0].Outcome != "Applied" || d.Replicas[1].Outcome != "Failed" {
		return fmt.Errorf("want %s applied, %s failed, and another try: %+v", own, replicaRegion, d)
	}
	if err := st.returned(ctx, before); err != nil {
		return err
	}
	st.do("switch %s on again: the message comes back from the queue", replicaRegion)
	st.before = putCalls(st.stack.Cloud.Calls())
	st.stack.Cloud.EnableRegions(st.stack.Account(), own, replicaRegion)
	st.stack.Reveal()
	return nil
}

// returned waits until the function has returned a message to its queue.
func (st *stage) returned(ctx context.Context, before int) error {
	for len(returns(st.stack.Cloud.Calls())) == before {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

func returns(calls []fakeaws.Call) []fakeaws.Call {
	return slices.DeleteFunc(calls, func(c fakeaws.Call) bool { return !strings.HasPrefix(c.Action, "ChangeMessageVisibility") })
}

// next waits for one result, while its message waits to be tried again.
func (st *stage) next(ctx context.Context) (stack.Result, error) {
	for {
		results, err := st.stack.Results()
		if err != nil || len(results) > 0 {
			return append(results, stack.Result{})[0], err
		}
		select {
		case <-ctx.Done():
			return stack.Result{}, context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
