package fakekms

import (
	"context"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// A use is the last cryptographic operation with a key.
type use struct {
	at        time.Time
	operation string
	event     string // id in CloudTrail
}

// SetLastUse says when a key was last used, such as for Decrypt.
func (s *Service) SetLastUse(id, operation string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.keys[s.arnOf(id)]; k != nil {
		k.lastUse = use{at, operation, s.opts.Source.UUID()}
	}
}

type lastUsageInput struct{ KeyId string }

// The answer never crosses accounts. Of a key that was not used since KMS keeps track
// of it, here since it was made, KeyLastUsage is an empty object.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html
func (s *Service) getKeyLastUsage(_ context.Context, call *wire.Call, in lastUsageInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.authorized(call, in.KeyId, false)
	if err != nil {
		return nil, err
	}
	last := map[string]any{}
	if !k.lastUse.at.IsZero() {
		last = map[string]any{"Operation": k.lastUse.operation, "Timestamp": seconds(k.lastUse.at), "CloudTrailEventId": k.lastUse.event}
	}
	return map[string]any{
		"KeyId": k.arn(), "KeyLastUsage": last, "KeyCreationDate": seconds(k.created), "TrackingStartDate": seconds(k.created),
	}, nil
}
