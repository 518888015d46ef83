package fakeaws

import (
	"context"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// A formAction answers one call of the query protocol, which sends a form and
// gets XML.
type formAction func(ctx context.Context, call *Call, form url.Values) (any, error)

func (c *Cloud) formActions(service string) map[string]formAction {
	switch service {
	case "cloudformation":
		return map[string]formAction{"DescribeStackResource": c.describeStackResource}
	case "iam":
		return map[string]formAction{
			"GetRole": c.getRole, "GetUser": c.getUser,
			"PutRolePolicy": c.putRolePolicy, "DeleteRolePolicy": c.deleteRolePolicy, "SimulatePrincipalPolicy": c.simulatePrincipalPolicy,
		}
	}
	return map[string]formAction{"GetCallerIdentity": c.getCallerIdentity, "AssumeRole": c.assumeRole}
}

// formRoute answers the services that speak the query protocol: the signature
// says which one is meant.
func (c *Cloud) formRoute(call *Call, service string) route {
	call.Service = "sts"
	if service == "cloudformation" || service == "iam" {
		call.Service = service
	}
	return route{
		call: call,
		answer: func(ctx context.Context, w http.ResponseWriter, body []byte) error {
			form, err := url.ParseQuery(string(body))
			call.Action = form.Get("Action")
			call.IAM = call.Service + ":" + call.Action
			action, known := c.formActions(call.Service)[call.Action]
			if err != nil || !known {
				return wire.Errorf("InvalidAction", "the fake does not have %s:%s", call.Service, call.Action)
			}
			out, err := action(ctx, call, form)
			if err != nil {
				return err
			}
			w.Header().Set("Content-Type", "text/xml")
			return xml.NewEncoder(w).Encode(out)
		},
		refuse: refuseQuery,
	}
}

func refuseQuery(w http.ResponseWriter, err error) {
	var refused *wire.Error
	if !errors.As(err, &refused) {
		refused = wire.StatusError(http.StatusInternalServerError, "InternalFailure", "%s", err)
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(refused.Status)
	body, _ := xml.Marshal(struct {
		XMLName xml.Name `xml:"ErrorResponse"`
		Type    string   `xml:"Error>Type"`
		Code    string   `xml:"Error>Code"`
		Message string   `xml:"Error>Message"`
	}{Type: "Sender", Code: refused.Code, Message: refused.Message})
	_, _ = w.Write(body)
}
