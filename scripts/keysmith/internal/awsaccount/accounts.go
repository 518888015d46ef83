package awsaccount

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/spf13/pflag"

	"github.com/keysmith/keysmith/shared/awsconfig"
	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/kmskey"
)

// DefaultRole is the role that scripts/target deploys in other accounts for
// reading.
const DefaultRole = "keysmith-target-plan"

// Elsewhere says how accounts are entered that are not the caller's own.
type Elsewhere struct {
	Role       string // name, with its path if it has one
	ExternalID string // empty: none is sent
}

// Flags declares --role and --external-id.
func Flags(f *pflag.FlagSet) *Elsewhere {
	e := &Elsewhere{}
	f.StringVar(&e.Role, "role", DefaultRole, "`name` of the role to assume in other accounts")
	f.StringVar(&e.ExternalID, "external-id", "", "external `id` that the role asks for")
	return e
}

// Accounts are the accounts that the caller reaches. Its methods may be called
// from many goroutines.
type Accounts struct {
	Own       string // account id of the caller
	Caller    string // ARN
	Region    string // of the caller's configuration
	Partition string

	sdk       aws.Config
	elsewhere Elsewhere

	mu          sync.Mutex
	credentials map[string]aws.CredentialsProvider // by account
	keys        map[[2]string]*kms.Client          // by account and Region
}

// attemptTimeout bounds one HTTP exchange.
const attemptTimeout = 15 * time.Second

// connections is how many idle connections are kept to each host.
const connections = 64

// Open finds the caller's credentials, as all programs that use AWS do, and asks
// AWS whose they are. With a region, that one is used in place of the
// configuration's. The error says what to do.
func Open(ctx context.Context, region string, elsewhere Elsewhere) (*Accounts, error) {
	if err := elsewhere.check(); err != nil {
		return nil, err
	}
	sdk, err := load(ctx, region)
	if err != nil {
		return nil, err
	}
	a := &Accounts{
		Region: sdk.Region, sdk: sdk, elsewhere: elsewhere,
		credentials: map[string]aws.CredentialsProvider{}, keys: map[[2]string]*kms.Client{},
	}
	who, err := sts.NewFromConfig(sdk).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, a.Trouble(err, Place{Region: sdk.Region, Action: "sts:GetCallerIdentity"})
	}
	a.Own, a.Caller = aws.ToString(who.Account), aws.ToString(who.Arn)
	a.Partition = awsid.PartitionOf(sdk.Region)
	if parts := strings.SplitN(a.Caller, ":", 3); len(parts) == 3 {
		a.Partition = parts[1]
	}
	return a, nil
}

func (e Elsewhere) check() error {
	if strings.HasPrefix(e.Role, "arn:") {
		return fmt.Errorf("--role %s: write the name of the role only: it is looked for in each account", e.Role)
	}
	return nil
}

func load(ctx context.Context, region string) (aws.Config, error) {
	client := awshttp.NewBuildableClient().WithTimeout(attemptTimeout)
	client = client.WithTransportOptions(func(t *http.Transport) { t.MaxIdleConnsPerHost = connections })
	sdk, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(client), config.WithRetryer(retryer))
	if err != nil {
		var profile config.SharedConfigProfileNotExistError
		if errors.As(err, &profile) {
			return aws.Config{}, fmt.Errorf("there is no AWS profile %q. Set AWS_PROFILE to one that `aws configure list-profiles` shows", profile.Profile)
		}
		return aws.Config{}, fmt.Errorf("reading the AWS configuration: %w", err)
	}
	if sdk.Region = cmp.Or(region, sdk.Region); sdk.Region == "" {
		return aws.Config{}, errors.New("no AWS Region is set. Set AWS_REGION, or region in keysmith.yaml or in the AWS profile")
	}
	return sdk, nil
}

// retryer repeats calls that were not answered. What is throttled is repeated by
// who keeps the pace, more slowly than before.
func retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.MaxBackoff, o.RateLimiter = 5, 5*time.Second, ratelimit.None
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			if Throttled(err) {
				return aws.FalseTernary
			}
			return aws.UnknownTernary
		})}, o.Retryables...)
	})
}

// Throttled reports whether AWS asked to be called more slowly.
func Throttled(err error) bool { return kmskey.Classify(err) == kmskey.Throttled }

// KMS returns the client of KMS for an account and Region.
func (a *Accounts) KMS(account, region string) *kms.Client {
	a.mu.Lock()
	defer a.mu.Unlock()
	at := [2]string{account, region}
	if a.keys[at] == nil {
		a.keys[at] = kms.NewFromConfig(a.config(account, region))
	}
	return a.keys[at]
}

// S3 returns a client of S3 in the caller's own account and a Region.
func (a *Accounts) S3(region string) *s3.Client {
	return awsconfig.NewS3(a.Config(a.Own, cmp.Or(region, a.Region)))
}

// Config returns the configuration of clients for an account and Region.
func (a *Accounts) Config(account, region string) aws.Config {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.config(account, region)
}

func (a *Accounts) config(account, region string) aws.Config {
	sdk := a.sdk.Copy()
	sdk.Region = region
	if account != a.Own {
		sdk.Credentials = a.assumed(account)
	}
	return sdk
}

// renewal is how long before their end credentials are replaced.
const renewal = time.Minute

// assumed returns the credentials of the role in an account. They are shared by
// all Regions.
func (a *Accounts) assumed(account string) aws.CredentialsProvider {
	if a.credentials[account] == nil {
		provider := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(a.sdk), a.RoleARN(account), func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = "keysmith"
			if a.elsewhere.ExternalID != "" {
				o.ExternalID = &a.elsewhere.ExternalID
			}
		})
		a.credentials[account] = aws.NewCredentialsCache(provider, func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = renewal })
	}
	return a.credentials[account]
}

// RoleARN is the role that is assumed in another account.
func (a *Accounts) RoleARN(account string) string {
	return "arn:" + a.Partition + ":iam::" + account + ":role/" + a.elsewhere.Role
}
