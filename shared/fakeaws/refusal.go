package fakeaws

import (
	"cmp"
	"net/http"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// refusal is what a Refuse or RefuseAfter fault answers a service's callers.
func (f Fault) refusal(service string) error {
	trouble := map[string]string{
		"kms": "KMSInternalException", "s3": "ServiceUnavailable", "events": "InternalException", "sqs": "InternalError",
		"lambda": "ServiceException", "tag": "InternalServiceException",
	}
	code := cmp.Or(f.Code, trouble[service], "InternalFailure")
	status := cmp.Or(f.Status, statusOf(code))
	return wire.StatusError(status, code, "%s", cmp.Or(f.Message, messageOf(code)))
}

// statusOf returns the status that AWS sends with an error code.
func statusOf(code string) int {
	statuses := map[string]int{
		"KMSInternalException":       http.StatusInternalServerError,
		"InternalException":          http.StatusInternalServerError,
		"InternalError":              http.StatusInternalServerError,
		"InternalFailure":            http.StatusInternalServerError,
		"ServiceException":           http.StatusInternalServerError,
		"InternalServiceException":   http.StatusInternalServerError,
		"DependencyTimeoutException": http.StatusServiceUnavailable,
		"ServiceUnavailable":         http.StatusServiceUnavailable,
		"SlowDown":                   http.StatusServiceUnavailable,
		"AccessDenied":               http.StatusForbidden,
		"RequestTimeTooSkewed":       http.StatusForbidden,
		"NoSuchKey":                  http.StatusNotFound,
		"ConditionalRequestConflict": http.StatusConflict,
		"PreconditionFailed":         http.StatusPreconditionFailed,
	}
	return cmp.Or(statuses[code], http.StatusBadRequest)
}

func messageOf(code string) string {
	messages := map[string]string{
		"ThrottlingException":        "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
		"SlowDown":                   "Please reduce your request rate.",
		"DependencyTimeoutException": "The system timed out while trying to fulfill the request. You can retry the request.",
		"AccessDenied":               "Access Denied",
		"AccessDeniedException":      "The caller is not authorized to perform this action.",
		"ExpiredTokenException":      "The security token included in the request is expired",
	}
	return cmp.Or(messages[code], "The request was rejected because an internal error occurred. You can retry the request.")
}
