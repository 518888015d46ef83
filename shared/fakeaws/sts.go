package fakeaws

import (
	"context"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

type callerIdentity struct {
	XMLName xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
	Arn     string   `xml:"GetCallerIdentityResult>Arn"`
	UserID  string   `xml:"GetCallerIdentityResult>UserId"`
	Account string   `xml:"GetCallerIdentityResult>Account"`
	ID      string   `xml:"ResponseMetadata>RequestId"`
}

// stsRoute answers the one call of the query protocol that is needed.
func stsRoute(call *Call) route {
	call.Service, call.Resource = "sts", "*"
	return route{
		call: call,
		answer: func(_ context.Context, w http.ResponseWriter, body []byte) error {
			form, err := url.ParseQuery(string(body))
			call.Action = form.Get("Action")
			call.IAM = "sts:" + call.Action
			if err != nil || call.Action != "GetCallerIdentity" {
				return wire.Errorf("InvalidAction", "the fake does not have sts:%s", call.Action)
			}
			w.Header().Set("Content-Type", "text/xml")
			return xml.NewEncoder(w).Encode(callerIdentity{
				Arn: call.Caller, UserID: "AROAFAKEAWS:session", Account: call.Account, ID: call.RequestID,
			})
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
