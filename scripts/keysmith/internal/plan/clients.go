package plan

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/spf13/pflag"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/awsaccount"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/desired"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/pace"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/kmskey"
)

// clients reach KMS in the accounts and Regions of the keys.
type clients struct {
	elsewhere *awsaccount.Elsewhere
	accounts  *awsaccount.Accounts
	paces     *pace.Paces

	mu   sync.Mutex
	uses map[[2]string]*pace.Pace // of GetKeyLastUsage, by account and Region
}

func (c *clients) declare(f *pflag.FlagSet) { c.elsewhere = awsaccount.Flags(f) }

// open asks AWS who calls. The Region of keysmith.yaml goes before the caller's.
func (c *clients) open(ctx context.Context, policies []*desired.Policy) error {
	region := ""
	if i := slices.IndexFunc(policies, func(d *desired.Policy) bool { return d.Settings().Region != "" }); i >= 0 {
		region = policies[i].Settings().Region
	}
	var err error
	c.accounts, err = awsaccount.Open(ctx, region, *c.elsewhere)
	c.paces = &pace.Paces{Reads: pace.DefaultReads, Throttled: awsaccount.Throttled}
	return err
}

// complete adds the account and Region of the caller where neither the name of the
// file nor keysmith.yaml tells them.
func (c *clients) complete(k keypolicy.Key) keypolicy.Key {
	k.Account, k.Region = cmp.Or(k.Account, c.accounts.Own), cmp.Or(k.Region, c.accounts.Region)
	k.Partition = cmp.Or(k.Partition, c.accounts.Partition)
	return k
}

func (c *clients) kms(k keypolicy.Key) *kms.Client { return c.accounts.KMS(k.Account, k.Region) }

// paced calls an API of KMS when the quota of the account and Region lets it.
func (c *clients) paced(ctx context.Context, k keypolicy.Key, api string, call func(context.Context) error) error {
	of := c.paces.Of(k.Account, k.Region, api)
	if api == lastUsage {
		of = c.usePace(k)
	}
	err := of.Do(ctx, call)
	if err == nil {
		return nil
	}
	return c.accounts.Trouble(err, awsaccount.Place{Account: k.Account, Region: k.Region, Key: k.ID, Action: "kms:" + api})
}

// describe finds out what a key is like.
func (c *clients) describe(ctx context.Context, k keypolicy.Key) (known kmskey.Key, err error) {
	err = c.paced(ctx, k, "DescribeKey", func(ctx context.Context) error {
		known, err = kmskey.New(c.kms(k)).Describe(ctx, arnOf(k))
		return err
	})
	return known, err
}

// policy reads what is in force.
func (c *clients) policy(ctx context.Context, k keypolicy.Key) (text string, err error) {
	err = c.paced(ctx, k, "GetKeyPolicy", func(ctx context.Context) error {
		text, err = kmskey.New(c.kms(k)).Policy(ctx, arnOf(k))
		return err
	})
	return text, err
}

// usePace is how often KMS is asked for the last use of keys.
func (c *clients) usePace(k keypolicy.Key) *pace.Pace {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := [2]string{k.Account, k.Region}
	if c.uses == nil {
		c.uses = map[[2]string]*pace.Pace{}
	}
	if c.uses[at] == nil {
		c.uses[at] = pace.New(usesPerSecond, awsaccount.Throttled)
	}
	return c.uses[at]
}
