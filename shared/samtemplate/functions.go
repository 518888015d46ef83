package samtemplate

import (
	"maps"
	"slices"
	"time"
)

// Lambda's own defaults, which a template need not repeat.
const (
	defaultTimeout  = 3 * time.Second
	defaultMemoryMB = 128
	defaultBatch    = 10
)

func function(base Resource, v view) Function {
	f := Function{
		Resource:    base,
		RoleARN:     v.text("Role"),
		Environment: map[string]string{},
		Timeout:     v.seconds("Timeout"),
		MemoryMB:    v.number("MemorySize"),
		Layers:      v.oneOrMore("Layers"),
	}
	if f.Timeout == 0 {
		f.Timeout = defaultTimeout
	}
	if f.MemoryMB == 0 {
		f.MemoryMB = defaultMemoryMB
	}
	variables := v.object("Environment").object("Variables")
	for name := range variables.m {
		f.Environment[name] = variables.text(name)
	}
	events := v.object("Events")
	for _, name := range slices.Sorted(maps.Keys(events.m)) {
		if event := events.object(name); event.text("Type") == "SQS" {
			f.Sources = append(f.Sources, eventSource(event.object("Properties")))
		} else {
			event.fault("Type", "SQS, the only kind of event that is known here")
		}
	}
	return f
}

func eventSource(v view) EventSource {
	source := EventSource{
		QueueARN:           v.text("Queue"),
		Enabled:            v.flag("Enabled", true),
		BatchSize:          v.number("BatchSize"),
		Window:             v.seconds("MaximumBatchingWindowInSeconds"),
		MaximumConcurrency: v.object("ScalingConfig").number("MaximumConcurrency"),
		ReportItemFailures: slices.Contains(v.oneOrMore("FunctionResponseTypes"), "ReportBatchItemFailures"),
	}
	if source.BatchSize == 0 {
		source.BatchSize = defaultBatch
	}
	return source
}

func role(base Resource, v view) Role {
	r := Role{Resource: base, Trust: v.document("AssumeRolePolicyDocument")}
	for _, policy := range v.objects("Policies") {
		r.Statements = append(r.Statements, statementsOf(policy)...)
	}
	return r
}

// statementsOf reads the statements of what has a PolicyDocument.
func statementsOf(policy view) (list []Statement) {
	for _, one := range policy.object("PolicyDocument").objects("Statement") {
		list = append(list, statement(one))
	}
	return list
}

func statement(v view) Statement {
	s := Statement{
		Sid:          v.text("Sid"),
		Effect:       v.text("Effect"),
		Actions:      v.oneOrMore("Action"),
		NotActions:   v.oneOrMore("NotAction"),
		Resources:    v.oneOrMore("Resource"),
		NotResources: v.oneOrMore("NotResource"),
		Conditions:   map[string]map[string][]string{},
	}
	conditions := v.object("Condition")
	for operator := range conditions.m {
		keys := conditions.object(operator)
		s.Conditions[operator] = map[string][]string{}
		for key := range keys.m {
			s.Conditions[operator][key] = keys.oneOrMore(key)
		}
	}
	return s
}
