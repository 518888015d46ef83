package fakeaws_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

const pipeline = "arn:aws:iam::111122223333:role/pipeline"

// onlyPipeline denies an action to everybody but one role.
func onlyPipeline(action, resource string) string {
	return `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "` + action + `", "Resource": "` + resource + `",
		"Condition": {"ArnNotEquals": {"aws:PrincipalArn": "` + pipeline + `"}}}]}`
}

func TestThePolicyOfAResourceKeepsOthersOut(t *testing.T) {
	for name, test := range map[string]struct {
		lock func(*fakeaws.Cloud)
		call func(clients) error
	}{
		"a queue": {
			func(c *fakeaws.Cloud) {
				c.SQS.CreateQueue("q", map[string]string{"Policy": onlyPipeline("sqs:SendMessage", c.SQS.ARN("q"))})
			},
			func(c clients) error {
				_, err := c.sqs.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String(c.url + "/111122223333/q"), MessageBody: aws.String("m")})
				return err
			},
		},
		"a bus": {
			func(c *fakeaws.Cloud) {
				c.Events.CreateBus("requests")
				c.Events.SetPolicy("requests", onlyPipeline("events:PutEvents", c.Events.ARN("requests")))
			},
			func(c clients) error {
				_, err := c.events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{
					{EventBusName: aws.String("requests"), Source: aws.String("me"), DetailType: aws.String("d"), Detail: aws.String("{}")},
				}})
				return err
			},
		},
		"a bucket": {
			func(c *fakeaws.Cloud) {
				c.S3.CreateBucket("b", true)
				c.S3.SetPolicy("b", onlyPipeline("s3:PutObject", "arn:aws:s3:::b/policies/*"))
			},
			func(c clients) error {
				_, err := c.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("b"), Key: aws.String("policies/x"), Body: strings.NewReader("{}")})
				return err
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, fakeaws.Options{})
			test.lock(c.cloud)
			if err := test.call(c); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
				t.Errorf("somebody else: %v", err)
			}
			c.cloud.SetCaller("arn:aws:sts::111122223333:assumed-role/pipeline/run")
			if err := test.call(c); err != nil {
				t.Errorf("the pipeline: %v", err)
			}
		})
	}
}

func TestARuleSendsOnlyWhereAPolicyLetsIt(t *testing.T) {
	for name, test := range map[string]struct {
		rule string
		want int
	}{"the rule that is named": {"uploads", 1}, "another rule": {"planted", 0}} {
		c := fakeaws.New(fakeaws.Options{})
		queue := c.SQS.ARN("q")
		c.SQS.CreateQueue("q", map[string]string{"Policy": `{"Statement": [{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
			"Action": "sqs:SendMessage", "Resource": "` + queue + `", "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:events:us-east-1:111122223333:rule/uploads"}}}]}`})
		if err := c.Events.PutRule(test.rule, "default", `{"source": ["me"]}`, fakeaws.Target{ARN: queue}); err != nil {
			t.Fatal(err)
		}
		c.Events.Publish("default", fakeaws.Entry{Source: "me", Detail: []byte("{}")})
		if got := c.SQS.Depth("q"); got != test.want {
			t.Errorf("%s: %d messages, want %d", name, got, test.want)
		}
	}
}

func TestAQueueTakesDeadLettersOnlyFromThoseItAllows(t *testing.T) {
	for name, test := range map[string]struct {
		allow string
		ok    bool
	}{
		"no policy":         {"", true},
		"all":               {`{"redrivePermission": "allowAll"}`, true},
		"none":              {`{"redrivePermission": "denyAll"}`, false},
		"this queue":        {`{"redrivePermission": "byQueue", "sourceQueueArns": ["arn:aws:sqs:us-east-1:111122223333:planted"]}`, true},
		"another queue":     {`{"redrivePermission": "byQueue", "sourceQueueArns": ["arn:aws:sqs:us-east-1:111122223333:other"]}`, false},
		"said afterwards":   {"later", false},
		"and through moves": {"move", false},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, fakeaws.Options{})
			attrs := map[string]string{}
			if strings.HasPrefix(test.allow, "{") {
				attrs["RedriveAllowPolicy"] = test.allow
			}
			if test.allow == "move" {
				moved(t, c)
				return
			}
			target := c.cloud.SQS.CreateQueue("target", attrs)
			_, err := c.sqs.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("planted"), Attributes: map[string]string{
				"VisibilityTimeout": "0", "RedrivePolicy": `{"deadLetterTargetArn": "` + target + `", "maxReceiveCount": 1}`}})
			if test.allow == "later" {
				_, err = c.sqs.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: aws.String(c.url + "/111122223333/target"),
					Attributes: map[string]string{"RedriveAllowPolicy": `{"redrivePermission": "denyAll"}`}})
			}
			if created := test.ok || test.allow == "later"; (err == nil) != created {
				t.Fatalf("making the queue: %v", err)
			}
			c.cloud.SQS.Send("planted", "m")
			for range 2 {
				c.cloud.SQS.Receive("planted", 1)
			}
			if got := c.cloud.SQS.Depth("target"); (got == 1) != test.ok {
				t.Errorf("%d messages came", got)
			}
		})
	}
}

// moved: a move task needs the right to send where it moves to.
func moved(t *testing.T, c clients) {
	t.Helper()
	target := c.cloud.SQS.CreateQueue("target", map[string]string{"Policy": onlyPipeline("sqs:SendMessage", c.cloud.SQS.ARN("target"))})
	dead := c.cloud.SQS.CreateQueue("dead", nil)
	c.cloud.SQS.CreateQueue("planted", map[string]string{"RedrivePolicy": `{"deadLetterTargetArn": "` + dead + `", "maxReceiveCount": 1}`})
	c.cloud.SQS.Send("dead", "m")
	in := &sqs.StartMessageMoveTaskInput{SourceArn: &dead, DestinationArn: &target}
	if _, err := c.sqs.StartMessageMoveTask(ctx, in); err == nil || c.cloud.SQS.Depth("target") != 0 {
		t.Errorf("somebody else: %v", err)
	}
	c.cloud.SetCaller(pipeline)
	if _, err := c.sqs.StartMessageMoveTask(ctx, in); err != nil || c.cloud.SQS.Depth("target") != 1 || c.cloud.SQS.Depth("dead") != 0 {
		t.Errorf("the pipeline: %v", err)
	}
}

func TestAQueueRefusesSettingsThatContradictThemselves(t *testing.T) {
	c := start(t, fakeaws.Options{})
	for _, attrs := range []map[string]string{
		{"RedriveAllowPolicy": `{"redrivePermission": "byQueue"}`},
		{"RedriveAllowPolicy": `{"redrivePermission": "denyAll", "sourceQueueArns": ["a"]}`},
		{"RedriveAllowPolicy": `{"redrivePermission": "some"}`},
		{"RedriveAllowPolicy": `no JSON`},
		{"RedrivePolicy": `{"deadLetterTargetArn": "arn:aws:sqs:us-east-1:111122223333:gone", "maxReceiveCount": 1}`},
	} {
		if _, err := c.sqs.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("q"), Attributes: attrs}); err == nil {
			t.Errorf("%v was taken", attrs)
		}
	}
}
