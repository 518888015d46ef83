package plan

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// lastUse is when a key was last used for a cryptographic operation, as far as KMS
// keeps track of it.
type lastUse struct {
	State     string    `json:"state"`               // used, unused or unknown
	Time      time.Time `json:"time,omitzero"`       // of the last use
	Operation string    `json:"operation,omitempty"` // of the last use
	Since     time.Time `json:"since,omitzero"`      // since when KMS keeps track
	Reason    string    `json:"reason,omitempty"`    // why it is unknown
}

func (u *lastUse) String() string {
	switch u.State {
	case "used":
		return fmt.Sprintf("used %s (%s)", u.Time.UTC().Format(time.DateOnly), u.Operation)
	case "unused":
		return "not since " + u.Since.UTC().Format(time.DateOnly) + ", when KMS began to keep track of it"
	}
	return "unknown: " + u.Reason
}

// usesPerSecond is how often an account and Region is asked.
const usesPerSecond = 4

const lastUsage = "GetKeyLastUsage"

// askLastUse asks KMS. What it does not say is unknown, which is never "unused".
// https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html
func (p *planner) askLastUse(ctx context.Context, k keypolicy.Key) *lastUse {
	var out *kms.GetKeyLastUsageOutput
	err := p.clients.paced(ctx, k, lastUsage, func(ctx context.Context) (err error) {
		out, err = p.clients.kms(k).GetKeyLastUsage(ctx, &kms.GetKeyLastUsageInput{KeyId: aws.String(arnOf(k))})
		return err
	})
	switch {
	case err != nil:
		return &lastUse{State: "unknown", Reason: err.Error()}
	case out.KeyLastUsage != nil && out.KeyLastUsage.Timestamp != nil:
		return &lastUse{State: "used", Time: out.KeyLastUsage.Timestamp.UTC(), Operation: string(out.KeyLastUsage.Operation), Since: aws.ToTime(out.TrackingStartDate).UTC()}
	case out.TrackingStartDate != nil:
		return &lastUse{State: "unused", Since: out.TrackingStartDate.UTC()}
	}
	return &lastUse{State: "unknown", Reason: "the answer of KMS has no date"}
}
