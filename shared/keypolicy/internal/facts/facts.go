// Package facts holds what a policy is judged against: what is known of the key
// and its surroundings, and what its owner declares.
//
// It exists so that rules and verdicts ask one place what follows from a fact,
// such as which actions work on the key or whether a resource is the key.
package facts

import (
	"time"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
)

// Key is the KMS key that a policy is meant for. What is empty is unknown, and
// the rules that need it do not run.
type Key struct {
	Partition string // such as "aws-cn"; where it is empty the Region tells it
	Account   string // 12 digits
	Region    string
	ID        string // key id, such as 1234abcd-… or mrk-…
	Usage     string // KeyUsage as DescribeKey tells it, such as ENCRYPT_DECRYPT
	Spec      string // KeySpec
	Origin    string // Origin, such as AWS_KMS or EXTERNAL
	Org       string // organization of its account, o-…
}

// Options say what a policy is judged against.
type Options struct {
	Key             Key
	BreakGlass      []string  // principal ARNs; {account} stands for the key's account
	RootOptional    bool      // the account root need not keep kms:PutKeyPolicy
	Writer          string    // keysmith's own role ARN; must keep Put and GetKeyPolicy where RootOptional
	TrustedAccounts []string  // accounts beside the key's own; "*" turns the rule off
	TrustedOrgs     []string  // organization ids, o-…
	OwnOrg          string    // organization of the account that keysmith runs in; trusted as well
	Now             time.Time // what date conditions are compared with; the zero value leaves that out
}

// PartitionName is the key's partition. Where it is not given the Region tells it, and
// it is "aws" where nothing does.
func (k Key) PartitionName() string {
	if partition := k.partition(); partition != "" {
		return partition
	}
	return "aws"
}

// Placed is the key with its partition, where the Region tells it, so that it need not
// be looked up again.
func (k Key) Placed() Key {
	k.Partition = k.partition()
	return k
}

// partition is the key's partition, "" where it is not known.
func (k Key) partition() string {
	if k.Partition == "" {
		partition, _ := catalog.Partition(k.Region)
		return partition
	}
	return k.Partition
}
