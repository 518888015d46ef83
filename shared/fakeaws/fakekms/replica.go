package fakekms

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// SetSettling says how long a replica that ReplicateKey makes is Creating, and
// how long the two keys of UpdatePrimaryRegion are Updating. At the start it is
// no time.
func (s *Service) SetSettling(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settling = d
}

// steady refuses what cannot be done to a key that is part of a change.
func (s *Service) steady(k *key) error {
	if state := k.stateAt(s.opts.Now()); state != k.state || state == "PendingDeletion" {
		return wire.Errorf("KMSInvalidStateException", "%s is %s.", k.arn(), state)
	}
	return nil
}

type replicateKeyInput struct {
	KeyId, ReplicaRegion, Policy, Description string
	BypassPolicyLockoutSafetyCheck            bool
	Tags                                      []tag
}

var regionPattern = regexp.MustCompile(`^([a-z]+-){2,3}\d+$`)

// replicateKey makes a key of the same id in another Region. Its policy is
// its own from the start: KMS does not share policies within a set, and without
// one in the request the replica has the default policy.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html
func (s *Service) replicateKey(_ context.Context, call *wire.Call, in replicateKeyInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.authorized(call, in.KeyId, false)
	if err != nil {
		return nil, err
	}
	if err := s.replicable(call, k, in.ReplicaRegion); err != nil {
		return nil, err
	}
	replica := s.newKey(KeySpec{
		ID: k.id, Account: k.account, Region: in.ReplicaRegion, Primary: k.region,
		Description: in.Description, Usage: k.usage, Spec: k.spec, MultiRegion: true,
	})
	setTags(replica, in.Tags)
	if s.keys[replica.arn()] != nil {
		return nil, wire.Errorf("AlreadyExistsException", "%s already exists.", replica.arn())
	}
	if err := s.firstPolicy(call, replica, in.Policy, in.BypassPolicyLockoutSafetyCheck); err != nil {
		return nil, err
	}
	replica.between, replica.settled = "Creating", s.opts.Now().Add(s.settling)
	s.keys[replica.arn()] = replica
	return map[string]any{"ReplicaKeyMetadata": s.metadata(replica), "ReplicaPolicy": s.render(replica.at(replica.created))}, nil
}

// replicable refuses a key that cannot be replicated, a Region that cannot hold
// the replica, and a caller whom IAM does not let make a key there.
func (s *Service) replicable(call *wire.Call, k *key, region string) error {
	switch {
	case !k.multiRegion || k.primary != k.region:
		return wire.Errorf("UnsupportedOperationException", "%s is not a multi-Region primary key.", k.arn())
	case k.state == "Disabled":
		return wire.Errorf("DisabledException", "%s is disabled.", k.arn())
	case !regionPattern.MatchString(region) || len(region) > 32:
		return wire.Errorf("ValidationException", "1 validation error detected: Value '%s' at 'replicaRegion' failed to satisfy constraint: "+
			`Member must satisfy regular expression pattern: ^([a-z]+-){2,3}\d+$`, region)
	// Which error AWS gives for the next two is not documented.
	case partitionOf(region) != partitionOf(k.region), !s.opts.Enabled(k.account, region):
		return wire.Errorf("UnsupportedOperationException", "The Region %s is not available to account %s.", region, k.account)
	}
	if err := s.steady(k); err != nil {
		return err
	}
	there := &wire.Call{Caller: call.Caller, Account: call.Account, Region: region, Action: "CreateKey", IAM: "kms:CreateKey"}
	if err := s.unbound(there); err != nil {
		return err
	}
	call.Also = append(call.Also, wire.Need{IAM: there.IAM, Resource: there.Resource, Context: there.Context})
	return nil
}

type updatePrimaryRegionInput struct{ KeyId, PrimaryRegion string }

// updatePrimaryRegion makes a replica the primary key, and the primary key a
// replica. Both key policies must let the caller. No policy changes.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdatePrimaryRegion.html
func (s *Service) updatePrimaryRegion(_ context.Context, call *wire.Call, in updatePrimaryRegionInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.authorized(call, in.KeyId, false)
	if err != nil {
		return nil, err
	}
	if !k.multiRegion || k.primary != k.region {
		return nil, wire.Errorf("UnsupportedOperationException", "%s is not a multi-Region primary key.", k.arn())
	}
	next := s.keys[KeyARN(k.account, in.PrimaryRegion, k.id)]
	if next == nil || next == k {
		return nil, wire.Errorf("NotFoundException", "%s has no replica in %s.", k.arn(), in.PrimaryRegion)
	}
	there := *call
	there.Region = next.region
	if policy := next.at(s.opts.Now()); policy.tree != nil && !s.allowed(&there, policy.tree, next, call.Action, false) {
		return nil, denied(call, next.arn())
	}
	call.Also = append(call.Also, wire.Need{IAM: call.IAM, Resource: next.arn(), Context: callKeys(&there, next)})
	for _, one := range []*key{k, next} {
		if err := s.steady(one); err != nil {
			return nil, err
		}
	}
	s.makePrimary(k, next)
	return struct{}{}, nil
}

func (s *Service) makePrimary(former, next *key) {
	for _, one := range s.keys {
		if one.id == former.id && one.account == former.account {
			one.primary = next.region
		}
	}
	for _, one := range []*key{former, next} {
		one.between, one.settled = "Updating", s.opts.Now().Add(s.settling)
	}
}

// KeyARN is the ARN of a key.
func KeyARN(account, region, id string) string {
	return (&key{account: account, region: region, id: id}).arn()
}

// multiRegion tells of the set. While its primary key changes, both keys show as
// replicas, as AWS warns that they might.
func (s *Service) multiRegion(k *key) map[string]any {
	now := s.opts.Now()
	kind := func(k *key) string {
		if k.primary == k.region && k.stateAt(now) != "Updating" {
			return "PRIMARY"
		}
		return "REPLICA"
	}
	out := map[string]any{"MultiRegionKeyType": kind(k)}
	replicas := []map[string]string{}
	for _, arn := range slices.Sorted(maps.Keys(s.keys)) {
		other := s.keys[arn]
		one := map[string]string{"Arn": arn, "Region": other.region}
		switch {
		case other.id != k.id || other.account != k.account:
		case kind(other) == "PRIMARY":
			out["PrimaryKey"] = one
		default:
			replicas = append(replicas, one)
		}
	}
	out["ReplicaKeys"] = replicas
	return out
}
