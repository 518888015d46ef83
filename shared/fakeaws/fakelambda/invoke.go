package fakelambda

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// Prefix begins the path of every call of this service.
const Prefix = "/2015-03-31/"

const functions = Prefix + "functions/"

// What Lambda takes in one invocation.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const (
	syncLimit  = 6 << 20
	asyncLimit = 1 << 20
)

// An Answer writes the success of a call; its error is a refusal that is still
// to be written.
type Answer func(ctx context.Context, w http.ResponseWriter, body []byte) error

// Parse reads what a request asks for, as far as it tells without its body.
func (s *Service) Parse(call *wire.Call, r *http.Request) Answer {
	call.Service, call.Action, call.IAM = "lambda", "Invoke", "lambda:InvokeFunction"
	if strings.HasPrefix(r.URL.Path, mappings) {
		return s.parseMapping(call, r)
	}
	name, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), functions), "/")
	name = functionName(name)
	call.Resource = s.ARN(name)
	if rest == "configuration" && r.Method == http.MethodGet {
		call.Action, call.IAM = "GetFunctionConfiguration", "lambda:GetFunctionConfiguration"
		return func(_ context.Context, w http.ResponseWriter, _ []byte) error { return s.configuration(w, call, name) }
	}
	if rest != "invocations" || r.Method != http.MethodPost {
		call.Action = r.Method + " " + rest
		return func(context.Context, http.ResponseWriter, []byte) error {
			return wire.StatusError(http.StatusNotFound, "UnknownOperationException", "the fake does not have lambda:%s", call.Action)
		}
	}
	kind := r.Header.Get("X-Amz-Invocation-Type")
	return func(ctx context.Context, w http.ResponseWriter, body []byte) error {
		return s.invoke(ctx, w, call, kind, name, body)
	}
}

// functionName is the name in a name, a partial ARN or an ARN, without its
// qualifier.
func functionName(escaped string) string {
	name, err := url.PathUnescape(escaped)
	if err != nil {
		name = escaped
	}
	if _, after, ok := strings.Cut(name, "function:"); ok {
		name = after
	}
	name, _, _ = strings.Cut(name, ":")
	return name
}

func (s *Service) invoke(ctx context.Context, w http.ResponseWriter, call *wire.Call, kind, name string, body []byte) error {
	s.mu.Lock()
	f := s.functions[name]
	s.mu.Unlock()
	limit := syncLimit
	if kind == "Event" {
		limit = asyncLimit
	}
	switch {
	case f == nil:
		return wire.StatusError(http.StatusNotFound, "ResourceNotFoundException", "Function not found: %s", call.Resource)
	case len(body) > limit:
		return wire.StatusError(http.StatusRequestEntityTooLarge, "RequestTooLargeException",
			"Request must be smaller than %d bytes for the InvokeFunction operation", limit)
	case len(body) > 0 && !json.Valid(body):
		return wire.Errorf("InvalidRequestContentException", "Could not parse request body into json")
	}
	one := Invocation{Function: name, ID: call.RequestID, Payload: string(body), Attempt: 1}
	switch kind {
	case "DryRun":
		w.WriteHeader(http.StatusNoContent)
	case "Event":
		one.Attempt = 0
		go s.async(f, one) //nolint:gosec // it outlives the call, as on Lambda
		w.WriteHeader(http.StatusAccepted)
	default:
		return s.answer(ctx, w, f, one)
	}
	return nil
}

func (s *Service) answer(ctx context.Context, w http.ResponseWriter, f Function, one Invocation) error {
	out, err := s.run(ctx, f, one)
	if err != nil {
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		out, _ = json.Marshal(map[string]string{"errorMessage": err.Error(), "errorType": "errorString"}) // text always marshals
	}
	w.Header().Set("X-Amz-Executed-Version", "$LATEST")
	_, err = w.Write(out)
	return err
}

// Refuse writes a refusal as Lambda words it.
func Refuse(w http.ResponseWriter, err error) {
	var refused *wire.Error
	if !errors.As(err, &refused) {
		refused = wire.StatusError(http.StatusInternalServerError, "ServiceException", "%s", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", refused.Code)
	w.WriteHeader(refused.Status)
	_ = json.NewEncoder(w).Encode(map[string]string{"Type": "User", "Message": refused.Message})
}
