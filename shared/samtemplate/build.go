package samtemplate

import (
	"encoding/json"
	"time"
)

// SQS's own defaults, which a template need not repeat.
const defaultVisibility = 30 * time.Second

// stack resolves every resource and every output, also those that nothing here
// has a type for: a reference that leads nowhere is a fault wherever it stands.
func (r *resolver) stack() *Stack {
	s := &Stack{Parameters: r.parameters, Outputs: map[string]string{}}
	for id, at := range r.resources.all() {
		if d, exists := r.declare(id, at); exists {
			r.add(s, d)
		}
	}
	r.attach(s)
	for name, at := range r.outputs.all() {
		output := r.members(at)
		if condition, ok := output.get("Condition"); ok && !r.holds(condition, condition.node.Value) {
			continue
		}
		if value, ok := output.get("Value"); ok {
			s.Outputs[name] = r.str(value)
		} else {
			r.fail(at, "has no Value")
		}
	}
	return s
}

func (r *resolver) add(s *Stack, d declaration) {
	if d.kind == "" {
		r.fail(d.place, "has no Type")
		return
	}
	v := r.open(d)
	base := Resource{LogicalID: d.id, Type: d.kind, Properties: v.m}
	base.ARN, _ = r.arn(d)
	if nameProperty(d.kind) != "" {
		base.Name = r.name(d)
	}
	switch d.kind {
	case "AWS::S3::Bucket":
		s.Buckets = append(s.Buckets, bucket(base, v))
	case "AWS::Events::EventBus":
		s.Buses = append(s.Buses, Bus{base, v.document("Policy")})
	case "AWS::SQS::Queue":
		s.Queues = append(s.Queues, r.queue(base, v))
	case "AWS::Events::Rule":
		s.Rules = append(s.Rules, rule(base, v))
	case "AWS::Serverless::Function":
		s.Functions = append(s.Functions, function(base, v))
	case "AWS::IAM::Role":
		s.Roles = append(s.Roles, role(base, v))
	default:
		s.Others = append(s.Others, base)
	}
}

func (r *resolver) open(d declaration) view {
	v := view{r: r, at: place{d.place.node, d.place.path + ".Properties"}, lines: d.properties, m: map[string]any{}}
	for name, at := range d.properties.all() {
		if value := r.value(at); value != (absent{}) {
			v.m[name] = value
		}
	}
	return v
}

func bucket(base Resource, v view) Bucket {
	notifications := v.object("NotificationConfiguration")
	_, named := notifications.m["EventBridgeConfiguration"] // naming it is enough
	return Bucket{
		Resource:    base,
		Versioned:   v.object("VersioningConfiguration").text("Status") == "Enabled",
		EventBridge: named && notifications.object("EventBridgeConfiguration").flag("EventBridgeEnabled", true),
	}
}

func (r *resolver) queue(base Resource, v view) Queue {
	redrive := v.object("RedrivePolicy")
	q := Queue{
		Resource:        base,
		URL:             r.o.QueueURL(base.Name),
		Visibility:      defaultVisibility,
		MaxReceiveCount: redrive.number("maxReceiveCount"),
		DeadLetterARN:   redrive.text("deadLetterTargetArn"),
		RedriveAllow:    v.document("RedriveAllowPolicy"),
	}
	if _, given := v.m["VisibilityTimeout"]; given {
		q.Visibility = v.seconds("VisibilityTimeout")
	}
	return q
}

func rule(base Resource, v view) Rule {
	rl := Rule{Resource: base, Bus: "default", Enabled: true}
	if bus := v.text("EventBusName"); bus != "" {
		rl.Bus = BusName(bus)
	}
	if state := v.text("State"); state != "" {
		rl.Enabled = state != "DISABLED"
	}
	pattern, err := json.Marshal(v.object("EventPattern").m)
	if err != nil {
		v.fault("EventPattern", "JSON")
	}
	rl.Pattern = pattern
	for _, target := range v.objects("Targets") {
		rl.Targets = append(rl.Targets, Target{
			ID:            target.text("Id"),
			ARN:           target.text("Arn"),
			DeadLetterARN: target.object("DeadLetterConfig").text("Arn"),
		})
	}
	return rl
}
