package samtemplate

import (
	"strings"
	"testing"
	"time"
)

const templateFile = "../../template.yaml"

func load(t *testing.T, parameters map[string]string) *Stack {
	t.Helper()
	if parameters["KeyArns"] == "" {
		parameters["KeyArns"] = "arn:aws:kms:us-east-1:111122223333:key/*"
	}
	stack, err := Load(templateFile, Options{Parameters: parameters})
	if err != nil {
		t.Fatal(err)
	}
	return stack
}

func TestTheTemplateIsUnderstoodUnderEveryChoice(t *testing.T) {
	for _, parameters := range []map[string]string{
		{},
		{"Mode": "plan"},
		{"Mode": "apply", "WriterPrincipals": "*"},
		{"Mode": "apply", "WriterPrincipals": "arn:aws:iam::111122223333:role/pipeline", "PlanPrincipals": "arn:aws:iam::*:role/check-*"},
		{"ResultBus": "own", "LogResults": "false", "Tracing": "true", "QueueMetrics": "true", "AccessLogBucketName": "logs"},
		{"RoleName": "keysmith", "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/boundary", "DenyInvocations": "true"},
		{"Mode": "paused"},
		{"InlineRequests": "false", "AllowLockoutBypass": "true"},
		{"RequestPrincipals": "arn:aws:iam::111122223333:role/a,arn:aws:iam::111122223333:role/b", "WriterPrincipals": "arn:aws:iam::111122223333:role/*"},
		{"ManagedByTag": "keysmith", "AlarmTopicArn": "arn:aws:sns:us-east-1:111122223333:alarms"},
		{"PolicyBucketName": "policies-of-ours", "ResultBus": "arn:aws:events:us-east-1:111122223333:event-bus/results"},
	} {
		load(t, parameters)
	}
}

func TestTheTemplateRefusesWhatItSaysItRefuses(t *testing.T) {
	for name, parameters := range map[string]map[string]string{
		"KeyArns or ManagedByTag must say": {},
		"not one of the allowed values":    {"KeyArns": "arn:aws:kms:us-east-1:111122223333:key/*", "Mode": "perhaps"},
		"does not match the allowed":       {"KeyArns": "*"},
		"WriterPrincipals must name":       {"KeyArns": "arn:aws:kms:us-east-1:111122223333:key/*", "Mode": "apply"},
	} {
		_, err := Load(templateFile, Options{Parameters: parameters})
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v gave %v, want …%s…", parameters, err, name)
		}
	}
}

func TestUploadsAndRequestsReachTheFunctionThroughItsQueue(t *testing.T) {
	stack := load(t, map[string]string{})
	if len(stack.Functions) != 3 || len(stack.Functions[0].Sources) != 2 {
		t.Fatalf("the functions are %+v", stack.Functions)
	}
	plans, ok := stack.QueueByARN(stack.Functions[1].Sources[0].QueueARN)
	if !ok {
		t.Fatalf("%s reads no queue of the stack", stack.Functions[1].LogicalID)
	}
	function := stack.Functions[0]
	source := function.Sources[0]
	queue, ok := stack.QueueByARN(source.QueueARN)
	if !ok {
		t.Fatalf("the function reads %s, which is no queue of the stack", source.QueueARN)
	}
	for _, rule := range stack.Rules {
		if rule.LogicalID == "ResultRule" {
			continue // it leads away from the function
		}
		want := queue.ARN
		switch rule.LogicalID {
		case "PlanRule", "DryRunRule":
			want = plans.ARN
		case "HoldRule", "TrailRule":
			want = function.Sources[1].QueueARN
		}
		if len(rule.Targets) != 1 || rule.Targets[0].ARN != want || rule.Targets[0].DeadLetterARN == "" {
			t.Errorf("%s sends to %+v", rule.LogicalID, rule.Targets)
		}
	}
	if !source.ReportItemFailures || queue.Visibility < 6*function.Timeout || queue.MaxReceiveCount < 5 || queue.DeadLetterARN == "" {
		t.Errorf("a message can be lost: source %+v, queue %+v, time-out %v", source, queue, function.Timeout)
	}
	if function.Environment["APPLY_QUEUE_URL"] != queue.URL || function.Environment["POLICY_BUCKET"] != stack.Buckets[0].Name {
		t.Errorf("the function's environment is %v", function.Environment)
	}
	if !stack.Buckets[0].Versioned || !stack.Buckets[0].EventBridge {
		t.Errorf("the bucket is %+v", stack.Buckets[0])
	}
	if function.Timeout < 10*time.Second || function.MemoryMB < 128 {
		t.Errorf("the function has %v and %d MB", function.Timeout, function.MemoryMB)
	}
}

func TestQueueURLsAreThoseOfTheCaller(t *testing.T) {
	stack, err := Load(templateFile, Options{
		Parameters: map[string]string{"KeyArns": "arn:aws:kms:us-east-1:111122223333:key/*"},
		QueueURL:   func(name string) string { return "http://127.0.0.1:1/q/" + name },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range stack.Queues {
		if q.URL != "http://127.0.0.1:1/q/"+q.Name {
			t.Errorf("%s has %s", q.LogicalID, q.URL)
		}
	}
}

func TestAMissingFileIsAnError(t *testing.T) {
	if _, err := Load("testdata/none.yaml", Options{}); err == nil {
		t.Error("it was read")
	}
	if _, err := Parse([]byte("a: [b"), Options{}); err == nil {
		t.Error("broken YAML was read")
	}
}
