package fakeaws

import (
	"context"
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/authz"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/jsontree"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// RoleLag is how long a change of a role's inline policies takes until KMS knows
// of it. IAM is eventually consistent; AWS names no time.
const RoleLag = 8 * time.Second

// inline are the inline policies of roles, by the name of the role. Of them only
// what they deny counts here: IAM is taken to allow the rest.
type inline struct {
	mu     sync.Mutex
	byRole map[string]map[string]inlinePolicy
}

// An inlinePolicy is the document of a policy. Of one that was deleted the end is
// kept, since it is obeyed for a while longer.
type inlinePolicy struct {
	document  string
	from, end time.Time // when KMS knows of it, and no more; end is zero while it is there
}

func (p inlinePolicy) present() bool { return p.end.IsZero() }

func (p inlinePolicy) obeyed(now time.Time) bool {
	return !now.Before(p.from) && (p.present() || now.Before(p.end))
}

type iamAnswer struct {
	XMLName xml.Name
	Results []iamSimulated `xml:"SimulatePrincipalPolicyResult>EvaluationResults>member,omitempty"`
	ID      string         `xml:"ResponseMetadata>RequestId"`
}

type iamSimulated struct {
	Action   string `xml:"EvalActionName"`
	Resource string `xml:"EvalResourceName"`
	Decision string `xml:"EvalDecision"`
}

func iamAnswerOf(call *Call) iamAnswer {
	return iamAnswer{XMLName: xml.Name{Space: "https://iam.amazonaws.com/doc/2010-05-08/", Local: call.Action + "Response"}, ID: call.RequestID}
}

// putRolePolicy adds or replaces an inline policy.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
func (c *Cloud) putRolePolicy(_ context.Context, call *Call, form url.Values) (any, error) {
	role, name, document := form.Get("RoleName"), form.Get("PolicyName"), form.Get("PolicyDocument")
	call.Resource = c.roleARN(call, role)
	if _, err := jsontree.Parse(document); err != nil || role == "" || name == "" {
		return nil, wire.Errorf("MalformedPolicyDocument", "Syntax errors in policy.")
	}
	c.inline.mu.Lock()
	defer c.inline.mu.Unlock()
	if c.inline.byRole == nil {
		c.inline.byRole = map[string]map[string]inlinePolicy{}
	}
	if c.inline.byRole[role] == nil {
		c.inline.byRole[role] = map[string]inlinePolicy{}
	}
	c.inline.byRole[role][name] = inlinePolicy{document: document, from: c.opts.Now().Add(RoleLag)}
	return iamAnswerOf(call), nil
}

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html
func (c *Cloud) deleteRolePolicy(_ context.Context, call *Call, form url.Values) (any, error) {
	role, name := form.Get("RoleName"), form.Get("PolicyName")
	call.Resource = c.roleARN(call, role)
	c.inline.mu.Lock()
	defer c.inline.mu.Unlock()
	p, known := c.inline.byRole[role][name]
	if !known || !p.present() {
		return nil, wire.StatusError(http.StatusNotFound, "NoSuchEntity", "The role policy with name %s cannot be found.", name)
	}
	p.end = c.opts.Now().Add(RoleLag)
	c.inline.byRole[role][name] = p
	return iamAnswerOf(call), nil
}

// simulatePrincipalPolicy tells what the policies of a role deny, as IAM itself
// knows them: without the time that KMS takes to know.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
func (c *Cloud) simulatePrincipalPolicy(_ context.Context, call *Call, form url.Values) (any, error) {
	role := form.Get("PolicySourceArn")
	call.Resource = role
	out := iamAnswerOf(call)
	for i := 1; form.Has("ActionNames.member." + string(rune('0'+i))); i++ {
		action, decision := form.Get("ActionNames.member."+string(rune('0'+i))), "allowed"
		if c.inlineDenies(role, action, inlinePolicy.present) {
			decision = "explicitDeny"
		}
		out.Results = append(out.Results, iamSimulated{action, "*", decision})
	}
	return out, nil
}

func (c *Cloud) roleARN(call *Call, name string) string {
	return "arn:aws:iam::" + call.Account + ":role/" + name
}

// inlineDenies reports whether an inline policy of a role that counts denies an
// action on every resource.
func (c *Cloud) inlineDenies(role, action string, counts func(inlinePolicy) bool) bool {
	c.inline.mu.Lock()
	defer c.inline.mu.Unlock()
	for _, p := range c.inline.byRole[role[strings.LastIndex(role, "/")+1:]] {
		tree, err := jsontree.Parse(p.document)
		if err == nil && counts(p) && authz.JudgeIdentity(tree, authz.Request{Action: action, Resource: "*"}) == authz.Denied {
			return true
		}
	}
	return false
}

// deniedInline refuses a call of KMS that an inline policy of the caller's role
// denies.
func (c *Cloud) deniedInline(call *Call) error {
	role := authz.RoleOf(call.Caller)
	obeyed := func(p inlinePolicy) bool { return p.obeyed(c.opts.Now()) }
	if call.Service != "kms" || !strings.Contains(role, ":role/") || !c.inlineDenies(role, call.IAM, obeyed) {
		return nil
	}
	call.Unseen = true
	return wire.StatusError(http.StatusBadRequest, "AccessDeniedException",
		"User: %s is not authorized to perform: %s with an explicit deny in an identity-based policy", call.Caller, call.IAM)
}
