package fakekms

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

type tag struct{ TagKey, TagValue string }

type createKeyInput struct {
	Policy, Description, KeyUsage, KeySpec string
	MultiRegion                            bool
	BypassPolicyLockoutSafetyCheck         bool
	Tags                                   []tag
}

func (s *Service) createKey(_ context.Context, call *wire.Call, in createKeyInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.unbound(call); err != nil {
		return nil, err
	}
	k := s.newKey(KeySpec{
		Account: call.Account, Region: call.Region, Description: in.Description,
		Usage: in.KeyUsage, Spec: in.KeySpec, MultiRegion: in.MultiRegion,
	})
	setTags(k, in.Tags)
	if err := s.firstPolicy(call, k, in.Policy, in.BypassPolicyLockoutSafetyCheck); err != nil {
		return nil, err
	}
	s.keys[k.arn()] = k
	return map[string]any{"KeyMetadata": s.metadata(k)}, nil
}

// firstPolicy gives a new key the policy that was asked for, or the default.
func (s *Service) firstPolicy(call *wire.Call, k *key, text string, bypass bool) error {
	if text == "" {
		text = defaultPolicy(k)
	} else if err := s.checkPolicy(text, k); err != nil {
		return err
	}
	policy := s.store(text, partitionOf(k.region))
	if err := s.checkLockout(call, policy, k, bypass); err != nil {
		return err
	}
	k.add(k.created, policy)
	return nil
}

type keyIDInput struct{ KeyId string }

func (s *Service) describeKey(_ context.Context, call *wire.Call, in keyIDInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.authorized(call, in.KeyId, true)
	if err != nil {
		return nil, err
	}
	return map[string]any{"KeyMetadata": s.metadata(k)}, nil
}

func (s *Service) metadata(k *key) map[string]any {
	state := k.stateAt(s.opts.Now())
	m := map[string]any{
		"AWSAccountId": k.account, "Arn": k.arn(), "KeyId": k.id, "Description": k.description,
		"CreationDate": seconds(k.created), "Enabled": state == "Enabled", "KeyState": state,
		"KeyManager": k.manager, "KeyUsage": k.usage, "KeySpec": k.spec, "CustomerMasterKeySpec": k.spec,
		"Origin": "AWS_KMS", "MultiRegion": k.multiRegion,
	}
	if k.usage == "ENCRYPT_DECRYPT" {
		m["EncryptionAlgorithms"] = []string{"SYMMETRIC_DEFAULT"}
	}
	if !k.deletion.IsZero() {
		m["DeletionDate"] = seconds(k.deletion)
	}
	if k.multiRegion {
		m["MultiRegionConfiguration"] = s.multiRegion(k)
	}
	return m
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func (s *Service) disableKey(_ context.Context, call *wire.Call, in keyIDInput) (any, error) {
	return struct{}{}, s.setState(call, in.KeyId, "Disabled")
}

func (s *Service) enableKey(_ context.Context, call *wire.Call, in keyIDInput) (any, error) {
	return struct{}{}, s.setState(call, in.KeyId, "Enabled")
}

func (s *Service) setState(call *wire.Call, id, state string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.authorized(call, id, false)
	if err != nil {
		return err
	}
	if k.state == "PendingDeletion" {
		return wire.Errorf("KMSInvalidStateException", "%s is pending deletion.", k.arn())
	}
	if err := s.steady(k); err != nil {
		return err
	}
	k.state = state
	return nil
}

type scheduleKeyDeletionInput struct {
	KeyId               string
	PendingWindowInDays int
}

func (s *Service) scheduleKeyDeletion(_ context.Context, call *wire.Call, in scheduleKeyDeletionInput) (any, error) {
	days := in.PendingWindowInDays
	if days == 0 {
		days = 30
	}
	if days < 7 || days > 30 {
		return nil, wire.Errorf("ValidationException", "PendingWindowInDays must be between 7 and 30 (inclusive)")
	}
	if err := s.setState(call, in.KeyId, "PendingDeletion"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.keys[call.Resource]
	k.deletion = s.opts.Now().AddDate(0, 0, days)
	return map[string]any{
		"KeyId": k.arn(), "DeletionDate": seconds(k.deletion), "KeyState": k.state, "PendingWindowInDays": days,
	}, nil
}

type tagResourceInput struct {
	KeyId string
	Tags  []tag
}

func (s *Service) tagResource(_ context.Context, call *wire.Call, in tagResourceInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.authorized(call, in.KeyId, false)
	if err != nil {
		return nil, err
	}
	setTags(k, in.Tags)
	return struct{}{}, nil
}

func setTags(k *key, tags []tag) {
	for _, t := range tags {
		k.tags[t.TagKey] = t.TagValue
	}
}

func (s *Service) listResourceTags(_ context.Context, call *wire.Call, in keyIDInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.authorized(call, in.KeyId, false)
	if err != nil {
		return nil, err
	}
	out := []tag{}
	for _, name := range slices.Sorted(maps.Keys(k.tags)) {
		out = append(out, tag{name, k.tags[name]})
	}
	return map[string]any{"Tags": out, "Truncated": false}, nil
}
