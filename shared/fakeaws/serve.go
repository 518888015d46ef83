package fakeaws

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"

	"github.com/keysmith/keysmith/shared/fakeaws/fakelambda"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

const maxBody = 64 << 20

// An answerer answers one call. It writes its success; its error is a refusal
// that is still to be written.
type answerer func(ctx context.Context, w http.ResponseWriter, body []byte) error

// A route is what is known about a request before its body is read.
type route struct {
	call    *Call
	answer  answerer
	refuse  func(w http.ResponseWriter, err error)
	refused error // what is wrong with the caller's credentials
}

// ServeHTTP answers every service on one endpoint.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, controlPath) {
		c.control(w, r)
		return
	}
	rt := c.route(r)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		rt.refuse(w, wire.StatusError(http.StatusRequestEntityTooLarge, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"))
		return
	}
	w.Header().Set("X-Amzn-Requestid", rt.call.RequestID)
	w.Header().Set("X-Amz-Request-Id", rt.call.RequestID)
	w.Header().Set("Date", c.opts.Now().UTC().Format(http.TimeFormat)) // AWS's own clock
	c.perform(r.Context(), w, rt, body)
}

func codeOf(err error) string {
	var refused *wire.Error
	if errors.As(err, &refused) {
		return refused.Code[strings.LastIndex(refused.Code, "#")+1:]
	}
	if err != nil {
		return "InternalError"
	}
	return ""
}

// route finds the service: the JSON protocols name it in a header, STS and
// CloudFormation send a form, Lambda has a path of its own, and what is left is
// S3.
func (c *Cloud) route(r *http.Request) route {
	call := &Call{Time: c.opts.Now(), Host: r.Host, RequestID: c.source.UUID(), UserAgent: r.UserAgent()}
	call.SourceIP, _, _ = net.SplitHostPort(r.RemoteAddr) // empty where there is no socket
	scope := wire.ScopeOf(r.Header.Get("Authorization"), r.URL.Query().Get("X-Amz-Credential"))
	held, _ := c.accounts.credentials(scope.AccessKey)
	c.identify(call, held, scope.Region)
	rt := c.serviceOf(call, r, scope)
	rt.refused = c.admit(call, held, cmp.Or(r.Header.Get("X-Amz-Security-Token"), r.URL.Query().Get("X-Amz-Security-Token")))
	return rt
}

func (c *Cloud) serviceOf(call *Call, r *http.Request, scope wire.Scope) route {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return c.jsonRoute(call, target, r.Header.Get("Content-Type"))
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return c.formRoute(call, scope.Service)
	}
	if strings.HasPrefix(r.URL.Path, fakelambda.Prefix) {
		return route{call: call, answer: answerer(c.Lambda.Parse(call, r)), refuse: fakelambda.Refuse}
	}
	answer := c.S3.Parse(call, r)
	return route{
		call:   call,
		answer: func(_ context.Context, w http.ResponseWriter, body []byte) error { return answer(w, body) },
		refuse: func(w http.ResponseWriter, err error) { c.S3.WriteError(w, r, call.RequestID, err) },
	}
}

func (c *Cloud) jsonRoute(call *Call, target, contentType string) route {
	var table wire.Table
	prefix, action, _ := strings.Cut(target, ".")
	switch prefix {
	case "TrentService":
		call.Service, table = "kms", c.KMS.Actions()
	case "AWSEvents":
		call.Service, table = "events", c.Events.Actions()
	case "AmazonSQS":
		call.Service, table = "sqs", c.SQS.Actions()
	case "ResourceGroupsTaggingAPI_20170126":
		call.Service, table = "tag", c.tagging()
	default:
		call.Service = prefix
	}
	call.Action, call.IAM = action, call.Service+":"+iamAction(action)
	return route{
		call: call,
		answer: func(ctx context.Context, w http.ResponseWriter, body []byte) error {
			out, err := table.Do(ctx, call, body)
			if err != nil {
				return err
			}
			w.Header().Set("Content-Type", contentType)
			return json.NewEncoder(w).Encode(out)
		},
		refuse: func(w http.ResponseWriter, err error) { refuseJSON(w, contentType, err) },
	}
}

// iamAction returns the permission that an API call needs: those for batches
// have none of their own.
func iamAction(action string) string { return strings.TrimSuffix(action, "Batch") }

func refuseJSON(w http.ResponseWriter, contentType string, err error) {
	var refused *wire.Error
	if !errors.As(err, &refused) {
		refused = wire.StatusError(http.StatusInternalServerError, "InternalFailure", "%s", err)
	}
	maps.Copy(w.Header(), refused.Header)
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Amzn-Errortype", refused.Code)
	w.WriteHeader(refused.Status)
	body := map[string]string{"__type": refused.Code}
	if refused.Message != "" {
		body["message"] = refused.Message
	}
	_ = json.NewEncoder(w).Encode(body)
}
