package converge

import (
	"errors"

	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/trigger"
)

// Refuse is the result for a trigger that cannot become a job: its object key
// is not in the grammar, or its request cannot be understood.
func (c *Converger) Refuse(t trigger.Trigger, code outcome.Code, err error) Result {
	r := &run{c: c, at: c.Reach.At(c.own(), c.own()), job: Job{Kind: t.Kind, Name: objectkey.Name{Object: t.Object}, Hints: []trigger.Trigger{t}}}
	return Result{Drafts: []Draft{r.draft(refusal(code, err), desired{})}}
}

// badName is the verdict on an object whose name is not one of a target.
func badName(err error) verdict { return refusal(outcome.BadObjectKey, err) }

func refusal(code outcome.Code, err error) verdict {
	f := note("request-malformed", keypolicy.Error, err.Error())
	var bad *objectkey.Error
	if errors.As(err, &bad) {
		f = note("object-key", keypolicy.Error, bad.Message)
		f.Column, f.Path = bad.Column, "object"
	}
	return rejected(code, err.Error(), f)
}
