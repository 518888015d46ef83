package fakekms

import (
	"context"
	"maps"
	"slices"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

type replicateKeyInput struct {
	KeyId, ReplicaRegion, Policy, Description string
	BypassPolicyLockoutSafetyCheck            bool
}

// replicateKey makes a key of the same id in another Region. Its policy is
// its own from the start: KMS does not share policies within a set.
func (s *Service) replicateKey(_ context.Context, call *wire.Call, in replicateKeyInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.authorized(call, in.KeyId, false)
	if err != nil {
		return nil, err
	}
	if !k.multiRegion || k.primary != k.region {
		return nil, wire.Errorf("UnsupportedOperationException", "%s is not a multi-Region primary key.", k.arn())
	}
	replica := s.newKey(KeySpec{
		ID: k.id, Account: k.account, Region: in.ReplicaRegion, Primary: k.region,
		Description: in.Description, Usage: k.usage, Spec: k.spec, MultiRegion: true,
	})
	if s.keys[replica.arn()] != nil {
		return nil, wire.Errorf("AlreadyExistsException", "%s already exists.", replica.arn())
	}
	if err := s.firstPolicy(call, replica, in.Policy, in.BypassPolicyLockoutSafetyCheck); err != nil {
		return nil, err
	}
	s.keys[replica.arn()] = replica
	return map[string]any{"ReplicaKeyMetadata": s.metadata(replica), "ReplicaPolicy": s.render(replica.at(replica.created))}, nil
}

func (s *Service) multiRegion(k *key) map[string]any {
	kind := "REPLICA"
	if k.primary == k.region {
		kind = "PRIMARY"
	}
	out := map[string]any{"MultiRegionKeyType": kind}
	replicas := []map[string]string{}
	for _, arn := range slices.Sorted(maps.Keys(s.keys)) {
		other := s.keys[arn]
		switch {
		case other.id != k.id || other.account != k.account:
		case other.region == other.primary:
			out["PrimaryKey"] = map[string]string{"Arn": arn, "Region": other.region}
		default:
			replicas = append(replicas, map[string]string{"Arn": arn, "Region": other.region})
		}
	}
	out["ReplicaKeys"] = replicas
	return out
}
