package kmskey

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// A Class says what an error of a KMS call means for what may be done next.
type Class int

const (
	None             Class = iota // no error
	Ambiguous                     // the call may have taken effect, now or later
	Unsent                        // the call never left
	Throttled                     // KMS asks to come back later; nothing was done
	NoCredentials                 // expired credentials or a wrong clock: says nothing about the key
	MissingPrincipal              // the policy names a principal that KMS cannot see (yet)
	Lockout                       // KMS's own lockout check refused
	InvalidPolicy                 // KMS refused the document
	NotFound                      // no such key (yet)
	AccessDenied                  // keysmith may not do this
	NoAccess                      // no call can be made in that account and Region: says nothing about the key
	Refused                       // any other refusal that will not change by itself
)

// Refusal reports whether KMS has understood the call and refused it, so that it
// has no effect and asking again a moment later is of little use.
func (c Class) Refusal() bool { return c >= MissingPrincipal }

// class maps the codes of KMS and of AWS's front door.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html#API_PutKeyPolicy_Errors
// https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
func class(code string) Class {
	switch code {
	case "ThrottlingException", "Throttling", "RequestThrottled", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown":
		return Throttled
	case "KMSInternalException", "DependencyTimeoutException", "InternalFailure", "InternalServerError", "ServiceUnavailable", "ServiceUnavailableException",
		"RequestTimeout", "RequestTimeoutException":
		return Ambiguous
	case "ExpiredTokenException", "ExpiredToken", "RequestExpired", "RequestTimeTooSkewed", "InvalidSignatureException",
		"SignatureDoesNotMatch", "UnrecognizedClientException", "InvalidClientTokenId", "IncompleteSignature",
		"IncompleteSignatureException", "MissingAuthenticationToken", "MissingAuthenticationTokenException":
		return NoCredentials
	case "NotFoundException":
		return NotFound
	case "AccessDeniedException", "AccessDenied":
		return AccessDenied
	case "MalformedPolicyDocumentException", "LimitExceededException", "InvalidArnException": // the last also of an ARN in the policy
		return InvalidPolicy
	}
	return Refused
}

// Classify reads the error of any KMS call.
func Classify(err error) Class {
	if err == nil {
		return None
	}
	var place *PlaceError
	if errors.As(err, &place) {
		return place.Class
	}
	var answer *smithyhttp.ResponseError
	answered := errors.As(err, &answer) && answer.HTTPStatusCode() != 0
	if answered && answer.HTTPStatusCode() == http.StatusRequestTimeout {
		return Ambiguous // whatever else it says: the server stopped waiting for us
	}
	api, understood := understand(err)
	if understood {
		if c := class(api.ErrorCode()); c == InvalidPolicy {
			return malformed(api.ErrorMessage())
		} else if c != Refused {
			return c
		}
	}
	if answered {
		return status(answer.HTTPStatusCode(), understood)
	}
	return unanswered(err)
}

// A PlaceError says that a call was not made, or not taken, because of the account
// and Region that the key is in.
type PlaceError struct {
	Class Class
	Words string // which account and Region, what is wrong, and what to do
	Err   error
}

func (e *PlaceError) Error() string { return e.Words }

// Unwrap returns what AWS said.
func (e *PlaceError) Unwrap() error { return e.Err }

// unknown is the code that the SDK makes up for an answer without one.
const unknown = "UnknownError"

// understand returns the error that AWS answered with. An answer without a code
// says nothing: something between keysmith and KMS may have written it, after
// KMS has done what was asked.
func understand(err error) (api smithy.APIError, ok bool) {
	ok = errors.As(err, &api) && api.ErrorCode() != "" && api.ErrorCode() != unknown
	return api, ok
}

// status judges an answer by its HTTP status, where its code says nothing more.
func status(code int, understood bool) Class {
	switch {
	case !understood:
		return Ambiguous
	case code == http.StatusTooManyRequests:
		return Throttled
	case code >= 400 && code < 500:
		return Refused
	}
	return Ambiguous
}

// unanswered judges an error without any answer of KMS.
func unanswered(err error) Class {
	var signing *smithyhttp.RequestSendError
	var dial *net.OpError
	switch {
	case errors.As(err, &dial) && dial.Op == "dial":
		return Unsent
	case !errors.As(err, &signing) && isCredentials(err):
		return NoCredentials
	}
	return Ambiguous
}

func isCredentials(err error) bool {
	var canceled *aws.RequestCanceledError
	return !errors.As(err, &canceled) && strings.Contains(err.Error(), "credentials")
}

// malformed tells the faces of MalformedPolicyDocumentException apart: only
// their messages do.
func malformed(message string) Class {
	switch {
	case strings.Contains(message, "will not allow you to update the key policy"):
		return Lockout
	case strings.Contains(message, "invalid principals"):
		return MissingPrincipal
	}
	return InvalidPolicy
}

// Message returns AWS's own words, or the error's where AWS said nothing. It ends
// before anything that may be a part of a policy: events and logs hold none.
func Message(err error) string {
	var place *PlaceError
	if errors.As(err, &place) {
		return place.Words
	}
	api, understood := understand(err)
	var answer *smithyhttp.ResponseError
	switch {
	case understood && api.ErrorMessage() == "":
		return api.ErrorCode() + " (without a message)"
	case understood:
		return api.ErrorCode() + ": " + withoutJSON(api.ErrorMessage())
	case api != nil && errors.As(err, &answer):
		return fmt.Sprintf("HTTP status %d without an error code", answer.HTTPStatusCode())
	}
	return err.Error()
}

func withoutJSON(words string) string {
	before, _, found := strings.Cut(words, "{")
	if !found {
		return words
	}
	return before + "…"
}
