package plan

import (
	"cmp"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/spf13/pflag"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/desired"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// clients reach KMS in the accounts and Regions of the keys.
type clients struct {
	cfg             aws.Config
	account, region string
	uses            usePace
}

func (c *clients) declare(*pflag.FlagSet, cli.Env) {}

func (c *clients) load(ctx context.Context, _ []*desired.Policy) error {
	var err error
	if c.cfg, err = awsconfig.LoadDefaultConfig(ctx); err != nil {
		return fmt.Errorf("reading the settings of AWS: %w", err)
	}
	who, err := sts.NewFromConfig(c.cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return fmt.Errorf("asking AWS who calls: %w", err)
	}
	c.account, c.region = aws.ToString(who.Account), c.cfg.Region
	return nil
}

func (c *clients) complete(k keypolicy.Key) keypolicy.Key {
	k.Account, k.Region = cmp.Or(k.Account, c.account), cmp.Or(k.Region, c.region)
	return k
}

func (c *clients) kms(_ context.Context, _, region string) (*kms.Client, error) {
	return kms.NewFromConfig(c.cfg, func(o *kms.Options) { o.Region = region }), nil
}
