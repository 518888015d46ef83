package fakeaws_test

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

func TestARuleOfTheAPISendsWhatItIsAskedTo(t *testing.T) {
	c := start(t, fakeaws.Options{})
	bus, err := c.events.CreateEventBus(ctx, &eventbridge.CreateEventBusInput{Name: aws.String("requests")})
	if err != nil {
		t.Fatal(err)
	}
	queues := map[string]string{}
	for _, name := range []string{"whole", "part", "constant"} {
		queues[name] = c.cloud.SQS.CreateQueue(name, nil)
	}
	_, err = c.events.PutRule(ctx, &eventbridge.PutRuleInput{
		Name: aws.String("r"), EventBusName: bus.EventBusArn, EventPattern: aws.String(`{"detail-type":["go"]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.events.PutTargets(ctx, &eventbridge.PutTargetsInput{
		Rule: aws.String("r"), EventBusName: aws.String("requests"), Targets: []ebtypes.Target{
			{Id: aws.String("1"), Arn: aws.String(queues["whole"])},
			{Id: aws.String("2"), Arn: aws.String(queues["part"]), InputPath: aws.String("$.detail.key")},
			{Id: aws.String("3"), Arn: aws.String(queues["constant"]), Input: aws.String(`{"keysmith":"sweep"}`)},
		},
	})
	if err != nil || out.FailedEntryCount != 0 {
		t.Fatalf("got %+v, %v", out, err)
	}
	_, err = c.events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{{
		Source: aws.String("app"), DetailType: aws.String("go"), Detail: aws.String(`{"key":{"id":"<1>"}}`), EventBusName: bus.EventBusArn,
	}}})
	if err != nil {
		t.Fatal(err)
	}
	body := func(queue string) string {
		got := c.cloud.SQS.Receive(queue, 10)
		if len(got) != 1 {
			t.Fatalf("%s holds %+v", queue, got)
		}
		return got[0].Body
	}
	var event map[string]any
	if err := json.Unmarshal([]byte(body("whole")), &event); err != nil {
		t.Fatal(err)
	}
	for _, member := range []string{"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"} {
		if event[member] == nil {
			t.Errorf("the event has no %s: %v", member, event)
		}
	}
	if got := body("part"); got != `{"id":"\u003c1\u003e"}` && got != `{"id":"<1>"}` {
		t.Errorf("the part is %s", got)
	}
	if got := body("constant"); got != `{"keysmith":"sweep"}` {
		t.Errorf("the constant is %s", got)
	}
}

func TestARuleGoesThroughItsLife(t *testing.T) {
	c := start(t, fakeaws.Options{})
	queue := c.cloud.SQS.CreateQueue("q", nil)
	if err := c.cloud.Events.PutRule("r", "default", `{"source":["app"]}`, fakeaws.Target{ARN: queue}); err != nil {
		t.Fatal(err)
	}
	name := aws.String("r")
	publish := func() int {
		c.cloud.Events.Publish("default", fakeaws.Entry{Source: "app", DetailType: "t", Detail: []byte(`{}`)})
		return len(c.cloud.SQS.Receive("q", 10))
	}
	if _, err := c.events.DisableRule(ctx, &eventbridge.DisableRuleInput{Name: name}); err != nil || publish() != 0 {
		t.Errorf("disabled: %v", err)
	}
	if _, err := c.events.EnableRule(ctx, &eventbridge.EnableRuleInput{Name: name}); err != nil || publish() != 1 {
		t.Errorf("enabled: %v", err)
	}
	rules, err := c.events.ListRules(ctx, &eventbridge.ListRulesInput{})
	if err != nil || len(rules.Rules) != 1 || rules.Rules[0].State != ebtypes.RuleStateEnabled {
		t.Errorf("got %+v, %v", rules, err)
	}
	if _, err := c.events.RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: name, Ids: []string{"0"}}); err != nil || publish() != 0 {
		t.Errorf("without targets: %v", err)
	}
	if _, err := c.events.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: name}); err != nil {
		t.Error(err)
	}
	_, err = c.events.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: name})
	if codeOf(err) != "ResourceNotFoundException" {
		t.Errorf("after its end: got %v", err)
	}
}

func TestAnEventThatNoQueueTakesGoesToTheDeadLetterQueueOrIsLost(t *testing.T) {
	c := start(t, fakeaws.Options{})
	dead := c.cloud.SQS.CreateQueue("dead", nil)
	gone := "arn:aws:sqs:us-east-1:" + account + ":gone"
	for name, target := range map[string]fakeaws.Target{"kept": {ARN: gone, DeadLetter: dead}, "lost": {ARN: gone}} {
		if err := c.cloud.Events.PutRule(name, "default", `{"source":["`+name+`"]}`, target); err != nil {
			t.Fatal(err)
		}
		c.cloud.Events.Publish("default", fakeaws.Entry{Source: name, DetailType: "t", Detail: []byte(`{}`)})
	}
	if n := c.cloud.SQS.Depth("dead"); n != 1 {
		t.Errorf("the dead-letter queue holds %d events", n)
	}
	if lost := c.cloud.Events.Lost(); len(lost) != 1 || lost[0].Rule != "lost" {
		t.Errorf("lost: %+v", lost)
	}
}

func TestAPatternCanBeTried(t *testing.T) {
	c := start(t, fakeaws.Options{})
	out, err := c.events.TestEventPattern(ctx, &eventbridge.TestEventPatternInput{
		EventPattern: aws.String(`{"source":["a"]}`), Event: aws.String(`{"source":"a"}`),
	})
	if err != nil || !out.Result {
		t.Errorf("got %+v, %v", out, err)
	}
}
