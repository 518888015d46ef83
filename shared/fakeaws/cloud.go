package fakeaws

import (
	"cmp"
	"strings"
	"sync"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/fakeevents"
	"github.com/keysmith/keysmith/shared/fakeaws/fakekms"
	"github.com/keysmith/keysmith/shared/fakeaws/fakelambda"
	"github.com/keysmith/keysmith/shared/fakeaws/fakes3"
	"github.com/keysmith/keysmith/shared/fakeaws/fakesqs"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/authz"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// Options say what the cloud is like. The zero value is usable.
type Options struct {
	Account string           // 111122223333 if empty
	Region  string           // us-east-1 if empty
	Now     func() time.Time // time.Now if nil
	// Seed starts every dice: the same seed and the same calls in the same
	// order give the same answers.
	Seed int64
	// Caller is who calls when the access key is not known; an administrator
	// role if empty.
	Caller string
	// AnyPrincipal makes every well-formed role and user exist.
	AnyPrincipal bool
	// Org is the organization id of every account that SetOrg does not name; empty
	// means none.
	Org string
}

// The types of the services that users of a Cloud need, under their names
// here.
type (
	KeySpec = fakekms.KeySpec
	KeyPut  = fakekms.Put

	KMSPrincipal = fakekms.Principal

	Object  = fakes3.Object
	Entry   = fakeevents.Entry
	Target  = fakeevents.Target
	Message = fakesqs.Message
	Call    = wire.Call
	Need    = wire.Need
	KMS     = fakekms.Service
	S3      = fakes3.Service
	Events  = fakeevents.Service
	SQS     = fakesqs.Service
	Lambda  = fakelambda.Service
)

// A Cloud is the fake AWS as one account sees it: buckets, queues, buses and
// functions are of that account and one Region. Keys, roles and credentials may
// be of any account and Region. Its services have a Go API of their own for
// setting a scene and for looking at what is left.
type Cloud struct {
	KMS    *KMS
	S3     *S3
	Events *Events
	SQS    *SQS
	Lambda *Lambda

	opts   Options
	source *wire.Source

	mu     sync.Mutex
	caller string // where the access key id is not known
	calls  []Call
	before func(Call)
	after  func(Call)

	faults   faults
	quotas   quotas
	accounts accounts
	stacks   stacks
	inline   inline
	trails   trails
}

// New returns an empty cloud.
func New(o Options) *Cloud {
	o.Account = cmp.Or(o.Account, "111122223333")
	o.Region = cmp.Or(o.Region, "us-east-1")
	o.Caller = cmp.Or(o.Caller, "arn:aws:iam::"+o.Account+":role/admin")
	if o.Now == nil {
		o.Now = time.Now
	}
	c := &Cloud{opts: o, source: wire.NewSource(o.Seed)}
	c.accounts = accounts{sessions: map[string]credential{}, roles: map[string]Role{}, enabled: map[string][]string{}, orgs: map[string]string{}}
	c.faults.source = c.source
	c.SQS = fakesqs.New(fakesqs.Options{Account: o.Account, Region: o.Region, Now: o.Now, Source: c.source})
	c.Events = fakeevents.New(fakeevents.Options{
		Account: o.Account, Region: o.Region, Now: o.Now, Source: c.source, Queues: deliverer{c},
	})
	c.S3 = fakes3.New(fakes3.Options{
		Account: o.Account, Region: o.Region, Now: o.Now, Source: c.source, Publish: c.Events.Publish,
	})
	c.KMS = fakekms.New(fakekms.Options{
		Account: o.Account, Region: o.Region, Now: o.Now, Source: c.source, AnyPrincipal: o.AnyPrincipal, Org: c.orgOf,
		Enabled: c.accounts.isEnabled,
	})
	c.Lambda = fakelambda.New(fakelambda.Options{Account: o.Account, Region: o.Region, Now: o.Now, Source: c.source})
	c.SetCaller(o.Caller)
	return c
}

// Account returns the account id.
func (c *Cloud) Account() string { return c.opts.Account }

// Region returns the Region that the cloud is in.
func (c *Cloud) Region() string { return c.opts.Region }

// SetCaller says who calls when the access key of a request is not known: the
// ARN of a role, a role session or a user, which exists from now on.
func (c *Cloud) SetCaller(arn string) {
	c.KMS.AddPrincipal(authz.RoleOf(arn))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.caller = arn
}

// identify fills in who makes a call.
func (c *Cloud) identify(call *Call, held credential, region string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	call.Caller = cmp.Or(held.arn, c.caller)
	call.Account = cmp.Or(accountOf(call.Caller), c.opts.Account)
	call.Region = cmp.Or(region, c.opts.Region)
}

// accountOf is the account in an ARN.
func accountOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

// Calls returns every API call so far, in the order in which they ended.
func (c *Cloud) Calls() []Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Call(nil), c.calls...)
}

// BeforeEach calls f before each API call is looked at, AfterEach after it
// was done and before it is answered. f may change the scene, or stop the
// world. Calls wait for it.
func (c *Cloud) BeforeEach(f func(Call)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.before = f
}

// AfterEach is described at BeforeEach.
func (c *Cloud) AfterEach(f func(Call)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.after = f
}
