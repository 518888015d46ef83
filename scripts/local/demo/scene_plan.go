package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/shared/outcome"
)

func planned() scene {
	return scene{
		title: "A plan, by a function that cannot change a key",
		why: "What is uploaded under plans/ is judged and compared with what is in force, and is never applied. " +
			"A function of its own does that. Its role has no permission to put a policy.",
		key:      story.Invoices,
		document: "invoices-newer",
		act:      planWithoutPower(story.Invoices, "invoices-newer"),
		want:     want{inForce: "invoices-older", events: []expected{{outcome: outcome.Planned, trigger: "upload"}}},
	}
}

// planWithoutPower uploads a policy to be planned, after a put that the role of
// the function that plans tries.
func planWithoutPower(k story.Key, document string) act {
	return func(ctx context.Context, st *stage) error {
		st.do("call PutKeyPolicy with the role of the function that plans")
		err := st.stack.PutAs(ctx, "PlanFunction", k.ID, string(st.text(document)))
		var refused smithy.APIError
		if !errors.As(err, &refused) || refused.ErrorCode() != "AccessDeniedException" {
			return fmt.Errorf("the role of the function that plans may put a policy: %w", errors.Join(err, errDiffers))
		}
		st.dim(4, "KMS answers %s", refused.ErrorCode())
		st.before = putCalls(st.stack.Cloud.Calls())
		object := "plans/" + strings.TrimPrefix(k.Object(), "policies/")
		st.do("upload %s.json as %s", document, object)
		st.stack.Upload(object, st.text(document))
		return nil
	}
}
