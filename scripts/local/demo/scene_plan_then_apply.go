package demo

import (
	"context"
	"fmt"

	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/scripts/local/verdict"
	"github.com/keysmith/keysmith/shared/outcome"
)

func planThenApply() scene {
	return scene{
		title: "From plan to apply",
		why: "A new deployment begins with Mode=plan: it says what each upload would change, and its role cannot change a key. " +
			"After the deployment with Mode=apply, make resend asks for every policy in the bucket, so that every policy that was only planned is applied.",
		key:      story.Invoices,
		document: "invoices-older",
		act:      plannedFirst(story.Invoices, "invoices-older"),
		want: want{puts: 3, inForce: "invoices-older", events: []expected{
			{outcome: outcome.Applied, trigger: "request", changed: true},
			{outcome: outcome.Applied, trigger: "request"}, // the policies of the other keys are in force already
			{outcome: outcome.Applied, trigger: "request"},
		}},
	}
}

// plannedFirst uploads a policy while the stack only plans, and asks for all
// policies when it applies.
func plannedFirst(k story.Key, document string) act {
	return func(ctx context.Context, st *stage) error {
		if err := st.mode("plan"); err != nil {
			return err
		}
		if err := upload(k, document)(ctx, st); err != nil {
			return err
		}
		results, err := st.stack.Settle(ctx)
		if err != nil {
			return err
		}
		if len(results) != 1 || results[0].Type != outcome.Planned || len(results[0].Detail.Data.Changes) == 0 {
			return fmt.Errorf("%s.json was not planned: %d results came", document, len(results))
		}
		if n := putCalls(st.stack.Cloud.Calls()) - st.before; n > 0 {
			return fmt.Errorf("%d PutKeyPolicy calls were sent in plan mode", n)
		}
		st.show(results[0], verdict.About{Document: st.text(document)})
		if err := st.mode("apply"); err != nil {
			return err
		}
		n, err := st.stack.Resend(ctx)
		st.do("send a request for each of the %d policies in the bucket, as make resend does", n)
		return err
	}
}

// mode deploys with another mode.
func (st *stage) mode(mode string) error {
	st.do("deploy with Mode=%s", mode)
	return st.stack.Redeploy(map[string]string{"Mode": mode})
}
