package samtemplate

import "strings"

// A declaration is a resource of the template before its properties are
// resolved.
type declaration struct {
	id, kind   string
	place      place
	properties *book
}

// resource finds a resource that exists under the conditions as they are.
func (r *resolver) resource(p place, id string) (declaration, bool) {
	at, ok := r.resources.get(id)
	if mapping, made := r.madeMapping(id); !ok && made {
		return mapping, true
	}
	if !ok {
		r.fail(p, "there is no parameter or resource %s", id)
		return declaration{}, false
	}
	d, exists := r.declare(id, at)
	if !exists {
		r.fail(p, "%s does not exist under its condition", id)
	}
	return d, exists
}

// madeMapping finds the event source mapping that SAM makes of an event of a
// function; its id is the function's and the event's.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-function.html
func (r *resolver) madeMapping(id string) (declaration, bool) {
	for function, at := range r.resources.all() {
		event, ok := strings.CutPrefix(id, function)
		if !ok || event == "" {
			continue
		}
		d, exists := r.declare(function, at)
		events, has := d.properties.get("Events")
		if !exists || !has || d.kind != "AWS::Serverless::Function" {
			continue
		}
		if _, ok := r.members(events).get(event); ok {
			return declaration{id: id, kind: "AWS::Lambda::EventSourceMapping", place: at, properties: &book{}}, true
		}
	}
	return declaration{}, false
}

func (r *resolver) declare(id string, at place) (d declaration, exists bool) {
	attributes := r.members(at)
	if condition, ok := attributes.get("Condition"); ok && !r.holds(condition, condition.node.Value) {
		return declaration{}, false
	}
	d = declaration{id: id, place: at, properties: &book{}}
	if kind, ok := attributes.get("Type"); ok {
		d.kind = kind.node.Value
	}
	if properties, ok := attributes.get("Properties"); ok {
		d.properties = r.members(properties)
	}
	return d, true
}

// nameProperty is the property that a resource's name may be given with.
func nameProperty(kind string) string {
	switch kind {
	case "AWS::S3::Bucket":
		return "BucketName"
	case "AWS::SQS::Queue":
		return "QueueName"
	case "AWS::Events::EventBus", "AWS::Events::Rule":
		return "Name"
	case "AWS::Serverless::Function":
		return "FunctionName"
	case "AWS::Serverless::LayerVersion":
		return "LayerName"
	case "AWS::IAM::Role":
		return "RoleName"
	case "AWS::Logs::LogGroup":
		return "LogGroupName"
	case "AWS::CloudWatch::Alarm":
		return "AlarmName"
	case "AWS::CloudWatch::Dashboard":
		return "DashboardName"
	case "AWS::StepFunctions::StateMachine":
		return "StateMachineName"
	default:
		return ""
	}
}

// name is the resource's own name, or one made of the stack's and the
// resource's as CloudFormation makes them, without its random end.
func (r *resolver) name(d declaration) string {
	made := r.o.StackName + "-" + d.id
	if d.kind == "AWS::S3::Bucket" {
		made = strings.ToLower(made)
	}
	given, ok := d.properties.get(nameProperty(d.kind))
	if !ok {
		return made
	}
	leave, ok := r.enter(given, "name of "+d.id)
	if !ok {
		return made
	}
	defer leave()
	value := r.value(given)
	if value == (absent{}) {
		return made
	}
	text, ok := asText(value)
	if !ok {
		r.fail(given, "must be text")
	}
	return text
}

// identity is what Ref yields.
func (r *resolver) identity(d declaration) (string, bool) {
	switch d.kind {
	case "AWS::SQS::Queue":
		return r.o.QueueURL(r.name(d)), true
	case "AWS::Serverless::LayerVersion", "AWS::StepFunctions::StateMachine":
		return r.arn(d)
	case "AWS::Lambda::EventSourceMapping": // a UUID on AWS
		return r.name(d), true
	case "AWS::Events::Rule": // on a bus of one's own it is bus|name, which nothing here needs
		return "", false
	default:
		return r.name(d), nameProperty(d.kind) != ""
	}
}

// attributeOf is what GetAtt yields.
func (r *resolver) attributeOf(d declaration, attribute string) (string, bool) {
	switch {
	case attribute == "Arn":
		return r.arn(d)
	case attribute == "QueueName" && d.kind == "AWS::SQS::Queue",
		attribute == "Name" && d.kind == "AWS::Events::EventBus":
		return r.name(d), true
	case attribute == "QueueUrl" && d.kind == "AWS::SQS::Queue":
		return r.o.QueueURL(r.name(d)), true
	default:
		return "", false
	}
}

func (r *resolver) arn(d declaration) (string, bool) {
	name := r.name(d)
	switch d.kind {
	case "AWS::S3::Bucket":
		return "arn:" + r.o.Partition + ":s3:::" + name, true
	case "AWS::IAM::Role":
		return "arn:" + r.o.Partition + ":iam::" + r.o.Account + ":role/" + name, true
	case "AWS::SQS::Queue":
		return r.regional("sqs", name), true
	case "AWS::Events::EventBus":
		return r.regional("events", "event-bus/"+name), true
	case "AWS::Events::Rule":
		return r.regional("events", "rule/"+r.ruleFolder(d)+name), true
	case "AWS::Serverless::Function":
		return r.regional("lambda", "function:"+name), true
	case "AWS::Serverless::LayerVersion":
		return r.regional("lambda", "layer:"+name+":1"), true
	case "AWS::StepFunctions::StateMachine":
		return r.regional("states", "stateMachine:"+name), true
	case "AWS::Logs::LogGroup":
		return r.regional("logs", "log-group:"+name+":*"), true
	case "AWS::CloudWatch::Alarm":
		return r.regional("cloudwatch", "alarm:"+name), true
	default:
		return "", false
	}
}

func (r *resolver) regional(service, resource string) string {
	return "arn:" + r.o.Partition + ":" + service + ":" + r.o.Region + ":" + r.o.Account + ":" + resource
}

// ruleFolder: the ARN of a rule names its bus, unless that is the default one.
func (r *resolver) ruleFolder(d declaration) string {
	bus, ok := d.properties.get("EventBusName")
	if !ok {
		return ""
	}
	if name := BusName(r.str(bus)); name != "default" {
		return name + "/"
	}
	return ""
}
