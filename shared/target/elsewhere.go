package target

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go"

	"github.com/keysmith/keysmith/shared/kmskey"
)

// refused says why the role of an account could not be assumed. Whatever the
// reason, no call of KMS was made.
func (a *account) refused(role string, err error) error {
	e := &kmskey.PlaceError{Class: kmskey.Classify(err), Err: err}
	switch e.Class {
	case kmskey.AccessDenied, kmskey.Refused:
		e.Class = kmskey.NoAccess
		e.Words = fmt.Sprintf("the role %s of account %s cannot be assumed (%s); deploy scripts/target/target.yaml in that account, with this stack's account and the external id that TARGET_EXTERNAL_ID has",
			role, a.place.Account, kmskey.Message(err))
		return e
	case kmskey.Throttled, kmskey.NoCredentials:
	default:
		e.Class = kmskey.Unsent
	}
	e.Words = fmt.Sprintf("assuming the role %s: %s", role, kmskey.Message(err))
	return e
}

// elsewhere makes the calls in another account or Region than the stack's own.
// Credentials that AWS does not take any more are replaced once, and what is wrong
// with the place is put into words.
type elsewhere struct {
	api kmskey.API
	at  *Target
}

func (e elsewhere) DescribeKey(ctx context.Context, in *kms.DescribeKeyInput, o ...func(*kms.Options)) (*kms.DescribeKeyOutput, error) {
	return call(ctx, e.at, e.api.DescribeKey, in, o)
}

func (e elsewhere) GetKeyPolicy(ctx context.Context, in *kms.GetKeyPolicyInput, o ...func(*kms.Options)) (*kms.GetKeyPolicyOutput, error) {
	return call(ctx, e.at, e.api.GetKeyPolicy, in, o)
}

func (e elsewhere) PutKeyPolicy(ctx context.Context, in *kms.PutKeyPolicyInput, o ...func(*kms.Options)) (*kms.PutKeyPolicyOutput, error) {
	return call(ctx, e.at, e.api.PutKeyPolicy, in, o)
}

// call makes a call, and once more where KMS did not take its credentials: such a
// call has no effect, so that it may be repeated even if it puts something.
func call[In, Out any](ctx context.Context, t *Target, do func(context.Context, *In, ...func(*kms.Options)) (*Out, error), in *In, o []func(*kms.Options)) (*Out, error) {
	out, err := do(ctx, in, o...)
	if t.account != nil && kmskey.Classify(err) == kmskey.NoCredentials && !isPlace(err) {
		t.account.cache.Invalidate()
		out, err = do(ctx, in, o...)
	}
	return out, t.Explain(err)
}

func isPlace(err error) bool {
	var known *kmskey.PlaceError
	return errors.As(err, &known)
}

// Explain puts into words what keeps a call from being made in the account and
// Region at all. Every other error is returned as it is.
func (t *Target) Explain(err error) error {
	var api smithy.APIError
	var dns *net.DNSError
	switch {
	case err == nil, isPlace(err), !t.elsewhere:
	case errors.As(err, &api) && (api.ErrorCode() == "UnrecognizedClientException" || api.ErrorCode() == "InvalidClientTokenId"):
		return t.barred(err, "AWS does not accept credentials of account %s in %s: the Region is probably not enabled in that account; enable it, or remove it from TARGET_REGIONS", t.Account, t.Region)
	case errors.As(err, &dns) && dns.IsNotFound:
		return t.barred(err, "the address %s does not exist: correct the name of the Region %s in TARGET_REGIONS", dns.Name, t.Region)
	}
	return err
}

func (t *Target) barred(err error, format string, args ...any) error {
	return &kmskey.PlaceError{Class: kmskey.NoAccess, Words: fmt.Sprintf(format, args...), Err: err}
}
