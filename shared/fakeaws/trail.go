package fakeaws

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/fakeevents"
	"github.com/keysmith/keysmith/shared/fakeaws/fakekms"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/authz"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/pattern"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// trails are what CloudTrail reports: each call that changes a key is an event on
// the default bus of the account and Region in which it was made. The fake has the
// bus of its own account and Region; of all others it has the rules that send to it.
type trails struct {
	mu      sync.Mutex
	started bool
	only    []string // accounts; empty for all
	watches []watch
}

// A Watch is a rule on the default bus of another account or Region, which sends
// the events that match its pattern to a bus of this cloud.
type Watch struct {
	Account string // of the rule
	Region  string // of the rule; empty for every Region, as a StackSet makes it
	Name    string // of the rule
	Pattern string // JSON
	// Role is the one that EventBridge assumes to deliver. It must be one of AddRole
	// that trusts EventBridge, IAM must let it call events:PutEvents on the bus, and
	// so must the policy of the bus where the rule is another account's.
	Role string
	Bus  string // name or ARN
	// DeadLetter is the ARN of the queue that gets what was not delivered; empty for
	// none. EventBridge takes only one of the rule's account and Region.
	DeadLetter string
}

// trailService is what faults call CloudTrail.
const trailService = "cloudtrail"

type watch struct {
	Watch
	pattern *pattern.Pattern
}

// StartTrail makes CloudTrail report the calls that change keys in these accounts;
// in all of them if none is named. EventBridge gets no such events from an account
// without a trail. Faults of the service cloudtrail, with the name of the call as
// their action, lose an event (drop), delay it (slow) or send it twice (duplicate).
func (c *Cloud) StartTrail(accounts ...string) {
	c.trails.mu.Lock()
	defer c.trails.mu.Unlock()
	c.trails.started, c.trails.only = true, slices.Clone(accounts)
}

// AddWatch makes such a rule exist.
func (c *Cloud) AddWatch(w Watch) error {
	p, err := pattern.Compile(w.Pattern)
	if err != nil {
		return err
	}
	c.trails.mu.Lock()
	defer c.trails.mu.Unlock()
	c.trails.watches = append(c.trails.watches, watch{w, p})
	return nil
}

// report tells EventBridge of a call that was done or refused. What was only asked
// is no matter of these events: calls that read are not among them.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
func (c *Cloud) report(call *Call, body []byte, refused error) {
	if call.Service != "kms" || !strings.Contains(call.Resource, ":key/") || readsOnly(call.Action) || !c.trails.covers(call.Account) {
		return
	}
	for _, r := range c.records(call, body, refused) {
		c.send(r)
	}
}

func readsOnly(action string) bool {
	for _, verb := range []string{"Describe", "Get", "List"} {
		if strings.HasPrefix(action, verb) {
			return true
		}
	}
	return false
}

func (t *trails) covers(account string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.started && (len(t.only) == 0 || slices.Contains(t.only, account))
}

// records are the entries of one call. ReplicateKey is a CreateKey in the Region of
// the replica too, and UpdatePrimaryRegion is recorded in both Regions.
// https://docs.aws.amazon.com/kms/latest/developerguide/ct-replicate-key.html
// https://docs.aws.amazon.com/kms/latest/developerguide/ct-update-primary-region.html
func (c *Cloud) records(call *Call, body []byte, refused error) []record {
	var in map[string]any
	_ = json.Unmarshal(body, &in) // a body that does not decode was refused
	first := record{call: *call, id: c.source.UUID(), input: in, refused: codeOf(refused)}
	other, _ := in["ReplicaRegion"].(string)
	if call.Action == "UpdatePrimaryRegion" {
		other, _ = in["PrimaryRegion"].(string)
	}
	if other == "" || refused != nil {
		return []record{first}
	}
	second := first
	second.id, second.call.Region = c.source.UUID(), other
	second.call.Resource = fakekms.KeyARN(call.Account, other, call.Resource[strings.LastIndex(call.Resource, "/")+1:])
	if call.Action == "ReplicateKey" {
		second.call.Action = "CreateKey"
	}
	return []record{first, second}
}

// send brings a record to EventBridge as the faults let it.
func (c *Cloud) send(r record) {
	f := c.faults.next(&Call{Service: trailService, Action: r.call.Action, Account: r.call.Account, Region: r.call.Region}, r.call.Resource)
	entry := c.entry(r)
	switch f.Kind {
	case Drop, Refuse:
		return
	case Slow, Late:
		time.AfterFunc(f.Delay, func() { c.emit(entry) })
		return
	case Duplicate:
		time.AfterFunc(f.Delay, func() { c.emit(entry) })
	}
	c.emit(entry)
}

// emit puts an event on the default bus of its account and Region.
func (c *Cloud) emit(e Entry) {
	if e.Account == c.opts.Account && e.Region == c.opts.Region {
		c.Events.Publish("default", e)
		return
	}
	c.trails.mu.Lock()
	watches := slices.Clone(c.trails.watches)
	c.trails.mu.Unlock()
	for _, w := range watches {
		if w.Account == e.Account && (w.Region == "" || w.Region == e.Region) && w.pattern.Match(fakeevents.Event(e)) {
			c.forward(w, e)
		}
	}
}

// forward sends an event as EventBridge does for a rule: with the rule's role, and
// only where the role and the bus let it. It is noted as a call of the role.
func (c *Cloud) forward(w watch, e Entry) {
	bus := c.Events.ARN(w.Bus)
	call := &Call{
		Service: "events", Action: "PutEvents", IAM: "events:PutEvents", Resource: bus, Time: c.opts.Now(),
		Caller: sessionARN(w.Role, "events"), Account: accountOf(w.Role), Region: e.Region, RequestID: c.source.UUID(),
		Context: map[string][]string{
			"events:source": {e.Source}, "events:detail-type": {e.DetailType},
			"aws:sourcearn": {"arn:aws:events:" + e.Region + ":" + w.Account + ":rule/" + w.Name},
		},
	}
	err := c.mayForward(w, call, bus)
	if err == nil {
		c.Events.Publish(w.Bus, e)
	} else {
		c.bury(w, call.Context["aws:sourcearn"][0], e)
	}
	c.note(call, bus, err)
}

// bury sends an event that a bus refused to the dead-letter queue of its rule, if
// the queue is where EventBridge takes it and its policy lets the rule send.
func (c *Cloud) bury(w watch, rule string, e Entry) {
	near := strings.HasPrefix(w.DeadLetter, "arn:aws:sqs:"+e.Region+":"+w.Account+":")
	if body, err := json.Marshal(fakeevents.Event(e)); near && err == nil && c.mayDeliver(rule, w.DeadLetter) {
		c.SQS.Send(w.DeadLetter, string(body))
	}
}

func (c *Cloud) mayForward(w watch, call *Call, bus string) error {
	c.accounts.mu.Lock()
	role, exists := c.accounts.roles[w.Role]
	c.accounts.mu.Unlock()
	trusted := exists && verdictOf(role.Trust, authz.Request{
		Service: "events.amazonaws.com", Account: w.Account, Action: "sts:AssumeRole", Context: map[string][]string{
			"aws:sourcearn": call.Context["aws:sourcearn"], "aws:sourceaccount": {w.Account}, "aws:principalisawsservice": {"true"},
		},
	}) == authz.Allowed
	if !trusted || accountOf(w.Role) != w.Account || !c.KMS.Allows(call, call.IAM, bus) {
		return wire.Errorf("AccessDeniedException", "User: %s is not authorized to perform: %s on resource: %s", call.Caller, call.IAM, bus)
	}
	return c.refusedBy(asked{call.IAM, bus, c.Events.Policy(bus)}, call)
}
