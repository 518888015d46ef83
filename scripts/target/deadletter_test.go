package target_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

// watchStack is watch.yaml as it is deployed in an account and Region.
func (l *lab) watchStack(account, region string, parameters map[string]string) *samtemplate.Stack {
	l.Helper()
	all := map[string]string{"HubBusArn": l.hub.Outputs["TrailBusArn"], "HubApplyRoleArn": l.own("ApplyRole") + "-*"}
	maps.Copy(all, parameters)
	return l.load("watch.yaml", samtemplate.Options{Account: account, Region: region, StackName: "keysmith-watch-" + account + "-" + region, Parameters: all})
}

// dead are the events in the dead-letter queue of an account and Region.
func (l *lab) dead(account, region string) (calls []string) {
	l.Helper()
	for _, m := range l.cloud.SQS.Receive(l.watchStack(account, region, nil).Queues[0].Name, 10) {
		var e struct {
			Account, Region string
			Detail          struct{ EventName string }
		}
		if err := json.Unmarshal([]byte(m.Body), &e); err != nil {
			l.Fatal(err)
		}
		calls = append(calls, e.Detail.EventName+" "+e.Account+" "+e.Region)
	}
	return calls
}

// A hub that no longer names the account refuses its events.
func TestWhatTheHubDoesNotTakeIsKeptWhereItHappened(t *testing.T) {
	l := watching(t, map[string]string{"TargetAccounts": ""})
	l.put(l.as("arn:aws:iam::"+member+":role/admin", "eu-west-1"), member)
	l.put(l.as("arn:aws:iam::"+hubAccount+":role/admin", "eu-west-1"), hubAccount)
	for at, want := range map[[2]string][]string{
		{member, "eu-west-1"}:     {"PutKeyPolicy " + member + " eu-west-1"},
		{member, "us-east-1"}:     nil,
		{hubAccount, "eu-west-1"}: nil, // the bus took it
	} {
		if got := l.dead(at[0], at[1]); !slices.Equal(got, want) {
			t.Errorf("the queue of %s holds %v, want %v", at, got, want)
		}
	}
}

// In the hub's own account, where IAM alone lets an administrator send to any queue.
func TestTheDeadLetterQueueIsForItsRuleOnlyAndEncrypted(t *testing.T) {
	l := deploy(t, nil, nil)
	stack := l.watchStack(hubAccount, "us-east-1", nil)
	q := stack.Queues[0]
	l.cloud.SQS.CreateQueue(q.Name, map[string]string{"Policy": q.Policy, "RedriveAllowPolicy": q.RedriveAllow})
	if q.Properties["SqsManagedSseEnabled"] != true {
		t.Error("it is not encrypted")
	}

	cfg := l.as("arn:aws:iam::"+hubAccount+":role/admin", "us-east-1")
	if _, err := sqs.NewFromConfig(cfg).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &q.URL, MessageBody: aws.String("planted")}); err == nil {
		t.Error("an administrator can send to it")
	}
	redrive := map[string]string{"RedrivePolicy": `{"deadLetterTargetArn": "` + q.ARN + `", "maxReceiveCount": 1}`}
	if _, err := sqs.NewFromConfig(cfg).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("planter"), Attributes: redrive}); err == nil {
		t.Error("another queue can name it as its dead-letter queue")
	}

	for want, name := range []string{"other", stack.Rules[0].Name} { // none of the first, one of the second
		if err := l.cloud.Events.PutRule(name, "default", `{"source": ["`+name+`"]}`, fakeaws.Target{ARN: q.ARN}); err != nil {
			t.Fatal(err)
		}
		l.cloud.Events.Publish("default", fakeaws.Entry{Source: name, DetailType: "x", Detail: json.RawMessage(`{}`)})
		if got := l.cloud.SQS.Depth(q.Name); got != want {
			t.Errorf("after an event of the rule %s the queue holds %d, want %d", name, got, want)
		}
	}
}

func TestAnAlarmWatchesTheDeadLetterQueueAndNotifiesATopicOfItsRegion(t *testing.T) {
	l := deploy(t, nil, nil)
	for topic, want := range map[string][]any{"": nil, "alarms": {"arn:aws:sns:eu-west-1:" + member + ":alarms"}} {
		stack := l.watchStack(member, "eu-west-1", map[string]string{"AlarmTopicName": topic})
		i := slices.IndexFunc(stack.Others, func(r samtemplate.Resource) bool { return r.Type == "AWS::CloudWatch::Alarm" })
		if i < 0 {
			t.Fatal("there is no alarm")
		}
		alarm := stack.Others[i].Properties
		text, _ := json.Marshal(alarm["Dimensions"])
		if string(text) != `[{"Name":"QueueName","Value":"`+stack.Queues[0].Name+`"}]` {
			t.Errorf("it watches %s", text)
		}
		if got, _ := alarm["AlarmActions"].([]any); !slices.Equal(got, want) {
			t.Errorf("with the topic %q it notifies %v", topic, got)
		}
	}
}

// Every rule, also the hub's own for the events of its targets.
func TestEveryRuleThatSendsHasADeadLetterQueue(t *testing.T) {
	l := deploy(t, nil, nil)
	stacks := []*samtemplate.Stack{l.hub, l.watchStack(member, "eu-west-1", nil)}
	seen := 0
	for _, stack := range stacks {
		for _, rule := range stack.Rules {
			for _, target := range rule.Targets {
				if !strings.Contains(target.ARN, ":sqs:") && !strings.Contains(target.ARN, ":event-bus/") {
					continue // results on their way to a log group
				}
				seen++
				if _, ok := stack.QueueByARN(target.DeadLetterARN); !ok {
					t.Errorf("%s sends to %s, and what is not delivered is lost", rule.LogicalID, target.ARN)
				}
			}
		}
	}
	if seen < 8 {
		t.Errorf("only %d targets were looked at", seen)
	}
}
