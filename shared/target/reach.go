package target

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"golang.org/x/time/rate"

	"github.com/keysmith/keysmith/shared/kmskey"
)

// A Reach gives the targets of a stack. Credentials are kept for each account until
// they expire, clients for each account and Region. It is safe for concurrent use.
type Reach struct {
	o   Options
	own *Target

	mu       sync.Mutex
	accounts map[string]*account
	targets  map[Place]*Target
}

// Options are what a Reach is made of.
type Options struct {
	SDK   aws.Config // with the function's own credentials and Region
	Scope Scope
	// Assume is the name of the role that is assumed in other accounts: one of
	// the two that Scope names.
	Assume string
	// Writer is the ARN of the role that puts policies in the stack's own account,
	// as far as it is known. In others it is Scope.Role, whoever asks.
	Writer string
	OwnOrg string // the organization of the stack's own account; empty: unknown
	Stack  string // its name, for the names of sessions
	// Puts is one instance's share of the PutKeyPolicy quota, which KMS counts for
	// each account and Region.
	Puts rate.Limit
	// Sweeps returns one instance's share of what sweeps may have compared, for an
	// account and Region; nil: there are no sweeps.
	Sweeps func() *rate.Limiter
}

// A Target is an account and Region that keys are in, and how they are reached.
type Target struct {
	Place
	Keys   *kmskey.Keys
	KMS    *kms.Client
	SDK    aws.Config
	Puts   *rate.Limiter
	Sweeps *rate.Limiter
	Writer string // ARN of the role that puts policies there; empty: unknown
	Org    string // the organization of the account; empty: unknown

	account   *account // nil: the function's own credentials are used
	elsewhere bool     // it is not the stack's own account and Region
}

// NewReach returns the reach of a stack.
func NewReach(o Options) *Reach {
	r := &Reach{o: o, accounts: map[string]*account{}, targets: map[Place]*Target{}}
	r.own = r.target(Place{Region: o.SDK.Region}, nil)
	return r
}

// Own is the target of the stack's own account and Region. Nothing is asked for it.
func (r *Reach) Own() *Target { return r.own }

// At returns the target at a place, for a stack at own. It does not ask whether it
// may be written to: that is the Scope's.
func (r *Reach) At(own, p Place) *Target {
	if p == own {
		t := *r.own
		t.Place = own
		return &t
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.targets[p] == nil {
		var a *account
		if p.Account != own.Account {
			a = r.account(p)
		}
		r.targets[p] = r.target(p, a)
	}
	return r.targets[p]
}

func (r *Reach) target(p Place, a *account) *Target {
	t := &Target{Place: p, SDK: r.o.SDK, Puts: rate.NewLimiter(r.o.Puts, 1), Writer: r.o.Writer, Org: r.o.OwnOrg, account: a}
	if a != nil {
		t.SDK = r.o.SDK.Copy()
		t.SDK.Credentials, t.Writer, t.Org = a.cache, RoleARN(p, r.o.Scope.Role), r.o.Scope.Org
	}
	if p.Region != r.o.SDK.Region {
		t.SDK = t.SDK.Copy()
		t.SDK.Region = p.Region
	}
	if r.o.Sweeps != nil {
		t.Sweeps = r.o.Sweeps()
	}
	t.KMS = kms.NewFromConfig(t.SDK)
	t.Keys = kmskey.New(t.KMS)
	if t.elsewhere = a != nil || p.Region != r.o.SDK.Region; t.elsewhere {
		t.Keys = kmskey.New(elsewhere{t.KMS, t})
	}
	return t
}

// RoleARN is the ARN of a role of an account.
func RoleARN(p Place, name string) string {
	return "arn:" + p.Partition + ":iam::" + p.Account + ":role/" + name
}

// Session names the session in which calls are made: what CloudTrail reports of
// them. It is empty where the function's own role makes them.
func (t *Target) Session() string {
	if t.account == nil {
		return ""
	}
	name, _ := t.account.session.Load().(string)
	return name
}

// An account holds the credentials of the role in one account.
type account struct {
	reach   *Reach
	place   Place // of any Region
	cache   *aws.CredentialsCache
	session atomic.Value // name of the last session
}

const (
	// length of a session. More is not given to who is itself a session of a role.
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html
	length = time.Hour
	// renewal is how long before their end credentials are replaced: longer than an
	// invocation takes, so that they do not end in one.
	renewal = 3 * time.Minute
)

func (r *Reach) account(p Place) *account {
	if a := r.accounts[p.Account]; a != nil {
		return a
	}
	a := &account{reach: r, place: p}
	a.cache = aws.NewCredentialsCache(aws.CredentialsProviderFunc(a.assume), func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = renewal })
	r.accounts[p.Account] = a
	return a
}

// assume begins a session of the role, named after the stack and the invocation
// that it is begun in.
func (a *account) assume(ctx context.Context) (aws.Credentials, error) {
	o := a.reach.o
	role, name := RoleARN(a.place, o.Assume), sessionName(ctx, o.Stack)
	provider := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(o.SDK), role, func(p *stscreds.AssumeRoleOptions) {
		p.RoleSessionName, p.Duration = name, length
		if o.Scope.ExternalID != "" {
			p.ExternalID = &o.Scope.ExternalID
		}
	})
	c, err := provider.Retrieve(ctx)
	if err != nil {
		return c, a.refused(role, err)
	}
	a.session.Store(name)
	return c, nil
}

// sessionName is the stack and the invocation, in the 64 characters that STS takes.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
func sessionName(ctx context.Context, stack string) string {
	const most = 64
	request := ""
	if lc, ok := lambdacontext.FromContext(ctx); ok && lc.AwsRequestID != "" {
		request = "-" + lc.AwsRequestID
	}
	request = request[:min(len(request), most/2+8)]
	name := stack[:min(len(stack), most-len(request))] + request
	name = strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("_+=,.@-", c) {
			return c
		}
		return '-'
	}, name)
	if len(name) < 2 {
		return "keysmith"
	}
	return name
}
