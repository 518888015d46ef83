package awsaccount

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/keysmith/keysmith/shared/kmskey"
)

// A Place is what a call was about, as far as it is known.
type Place struct {
	Account, Region string
	Key             string // id or ARN
	Action          string // such as kms:GetKeyPolicy
}

func (p Place) String() string {
	var parts []string
	if p.Account != "" {
		parts = append(parts, "account "+p.Account)
	}
	if p.Region != "" {
		parts = append(parts, p.Region)
	}
	if p.Key != "" {
		parts = append(parts, "key "+p.Key)
	}
	return strings.Join(parts, ", ")
}

// A Cause says why a call was not answered, as far as it matters for what to do.
type Cause string

// The causes.
const (
	NoCredentials  Cause = "no-credentials"  // none were found
	Expired        Cause = "expired"         // the caller's own have ended
	BadCredentials Cause = "bad-credentials" // AWS does not know them
	NotEnabled     Cause = "region-not-enabled"
	NoRole         Cause = "no-role" // the role is missing, or does not trust the caller
	Denied         Cause = "denied"
	Throttling     Cause = "throttled"
	Gone           Cause = "not-found"
	Unreachable    Cause = "unreachable"
	Stopped        Cause = "stopped" // by the person who waits
	Other          Cause = "other"
)

// A Trouble is an error of AWS in words that name the place and the remedy.
type Trouble struct {
	Cause Cause
	Place Place
	Words string
	err   error
}

func (t *Trouble) Error() string {
	if at := t.Place.String(); at != "" {
		return at + ": " + t.Words
	}
	return t.Words
}

func (t *Trouble) Unwrap() error { return t.err }

// Everywhere reports whether no other account or Region can be read either.
func (t *Trouble) Everywhere() bool {
	switch t.Cause {
	case NoCredentials, Expired, BadCredentials, Stopped:
		return true
	}
	return false
}

// Trouble puts an error of a call into words.
func (a *Accounts) Trouble(err error, at Place) *Trouble {
	var known *Trouble
	if errors.As(err, &known) {
		return known
	}
	t := &Trouble{Place: at, err: err}
	if operationOf(err, "AssumeRole") {
		t.Cause, t.Words = a.assuming(err, at)
	} else {
		t.Cause, t.Words = a.calling(err, at)
	}
	return t
}

// operationOf reports whether a call of an operation is among the causes of err.
func operationOf(err error, name string) bool {
	for err != nil {
		var op *smithy.OperationError
		if !errors.As(err, &op) {
			return false
		}
		if op.Operation() == name {
			return true
		}
		err = op.Unwrap()
	}
	return false
}

const logIn = "Get new ones, for example with `aws sso login`, and run the command again: it continues where it stopped"

// assuming says why the role of another account could not be assumed.
func (a *Accounts) assuming(err error, at Place) (Cause, string) {
	role := a.RoleARN(at.Account)
	switch code := codeOf(err); {
	case code == "AccessDenied":
		return NoRole, fmt.Sprintf("%s may not assume %s. Deploy the role in account %s, let it trust you%s, and let your IAM policies allow sts:AssumeRole on it; another name is given with --role",
			a.Caller, role, at.Account, a.externalID())
	case code == "ValidationError":
		return NoRole, fmt.Sprintf("%s cannot be assumed (%s). Correct --role or --external-id", role, kmskey.Message(err))
	case code == "RegionDisabledException":
		return NotEnabled, fmt.Sprintf("STS is not active in %s. Set AWS_REGION to a Region where it is", a.Region)
	}
	cause, words := a.calling(err, at)
	return cause, "assuming " + role + ": " + words
}

func (a *Accounts) externalID() string {
	if a.elsewhere.ExternalID == "" {
		return " (if it asks for an external id, give --external-id)"
	}
	return " with the external id that you gave"
}

// calling says why a call was not answered as hoped.
func (a *Accounts) calling(err error, at Place) (Cause, string) {
	class, code := kmskey.Classify(err), codeOf(err)
	var dns *net.DNSError
	switch {
	case errors.Is(err, context.Canceled):
		return Stopped, "stopped"
	case class == kmskey.NoCredentials:
		return a.credentialTrouble(code, at, err)
	case class == kmskey.AccessDenied:
		return Denied, fmt.Sprintf("AWS denies %s: %s. Let %s allow that call to the caller", at.Action, kmskey.Message(err), allower(at))
	case class == kmskey.Throttled:
		return Throttling, fmt.Sprintf("AWS kept throttling %s. Something else in the account uses the same quota: run the command again later, it continues where it stopped", at.Action)
	case class == kmskey.NotFound:
		return Gone, "there is no such key: " + kmskey.Message(err)
	case errors.As(err, &dns):
		return Unreachable, fmt.Sprintf("there is no address %s. Check the name of the Region and the network", dns.Name)
	case code == "":
		return Unreachable, fmt.Sprintf("%s was not answered (%v). Check the network, the proxy and AWS_ENDPOINT_URL", at.Action, innermost(err))
	}
	return Other, fmt.Sprintf("%s: %s", at.Action, kmskey.Message(err))
}

// allower is what has to allow a call.
func allower(at Place) string {
	if at.Key != "" {
		return "the key's policy, or IAM where the policy leaves it to the account,"
	}
	return "IAM"
}

// credentialTrouble tells apart the ways in which credentials are not taken.
func (a *Accounts) credentialTrouble(code string, at Place, err error) (Cause, string) {
	switch code {
	case "":
		return NoCredentials, fmt.Sprintf("no AWS credentials were found (%v). Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; `aws sts get-caller-identity` shows whether they work", innermost(err))
	case "ExpiredToken", "ExpiredTokenException", "RequestExpired":
		return Expired, "the AWS credentials have expired. " + logIn
	case "RequestTimeTooSkewed":
		return BadCredentials, "the clock of this machine is wrong: AWS refuses its signatures. Set it"
	case "SignatureDoesNotMatch", "InvalidSignatureException":
		return BadCredentials, "the secret access key does not fit the access key id. Correct the AWS credentials"
	}
	if a.Caller != "" && (at.Region != a.Region || at.Account != "" && at.Account != a.Own) {
		return NotEnabled, fmt.Sprintf("the Region %s is not enabled in account %s: AWS does not know the credentials there. Enable it, or leave it out of --regions", at.Region, at.Account)
	}
	return BadCredentials, fmt.Sprintf("AWS does not know these credentials in %s (%s). Correct them, or choose a Region that the account has enabled", at.Region, kmskey.Message(err))
}

func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// innermost is the first cause of an error, which says more than the layers
// around it.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
