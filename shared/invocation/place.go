package invocation

import (
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/target"
	"github.com/keysmith/keysmith/shared/trigger"
)

// own is the place of the stack.
func (v *invocation) own() target.Place {
	return target.Place{Partition: v.Partition, Account: v.Account, Region: v.settings.Protocol.Region}
}

// target is where the key is that a trigger is about. What is refused anyway, or
// known by KMS alone, counts as the stack's own.
func (v *invocation) target(t trigger.Trigger) *target.Target {
	own, scope := v.own(), v.settings.Protocol.Targets
	place := own
	if name, err := objectkey.Parse(t.Object); err == nil {
		if p, err := scope.Place(own, name); err == nil {
			place = p
		}
	} else if t.Inline != nil {
		if arn, ok := objectkey.ParseARN(t.Inline.Key); ok {
			p := target.Place{Partition: arn.Partition, Account: arn.Account, Region: arn.Region}
			if scope.Has(own, p) {
				place = p
			}
		}
	}
	return v.reach.At(own, place)
}

// objects are the names that the policy of a key may have in the bucket.
func (v *invocation) objects(key objectkey.ARN) []string {
	own := v.own()
	if own.Account == "" {
		return []string{objectkey.For(key.KeyID)} // KMS reports whether the key is the stack's own
	}
	place := target.Place{Partition: key.Partition, Account: key.Account, Region: key.Region}
	names := []string{target.Name(own, place, key.KeyID)}
	if objectkey.IsMultiRegion(key.KeyID) {
		names = append(names, target.SetName(own, place, key.KeyID))
	}
	return names
}
