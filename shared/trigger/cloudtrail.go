package trigger

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/keysmith/keysmith/shared/objectkey"
)

// An Author is who made a call that CloudTrail reports. It is only what a message
// says: it must not be named before the message is proven to come from the
// function's own queue.
type Author struct {
	// ARN is that of the caller: a user, the account root, or a session of a role.
	// Of a caller without an ARN it is what CloudTrail tells instead, such as the
	// name of an AWS service.
	ARN       string
	Issuer    string // ARN of the role of a session; empty for users and the root
	SourceIP  string
	UserAgent string
	EventID   string
	Time      time.Time // of the call
	Account   string    // that the event came from
}

// Names reports whether principal, an IAM ARN of a role or user, made the call.
func (a Author) Names(principal string) bool {
	return principal != "" && (a.ARN == principal || a.Issuer == principal)
}

// trailEvent is a call as CloudTrail reports it through EventBridge.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
type trailEvent struct {
	ID      string    `json:"id"`
	Account string    `json:"account"`
	Time    time.Time `json:"time"`
	Detail  struct {
		EventName   string        `json:"eventName"`
		EventTime   time.Time     `json:"eventTime"`
		EventID     string        `json:"eventID"`
		ErrorCode   string        `json:"errorCode"`
		SourceIP    string        `json:"sourceIPAddress"`
		UserAgent   string        `json:"userAgent"`
		Recipient   string        `json:"recipientAccountId"`
		Identity    trailIdentity `json:"userIdentity"`
		ResourceIDs []struct {
			ARN string `json:"ARN"`
		} `json:"resources"`
	} `json:"detail"`
}

// trailIdentity is who called. Only sessions of roles have an issuer.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
type trailIdentity struct {
	ARN       string `json:"arn"`
	Principal string `json:"principalId"`
	InvokedBy string `json:"invokedBy"`
	Session   struct {
		Issuer struct {
			ARN string `json:"arn"`
		} `json:"sessionIssuer"`
	} `json:"sessionContext"`
}

// putKeyPolicy is the one call that changes the policy of the key that it names.
const putKeyPolicy = "PutKeyPolicy"

// trailCalls are the calls after which a key's policy may not be what it was.
var trailCalls = []string{putKeyPolicy, "ReplicateKey", "UpdatePrimaryRegion"}

// trail reads a call of KMS that CloudTrail reports. What it says of the policy
// is not believed: each key that it names is read again. Whatever keeps it from
// being a hint is no error, since the sweep reads every key anyway.
func trail(payload []byte) ([]Trigger, string, error) {
	var e trailEvent
	if why := unlike("a call that CloudTrail reports", payload, &e); why != "" {
		return nil, "", unknown("%s", why)
	}
	d := e.Detail
	switch {
	case !slices.Contains(trailCalls, d.EventName):
		return nil, fmt.Sprintf("CloudTrail reports the call %q, which changes no key policy", d.EventName), nil
	case d.ErrorCode != "":
		return nil, fmt.Sprintf("CloudTrail reports a call of %s that KMS refused (%s)", d.EventName, d.ErrorCode), nil
	case d.Recipient != e.Account:
		return nil, fmt.Sprintf("a CloudTrail event of account %q, recorded in account %q: only events of the account itself count", e.Account, d.Recipient), nil
	}
	var triggers []Trigger
	for _, r := range d.ResourceIDs {
		arn, ok := objectkey.ParseARN(r.ARN)
		if !ok || !objectkey.IsKeyID(arn.KeyID) || arn.Account != e.Account {
			continue
		}
		triggers = append(triggers, Trigger{
			Kind: CloudTrail, ID: e.ID, Time: e.Time, Account: e.Account,
			Object: objectkey.For(arn.KeyID), Key: arn.String(), Author: e.author(),
		})
	}
	if len(triggers) == 0 {
		return nil, fmt.Sprintf("CloudTrail reports a call of %s without the ARN of a key of account %s in detail.resources", d.EventName, e.Account), nil
	}
	return triggers, "", nil
}

// author is nil for calls that leave the policy of the key that they name.
func (e trailEvent) author() *Author {
	d := e.Detail
	if d.EventName != putKeyPolicy {
		return nil
	}
	return &Author{
		ARN:    cmp.Or(d.Identity.ARN, d.Identity.InvokedBy, d.Identity.Principal, "unknown"),
		Issuer: d.Identity.Session.Issuer.ARN, SourceIP: d.SourceIP, UserAgent: d.UserAgent,
		EventID: d.EventID, Time: d.EventTime, Account: e.Account,
	}
}

// writeTrail is the event that trail reads as t.
func writeTrail(t Trigger) map[string]any {
	type object = map[string]any
	detail := object{
		"eventName": "UpdatePrimaryRegion", "recipientAccountId": t.Account, "resources": []object{{"ARN": t.Key}},
	}
	if a := t.Author; a != nil {
		detail["eventName"], detail["eventID"], detail["eventTime"] = putKeyPolicy, a.EventID, a.Time.UTC().Format(time.RFC3339Nano)
		detail["sourceIPAddress"], detail["userAgent"] = a.SourceIP, a.UserAgent
		detail["userIdentity"] = object{"arn": a.ARN, "sessionContext": object{"sessionIssuer": object{"arn": a.Issuer}}}
	}
	return detail
}
