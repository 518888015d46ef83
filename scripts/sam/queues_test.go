package sam_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

// A FIFO queue holds everything back behind one message of its group that
// fails, and delivers a batch's rest out of order once some of it is handed
// back. keysmith needs no order, since it looks at the object as it is now.
func TestEveryQueueIsAStandardOne(t *testing.T) {
	stack := load(t, nil)
	for _, q := range stack.Queues {
		if fifo := q.Properties["FifoQueue"]; fifo != nil && fifo != false || strings.HasSuffix(q.Name, ".fifo") {
			t.Errorf("%s is a FIFO queue", q.LogicalID)
		}
	}
	for _, rule := range stack.Rules {
		for _, target := range rule.Targets {
			if strings.HasSuffix(target.ARN, ".fifo") {
				t.Errorf("%s sends to the FIFO queue %s", rule.LogicalID, target.ARN)
			}
		}
	}
	if len(stack.Queues) == 0 {
		t.Error("the template has no queue")
	}
}

// A message among the dead letters may be sent on by an operator, and can
// carry a request: who is kept out of the apply queue must not plant one there.
func TestEveryQueueDeniesSendingToWhomeverIAMAllowsIt(t *testing.T) {
	stack := load(t, nil)
	denied := map[string]bool{}
	for _, r := range stack.Others {
		var policy struct {
			Queues         []string
			PolicyDocument struct {
				Statement []struct {
					Effect            string
					Action, Principal any
					Condition         map[string]map[string]any
				}
			}
		}
		text, err := json.Marshal(r.Properties)
		if r.Type != "AWS::SQS::QueuePolicy" || err != nil || json.Unmarshal(text, &policy) != nil {
			continue
		}
		for _, st := range policy.PolicyDocument.Statement {
			if st.Effect == "Deny" && st.Action == "sqs:SendMessage" && st.Principal == "*" && len(policy.Queues) == 1 {
				denied[policy.Queues[0]] = true
			}
		}
	}
	for _, q := range stack.Queues {
		if !denied[q.URL] {
			t.Errorf("whoever IAM lets send anywhere can send to %s", q.LogicalID)
		}
	}
}

// By default SQS moves messages of any queue of the account into one that is
// named as their dead-letter queue, whatever its policy says of SendMessage.
func TestNoOtherQueueCanRedriveIntoOneOfTheStack(t *testing.T) {
	stack, cloud := deploy(t, nil)
	c := clientsOf(t, cloud)
	for _, q := range stack.Queues {
		redrive := `{"deadLetterTargetArn": "` + q.ARN + `", "maxReceiveCount": 1}`
		if _, err := c.sqs.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("planted"),
			Attributes: map[string]string{"RedrivePolicy": redrive}}); err == nil {
			t.Errorf("%s is the dead-letter queue of a stranger's", q.LogicalID)
		}
		// One that was there before the stack's queue had its policy.
		name := "older-" + q.LogicalID
		cloud.SQS.CreateQueue(name, map[string]string{"VisibilityTimeout": "0", "RedrivePolicy": redrive})
		cloud.SQS.Send(name, `{"detail-type": "KMS Key Policy Apply Requested", "detail": {}}`)
		for range 3 {
			cloud.SQS.Receive(name, 1)
		}
		if got := cloud.SQS.Depth(q.Name); got != 0 {
			t.Errorf("%s took a message that was planted by redrive", q.LogicalID)
		}
	}
}

func TestWhatTheFunctionHandsBackReachesItsDeadLetterQueue(t *testing.T) {
	stack, cloud := deploy(t, nil)
	q, _ := stack.QueueByARN(stack.Functions[0].Sources[0].QueueARN)
	dead, ok := stack.QueueByARN(q.DeadLetterARN)
	if !ok {
		t.Fatal("the apply queue has no dead-letter queue")
	}
	cloud.SQS.CreateQueue("other", nil)
	c := clientsOf(t, cloud)
	cloud.SetCaller(session(stack))
	cloud.SQS.Send(q.Name, "m")
	for range q.MaxReceiveCount + 1 {
		out, err := c.sqs.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &q.URL, VisibilityTimeout: 0})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range out.Messages {
			if _, err := c.sqs.ChangeMessageVisibility(t.Context(), &sqs.ChangeMessageVisibilityInput{QueueUrl: &q.URL, ReceiptHandle: m.ReceiptHandle}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := cloud.SQS.Depth(dead.Name); got != 1 {
		t.Errorf("%d letters, want 1", got)
	}
}

func TestOnlyTheFunctionAndOperatorsTakeMessages(t *testing.T) {
	const operator = "arn:aws:iam::111122223333:role/operator"
	for _, named := range []string{"", operator} {
		stack, cloud := deploy(t, map[string]string{"OperatorPrincipals": named})
		c := clientsOf(t, cloud)
		for _, f := range stack.Functions {
			for _, source := range f.Sources {
				q, _ := stack.QueueByARN(source.QueueARN)
				onlyTakenBy(t, cloud, c, q, map[string]bool{adminRole: false, sessionOf(f): true, operator: named != ""})
			}
		}
	}
}

// The sweep may send reconciles, and nothing else may but the apply function,
// which owes itself some; who plans may send nothing.
func TestEachFunctionSendsOnlyWhereItMay(t *testing.T) {
	const operator = "arn:aws:iam::111122223333:role/operator"
	stack, cloud := deploy(t, map[string]string{"OperatorPrincipals": operator})
	c := clientsOf(t, cloud)
	callers := map[string]string{"nobody": adminRole, "operator": operator}
	for _, f := range stack.Functions {
		callers[f.LogicalID] = sessionOf(f)
	}
	for name, caller := range callers {
		for queue, may := range map[string][]string{
			"ApplyQueue": {"ApplyFunction"}, "ReconcileQueue": {"ApplyFunction", "SweepFunction"}, "PlanQueue": {"ApplyFunction"},
		} {
			i := slices.IndexFunc(stack.Queues, func(q samtemplate.Queue) bool { return q.LogicalID == queue })
			cloud.SetCaller(caller)
			_, err := c.sqs.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &stack.Queues[i].URL, MessageBody: aws.String("m")})
			if (err == nil) != slices.Contains(append(may, "operator"), name) {
				t.Errorf("%s sends to %s: %v", name, queue, err)
			}
		}
	}
}

func onlyTakenBy(t *testing.T, cloud *fakeaws.Cloud, c clients, q samtemplate.Queue, callers map[string]bool) {
	t.Helper()
	for caller, may := range callers {
		cloud.SetCaller(caller)
		cloud.SQS.Send(q.Name, "m")
		receipt := cloud.SQS.Receive(q.Name, 1)[0].Receipt
		for action, call := range map[string]func() error{
			"ReceiveMessage": func() error {
				_, err := c.sqs.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &q.URL})
				return err
			},
			"ChangeMessageVisibility": func() error {
				_, err := c.sqs.ChangeMessageVisibility(t.Context(), &sqs.ChangeMessageVisibilityInput{QueueUrl: &q.URL, ReceiptHandle: &receipt, VisibilityTimeout: 5})
				return err
			},
		} {
			if err := call(); (err == nil) != may {
				t.Errorf("%s: %s by %s: %v", q.LogicalID, action, caller, err)
			}
		}
		deleted := func() error {
			_, err := c.sqs.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &q.URL, ReceiptHandle: &receipt})
			return err
		}
		purged := func() error {
			_, err := c.sqs.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: &q.URL})
			return err
		}
		if e1, e2 := deleted(), purged(); (e1 == nil) != may || (e2 == nil) != may {
			t.Errorf("%s: DeleteMessage and PurgeQueue by %s: %v, %v", q.LogicalID, caller, e1, e2)
		}
	}
}

// What waits during a pause must not be gone when it ends.
func TestEveryQueueKeepsMessagesAsLongAsSQSCan(t *testing.T) {
	for _, q := range load(t, nil).Queues {
		if kept := q.Properties["MessageRetentionPeriod"]; fmt.Sprint(kept) != "1209600" {
			t.Errorf("%s keeps messages for %v s", q.LogicalID, kept)
		}
	}
}
