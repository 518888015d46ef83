package fakeaws

import (
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/authz"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// A Role can be assumed by those whom its trust policy lets in.
type Role struct {
	ARN string
	// Trust is the trust policy, JSON. Without one nobody may assume the role.
	Trust string
	// ActsAs makes its sessions those of somebody else, as emulators do that take
	// no notice of accounts. It is empty for a role of AWS.
	ActsAs string
	// Longest is the longest session; an hour if zero, as for a new role.
	Longest time.Duration
}

// accounts is what is known beside the keys: who has which credentials until
// when, the roles, and the Regions that accounts have enabled.
type accounts struct {
	mu       sync.Mutex
	sessions map[string]credential // by access key id
	roles    map[string]Role       // by ARN
	enabled  map[string][]string   // Regions by account; all where an account is not listed
	orgs     map[string]string     // by account
}

// A credential is what an access key id stands for.
type credential struct {
	arn     string
	token   string    // of temporary credentials that STS gave out
	expires time.Time // zero for never
}

// AddRole makes a role exist that can be assumed.
func (c *Cloud) AddRole(r Role) {
	c.KMS.AddPrincipal(r.ARN)
	c.accounts.mu.Lock()
	_, changed := c.accounts.roles[r.ARN]
	c.accounts.roles[r.ARN] = r
	c.accounts.mu.Unlock()
	if !changed {
		c.KMS.SetIAM(r.ARN, true)
	}
}

// RemoveRole deletes a role. Sessions of it that were given out last until they
// expire, but IAM allows them nothing any more.
func (c *Cloud) RemoveRole(arn string) {
	c.KMS.RemovePrincipal(arn)
	c.KMS.SetIAM(arn, false)
	c.accounts.mu.Lock()
	defer c.accounts.mu.Unlock()
	delete(c.accounts.roles, arn)
}

// EnableRegions says which Regions an account has enabled. Without a call of it
// that is every Region.
func (c *Cloud) EnableRegions(account string, regions ...string) {
	c.accounts.mu.Lock()
	defer c.accounts.mu.Unlock()
	c.accounts.enabled[account] = slices.Clone(regions)
}

// SetOrg says which organization an account is in; empty for none.
func (c *Cloud) SetOrg(account, org string) {
	c.accounts.mu.Lock()
	defer c.accounts.mu.Unlock()
	c.accounts.orgs[account] = org
}

func (c *Cloud) orgOf(account string) string {
	c.accounts.mu.Lock()
	defer c.accounts.mu.Unlock()
	if org, set := c.accounts.orgs[account]; set {
		return org
	}
	return c.opts.Org
}

// SetCredentials says who calls with an access key id, without an end.
func (c *Cloud) SetCredentials(accessKeyID, arn string) {
	c.SetExpiringCredentials(accessKeyID, arn, time.Time{})
}

// SetExpiringCredentials says who calls with an access key id, and until when.
// The session token is not compared.
func (c *Cloud) SetExpiringCredentials(accessKeyID, arn string, expires time.Time) {
	c.KMS.AddPrincipal(authz.RoleOf(arn))
	c.accounts.mu.Lock()
	defer c.accounts.mu.Unlock()
	c.accounts.sessions[accessKeyID] = credential{arn: arn, expires: expires}
}

// credentials returns what an access key id stands for.
func (a *accounts) credentials(accessKeyID string) (credential, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	held, known := a.sessions[accessKeyID]
	return held, known
}

// admit refuses a call whose credentials have expired or are not valid, and one
// to a Region that the caller's account has not enabled: AWS does not know
// credentials there.
// https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
func (c *Cloud) admit(call *Call, held credential, token string) error {
	switch {
	case !held.expires.IsZero() && !c.opts.Now().Before(held.expires):
		return wire.StatusError(front(call.Service).status, front(call.Service).expired, "The security token included in the request is expired")
	case held.token != "" && held.token != token, call.Service != "iam" && !c.accounts.isEnabled(call.Account, call.Region): // IAM has no Regions
		return wire.StatusError(front(call.Service).status, front(call.Service).invalid, "The security token included in the request is invalid.")
	}
	return nil
}

func (a *accounts) isEnabled(account, region string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	list, listed := a.enabled[account]
	return !listed || slices.Contains(list, region)
}

// A doorman is how a protocol words what is wrong with credentials.
type doorman struct {
	status           int
	expired, invalid string
}

// https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
func front(service string) doorman {
	switch service {
	case "s3":
		return doorman{http.StatusBadRequest, "ExpiredToken", "InvalidToken"}
	case "sts", "iam", "cloudformation":
		return doorman{http.StatusForbidden, "ExpiredToken", "InvalidClientTokenId"}
	case "lambda":
		return doorman{http.StatusForbidden, "ExpiredTokenException", "UnrecognizedClientException"}
	}
	return doorman{http.StatusBadRequest, "ExpiredTokenException", "UnrecognizedClientException"}
}

// trusts reports whether a role exists and its trust policy, and IAM where the
// policy leaves it to the account, let the caller assume it.
func (c *Cloud) trusts(call *Call, arn string) bool {
	c.accounts.mu.Lock()
	role, exists := c.accounts.roles[arn]
	c.accounts.mu.Unlock()
	if !exists {
		return false
	}
	r := authz.Request{Caller: call.Caller, Account: call.Account, Action: "sts:AssumeRole", Context: map[string][]string{
		"aws:principalarn": {authz.RoleOf(call.Caller)}, "aws:principalaccount": {call.Account}, "aws:securetransport": {"true"},
	}}
	if org := c.orgOf(call.Account); org != "" {
		r.Context["aws:principalorgid"] = []string{org}
	}
	maps.Copy(r.Context, call.Context)
	switch verdictOf(role.Trust, r) {
	case authz.Allowed:
		return accountOf(arn) == call.Account || c.KMS.Allows(call, "sts:AssumeRole", arn)
	case authz.Delegated:
		return c.KMS.Allows(call, "sts:AssumeRole", arn)
	}
	return false
}
