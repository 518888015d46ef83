// Package privilege holds the API calls that were made against what the role
// of a function may do according to the template, both ways: a call that the
// role does not allow is one that AWS would refuse, and what the role allows
// and no call ever needs is more than the function should have.
package privilege

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/fakeaws/fakeiam"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

// A Role is what one role may do, and which of it was needed so far.
type Role struct {
	function    string // its ARN
	destination string // where Lambda sends what failed asynchronously; empty for nowhere
	reads       bool   // the function has a queue
	allow       []*grant
	deny        []func(fakeaws.Need) bool
}

// grant is one action on one resource that a statement allows.
type grant struct {
	sid, action, resource string
	covers                func(fakeaws.Need) bool
	needed                bool
}

func (g *grant) String() string { return g.sid + ": " + g.action + " on " + g.resource }

// Load reads the role of a function, by the function's logical id.
func Load(template, function string, o samtemplate.Options) (*Role, error) {
	stack, err := samtemplate.Load(template, o)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(stack.Functions, func(f samtemplate.Function) bool { return f.LogicalID == function })
	if i < 0 {
		return nil, fmt.Errorf("%s has no function %s", template, function)
	}
	arn := stack.Functions[i].RoleARN
	declared, ok := stack.RoleByARN(arn)
	if !ok {
		return nil, fmt.Errorf("%s has no role %s, which %s has", template, arn, function)
	}
	if declared.Properties["ManagedPolicyArns"] != nil {
		return nil, fmt.Errorf("%s has managed policies, which say nothing here", arn)
	}
	role, err := roleOf(declared.Statements)
	if err != nil {
		return nil, err
	}
	role.function = stack.Functions[i].ARN
	role.destination = onFailure(stack.Functions[i].Properties)
	role.reads = len(stack.Functions[i].Sources) > 0
	return role, nil
}

// LoadRole reads a role that is no function's, by its logical id.
func LoadRole(template, logicalID string, o samtemplate.Options) (*Role, error) {
	stack, err := samtemplate.Load(template, o)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(stack.Roles, func(r samtemplate.Role) bool { return r.LogicalID == logicalID })
	if i < 0 {
		return nil, fmt.Errorf("%s has no role %s", template, logicalID)
	}
	return roleOf(stack.Roles[i].Statements)
}

// onFailure is the destination of asynchronous invocations that failed.
func onFailure(properties map[string]any) string {
	var value any = properties
	for _, name := range []string{"EventInvokeConfig", "DestinationConfig", "OnFailure", "Destination"} {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	arn, _ := value.(string)
	return arn
}

// And is the role of a function that does the work of both.
func (r *Role) And(other *Role) *Role {
	return &Role{
		function: r.function, destination: r.destination, reads: r.reads || other.reads,
		allow: slices.Concat(r.allow, other.allow), deny: slices.Concat(r.deny, other.deny),
	}
}

func roleOf(statements []samtemplate.Statement) (*Role, error) {
	r := &Role{}
	for _, s := range statements {
		if len(s.NotActions) > 0 || len(s.NotResources) > 0 {
			return nil, fmt.Errorf("statement %s says what it does not speak of, which is not known here", s.Sid)
		}
		if err := r.add(s); err != nil {
			return nil, fmt.Errorf("statement %s: %w", s.Sid, err)
		}
	}
	return r, nil
}

func (r *Role) add(s samtemplate.Statement) error {
	if s.Effect == "Deny" {
		covers, err := fakeiam.Statement{Action: s.Actions, Resource: s.Resources, Condition: s.Conditions}.Covers()
		r.deny = append(r.deny, covers)
		return err
	}
	for _, action := range s.Actions {
		for _, resource := range s.Resources {
			one := fakeiam.Statement{Action: []string{action}, Resource: []string{resource}, Condition: s.Conditions}
			covers, err := one.Covers()
			if err != nil {
				return err
			}
			r.allow = append(r.allow, &grant{sid: s.Sid, action: action, resource: resource, covers: covers})
		}
	}
	return nil
}

// Refused returns a line for each permission that calls took and the role does
// not give. Left out are calls that no service looked at, and what KMS was
// asked about keys that do not exist.
func (r *Role) Refused(calls []fakeaws.Call) []string {
	lines := map[string]bool{}
	for _, c := range calls {
		if c.Unseen || c.Service == "kms" && c.Error == "NotFoundException" {
			continue
		}
		for _, n := range c.Needs() {
			if !r.allows(n) {
				lines[fmt.Sprintf("%s took %s on %s %v, which the role does not allow", c.Action, n.IAM, n.Resource, n.Context)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(lines))
}

func (r *Role) allows(n fakeaws.Need) bool {
	// Lambda adds this key to each call of the function's own code.
	// https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
	n.Context = maps.Clone(n.Context)
	if n.Context == nil {
		n.Context = map[string][]string{}
	}
	n.Context["lambda:sourcefunctionarn"] = []string{r.function}
	for _, covers := range r.deny {
		if covers(n) {
			return false
		}
	}
	allowed := false
	for _, g := range r.allow {
		if g.covers(n) {
			g.needed, allowed = true, true
		}
	}
	return allowed
}

// Actions are those that the role allows on something.
func (r *Role) Actions() []string {
	var list []string
	for _, g := range r.allow {
		list = append(list, g.action)
	}
	return list
}

// Grants are the actions with what each of them is allowed on: "<action> on <ARN>".
func (r *Role) Grants() []string {
	var list []string
	for _, g := range r.allow {
		list = append(list, g.action+" on "+g.resource)
	}
	return list
}

// lambdas are the permissions that Lambda itself takes in the role's name, to
// read the queue and to write the log: no call of the function shows them.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions
func lambdas() []string {
	return []string{
		"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
		"logs:CreateLogStream", "logs:PutLogEvents",
	}
}

// Unneeded returns a line for each action on a resource that the role allows
// and no call so far needed, but for those that Lambda takes.
func (r *Role) Unneeded() []string {
	var lines []string
	for _, g := range r.allow {
		byLambda := slices.Contains(lambdas(), g.action) || g.action == "sqs:SendMessage" && g.resource == r.destination
		if !g.needed && !byLambda {
			lines = append(lines, g.String())
		}
	}
	return lines
}

// Missing returns the permissions that Lambda takes and the role does not
// allow: such a function would never be woken, or never heard of.
func (r *Role) Missing() []string {
	missing := slices.DeleteFunc(lambdas(), func(action string) bool {
		return !r.reads && strings.HasPrefix(action, "sqs:") || slices.ContainsFunc(r.allow, func(g *grant) bool { return g.action == action })
	})
	sends := func(g *grant) bool { return g.action == "sqs:SendMessage" && g.resource == r.destination }
	if r.destination != "" && !slices.ContainsFunc(r.allow, sends) {
		missing = append(missing, "sqs:SendMessage on "+r.destination)
	}
	return missing
}
