// Package kmskey reads and replaces the key policies of KMS keys, and tells
// apart what KMS means by its errors.
package kmskey

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// API is the part of *kms.Client that this package calls.
type API interface {
	DescribeKey(context.Context, *kms.DescribeKeyInput, ...func(*kms.Options)) (*kms.DescribeKeyOutput, error)
	GetKeyPolicy(context.Context, *kms.GetKeyPolicyInput, ...func(*kms.Options)) (*kms.GetKeyPolicyOutput, error)
	PutKeyPolicy(context.Context, *kms.PutKeyPolicyInput, ...func(*kms.Options)) (*kms.PutKeyPolicyOutput, error)
}

// Keys are the KMS keys of one account and Region.
type Keys struct{ api API }

// New returns the keys that api reaches.
func New(api API) *Keys { return &Keys{api} }

// A Key is what DescribeKey tells of a KMS key.
type Key struct {
	ARN, ID, Account    string
	Usage, Spec, Origin string
	State               string
	AWSManaged          bool
	Regions             []string // of a multi-Region set: that of the primary key, then those of the replicas, sorted
}

// policyName is the only name that a key policy has; some emulators insist on it.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
const policyName = "default"

// callTimeout bounds every call, retries included.
const callTimeout = 5 * time.Second

// Describe finds the key that ref names: a key id, a key ARN, an alias or an
// alias ARN.
func (k *Keys) Describe(ctx context.Context, ref string) (Key, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := k.api.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &ref}, soon)
	if err != nil {
		return Key{}, err
	}
	m := out.KeyMetadata
	if m == nil || aws.ToString(m.Arn) == "" {
		return Key{}, unreadable("DescribeKey", "KeyMetadata with an ARN")
	}
	return Key{
		ARN: aws.ToString(m.Arn), ID: aws.ToString(m.KeyId), Account: aws.ToString(m.AWSAccountId),
		Usage: string(m.KeyUsage), Spec: string(m.KeySpec), Origin: string(m.Origin), State: string(m.KeyState),
		AWSManaged: m.KeyManager == types.KeyManagerTypeAws, Regions: regionsOf(m.MultiRegionConfiguration),
	}, nil
}

// regionsOf lists the Regions of a multi-Region set. Any key of it tells them.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_MultiRegionConfiguration.html
func regionsOf(c *types.MultiRegionConfiguration) []string {
	if c == nil || c.PrimaryKey == nil {
		return nil
	}
	var replicas []string
	for _, r := range c.ReplicaKeys {
		replicas = append(replicas, aws.ToString(r.Region))
	}
	slices.Sort(replicas)
	return append([]string{aws.ToString(c.PrimaryKey.Region)}, replicas...)
}

// Policy returns the key policy as KMS serves it now. KMS is eventually
// consistent: it may be an earlier one.
// https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency
func (k *Keys) Policy(ctx context.Context, id string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := k.api.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &id, PolicyName: aws.String(policyName)}, soon)
	if err != nil {
		return "", err
	}
	if aws.ToString(out.Policy) == "" {
		return "", unreadable("GetKeyPolicy", "Policy")
	}
	return *out.Policy, nil
}

// unreadable reports a success that lacks what KMS always sends. It says
// nothing about the key, so its class is Ambiguous: ask again.
func unreadable(action, member string) error {
	return fmt.Errorf("the answer to %s cannot be read: it has no %s", action, member)
}

// Put sends policy once. It is never sent again by the SDK: a connection that
// dropped may have delivered it, and a second copy could land on top of
// somebody else's newer one. bypass skips KMS's own check that the caller can
// still change the policy.
func (k *Keys) Put(ctx context.Context, id, policy string, bypass bool) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := k.api.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{
		KeyId: &id, PolicyName: aws.String(policyName), Policy: &policy,
		BypassPolicyLockoutSafetyCheck: bypass,
	}, once)
	return err
}

// soon makes the SDK read again within half a second. Its own pauses may be
// longer than what is left of the call: then nobody would learn that KMS was
// throttling. Longer pauses are the caller's, who knows what else there is to do.
func soon(o *kms.Options) {
	if r, ok := o.Retryer.(aws.RetryerV2); ok {
		o.Retryer = brisk{r}
	}
}

type brisk struct{ aws.RetryerV2 }

func (b brisk) RetryDelay(attempt int, err error) (time.Duration, error) {
	delay, err := b.RetryerV2.RetryDelay(attempt, err)
	return min(delay, 500*time.Millisecond), err
}

func once(o *kms.Options) {
	o.RetryMaxAttempts = 1
	o.Retryer = aws.NopRetryer{}
}
