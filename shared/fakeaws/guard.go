package fakeaws

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"

	"github.com/keysmith/keysmith/shared/fakeaws/fakeevents"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/authz"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/jsontree"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// Queues, buses and buckets have policies. Inside the account IAM is taken to
// allow everything, so there only a Deny keeps anybody out; a caller of another
// account, and an AWS service, needs an Allow.

// asked is one permission that a call needs, and the policy that may refuse it.
type asked struct{ action, resource, policy string }

// guard refuses a call that the policy of its queue, bus or bucket does not
// let through.
func (c *Cloud) guard(call *Call, body []byte) error {
	if err := c.deniedInline(call); err != nil {
		return err
	}
	if call.Service == "events" {
		call.Context = fakeevents.ConditionKeys(body)
	}
	for _, a := range c.asked(call, body) {
		if err := c.refusedBy(a, call); err != nil {
			return err
		}
	}
	return nil
}

// refusedBy asks one policy of this cloud's account about a call.
func (c *Cloud) refusedBy(a asked, call *Call) error {
	r := authz.Request{
		Caller: call.Caller, Account: call.Account, Action: a.action, Resource: a.resource,
		Context: map[string][]string{
			"aws:principalarn": {authz.RoleOf(call.Caller)}, "aws:principalaccount": {call.Account},
			"aws:principalisawsservice": {"false"}, "aws:securetransport": {"true"},
		},
	}
	if org := c.orgOf(call.Account); org != "" {
		r.Context["aws:principalorgid"] = []string{org}
	}
	maps.Copy(r.Context, call.Context)
	verdict := verdictOf(a.policy, r)
	if verdict == authz.Denied || call.Account != c.opts.Account && verdict == authz.NotAllowed {
		call.Resource = a.resource
		return denial(call, a, verdict)
	}
	return nil
}

func denial(call *Call, a asked, verdict authz.Verdict) error {
	why := "because no resource-based policy allows the " + a.action + " action"
	if verdict == authz.Denied {
		why = "with an explicit deny in a resource-based policy"
	}
	message := "User: " + call.Caller + " is not authorized to perform: " + a.action + " on resource: " + a.resource + " " + why
	if call.Service == "events" {
		return wire.Errorf("AccessDeniedException", "%s", message)
	}
	return wire.StatusError(http.StatusForbidden, "AccessDenied", "%s", message)
}

// asked lists what the call needs of resources that have policies.
func (c *Cloud) asked(call *Call, body []byte) []asked {
	switch call.Service {
	case "s3":
		bucket, _, _ := strings.Cut(strings.TrimPrefix(call.Resource, "arn:aws:s3:::"), "/")
		return []asked{{call.IAM, call.Resource, c.S3.Policy(bucket)}}
	case "sqs":
		return c.askedOfQueues(call, body)
	case "events":
		return c.askedOfBuses(call, body)
	}
	return nil
}

func (c *Cloud) askedOfQueues(call *Call, body []byte) []asked {
	var in struct{ QueueUrl, SourceArn, DestinationArn string }
	if json.Unmarshal(body, &in) != nil {
		return nil
	}
	of := func(action, queue string) asked { return asked{action, c.SQS.ARN(queue), c.SQS.Policy(queue)} }
	if in.QueueUrl != "" {
		return []asked{of(call.IAM, in.QueueUrl)}
	}
	if in.SourceArn == "" {
		return nil
	}
	list := []asked{of(call.IAM, in.SourceArn), of("sqs:ReceiveMessage", in.SourceArn), of("sqs:DeleteMessage", in.SourceArn)}
	if in.DestinationArn != "" {
		list = append(list, of("sqs:SendMessage", in.DestinationArn))
	}
	return list
}

func (c *Cloud) askedOfBuses(call *Call, body []byte) []asked {
	var in struct {
		EventBusName string
		Entries      []struct{ EventBusName string }
	}
	if json.Unmarshal(body, &in) != nil {
		return nil
	}
	of := func(bus string) asked { return asked{call.IAM, c.Events.ARN(bus), c.Events.Policy(bus)} }
	if len(in.Entries) == 0 {
		return []asked{of(in.EventBusName)}
	}
	var list []asked
	for _, e := range in.Entries {
		list = append(list, of(e.EventBusName))
	}
	return list
}

// mayDeliver reports whether a rule may send to a queue. A queue without any
// policy takes everything here, which AWS's does not: tests that are not about
// permissions need none.
func (c *Cloud) mayDeliver(rule, queue string) bool {
	policy, resource := c.SQS.Policy(queue), queue
	if !strings.HasPrefix(queue, "arn:") {
		resource = c.SQS.ARN(queue)
	}
	return policy == "" || verdictOf(policy, authz.Request{
		Service: "events.amazonaws.com", Account: accountOf(resource), Action: "sqs:SendMessage", Resource: resource,
		Context: map[string][]string{
			"aws:sourcearn": {rule}, "aws:sourceaccount": {accountOf(rule)},
			"aws:principalisawsservice": {"true"}, "aws:securetransport": {"true"},
		},
	}) == authz.Allowed
}

// verdictOf judges by a policy; one that cannot be read denies everything.
func verdictOf(policy string, r authz.Request) authz.Verdict {
	if policy == "" {
		return authz.NotAllowed
	}
	tree, err := jsontree.Parse(policy)
	if err != nil {
		return authz.Denied
	}
	return authz.Judge(tree, r)
}
