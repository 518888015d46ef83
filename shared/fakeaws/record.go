package fakeaws

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/authz"
)

// A record is one entry of CloudTrail.
type record struct {
	call    Call
	id      string
	input   map[string]any
	refused string // the error code
}

// entry is the event that EventBridge makes of a record.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
func (c *Cloud) entry(r record) Entry {
	call := r.call
	detail := map[string]any{
		"eventVersion": "1.11", "userIdentity": c.identityOf(call.Caller), "eventTime": call.Time.UTC().Format(time.RFC3339),
		"eventSource": "kms.amazonaws.com", "eventName": call.Action, "awsRegion": call.Region,
		"sourceIPAddress": cmp.Or(call.SourceIP, "192.0.2.44"), "userAgent": call.UserAgent,
		"requestParameters": parameters(r.input), "responseElements": map[string]string{"keyId": call.Resource},
		"requestID": call.RequestID, "eventID": r.id, "readOnly": false,
		"resources": []map[string]string{{"accountId": accountOf(call.Resource), "type": "AWS::KMS::Key", "ARN": call.Resource}},
		"eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": call.Account, "eventCategory": "Management",
	}
	if r.refused != "" {
		detail["errorCode"], detail["responseElements"] = strings.TrimSuffix(r.refused, "Exception"), nil
	}
	text, err := json.Marshal(detail)
	if err != nil {
		text = []byte("{}") // maps of text always encode
	}
	return Entry{
		Source: "aws.kms", DetailType: "AWS API Call via CloudTrail", Account: call.Account, Region: call.Region, Time: call.Time, Detail: text,
	}
}

// parameters are those of the request, with the names that CloudTrail gives them
// and without the policy, which it leaves out.
func parameters(input map[string]any) map[string]any {
	out := map[string]any{}
	for name, value := range input {
		if name != "Policy" {
			out[strings.ToLower(name[:1])+name[1:]] = value
		}
	}
	return out
}

// identityOf is who called. A role calls in sessions only, also where the scene
// names just the role.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
func (c *Cloud) identityOf(caller string) map[string]any {
	account := accountOf(caller)
	who := map[string]any{"type": "IAMUser", "arn": caller, "accountId": account, "principalId": "AIDAFAKEAWS"}
	role := authz.RoleOf(caller)
	_, name, isRole := strings.Cut(role, ":role/")
	switch {
	case strings.HasSuffix(caller, ":root"):
		who["type"], who["principalId"] = "Root", account
	case isRole:
		name = name[strings.LastIndex(name, "/")+1:]
		if caller == role {
			who["arn"] = sessionARN(role, "session")
		}
		p, _, found := c.KMS.Principal(account, "role", name)
		if found {
			role = p.ARN // a session's ARN does not have the path
		}
		who["type"], who["principalId"] = "AssumedRole", p.ID+":session"
		who["sessionContext"] = map[string]any{"sessionIssuer": map[string]any{
			"type": "Role", "principalId": p.ID, "arn": role, "accountId": account, "userName": name,
		}}
	}
	return who
}
