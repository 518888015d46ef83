package plan

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"golang.org/x/time/rate"

	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/kmskey"
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

// usePace keeps the pace for each account and Region.
type usePace struct {
	mu       sync.Mutex
	limiters map[string]*rate.Limiter
}

func (u *usePace) wait(ctx context.Context, k keypolicy.Key) error {
	u.mu.Lock()
	if u.limiters == nil {
		u.limiters = map[string]*rate.Limiter{}
	}
	l := u.limiters[k.Account+k.Region]
	if l == nil {
		l = rate.NewLimiter(usesPerSecond, 1)
		u.limiters[k.Account+k.Region] = l
	}
	u.mu.Unlock()
	return l.Wait(ctx)
}

// askLastUse asks KMS. What it does not say is unknown, which is never "unused".
// https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html
func (p *planner) askLastUse(ctx context.Context, api *kms.Client, k keypolicy.Key) *lastUse {
	if err := p.clients.uses.wait(ctx, k); err != nil {
		return &lastUse{State: "unknown", Reason: err.Error()}
	}
	out, err := api.GetKeyLastUsage(ctx, &kms.GetKeyLastUsageInput{KeyId: aws.String(arnOf(k))})
	switch {
	case err != nil:
		return &lastUse{State: "unknown", Reason: kmskey.Message(err)}
	case out.KeyLastUsage != nil && out.KeyLastUsage.Timestamp != nil:
		return &lastUse{State: "used", Time: out.KeyLastUsage.Timestamp.UTC(), Operation: string(out.KeyLastUsage.Operation), Since: aws.ToTime(out.TrackingStartDate).UTC()}
	case out.TrackingStartDate != nil:
		return &lastUse{State: "unused", Since: out.TrackingStartDate.UTC()}
	}
	return &lastUse{State: "unknown", Reason: "the answer of KMS has no date"}
}
