package fakeaws_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

func TestAPoisonousMessageEndsInTheDeadLetterQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := bubble(fakeaws.Options{})
		dead := c.cloud.SQS.CreateQueue("dead", nil)
		c.cloud.SQS.CreateQueue("work", map[string]string{
			"VisibilityTimeout": "10", "RedrivePolicy": `{"deadLetterTargetArn":"` + dead + `","maxReceiveCount":3}`,
		})
		c.cloud.SQS.Send("work", "poison")
		for i := range 3 {
			got := c.cloud.SQS.Receive("work", 10)
			if len(got) != 1 || got[0].ReceiveCount != i+1 {
				t.Fatalf("receive %d: got %+v", i+1, got)
			}
			if again := c.cloud.SQS.Receive("work", 10); len(again) != 0 {
				t.Fatalf("it is received while it is in flight: %+v", again)
			}
			time.Sleep(10 * time.Second)
		}
		if got := c.cloud.SQS.Receive("work", 10); len(got) != 0 || c.cloud.SQS.Depth("work") != 0 {
			t.Errorf("the queue still gives %+v", got)
		}
		if got := c.cloud.SQS.Receive("dead", 10); len(got) != 1 || got[0].Body != "poison" {
			t.Errorf("the dead-letter queue gives %+v", got)
		}
	})
}

func TestAReceiverSetsHowLongAMessageHides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := bubble(fakeaws.Options{})
		c.cloud.SQS.CreateQueue("q", nil)
		c.cloud.SQS.Send("q", "m")
		url := aws.String(c.url + "/1/q")
		first := c.cloud.SQS.Receive("q", 1)[0]
		out, err := c.sqs.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{
			QueueUrl: url, Entries: []sqstypes.ChangeMessageVisibilityBatchRequestEntry{
				{Id: aws.String("good"), ReceiptHandle: &first.Receipt, VisibilityTimeout: 90},
				{Id: aws.String("bad"), ReceiptHandle: aws.String("x"), VisibilityTimeout: 90},
			},
		})
		if err != nil || len(out.Successful) != 1 || len(out.Failed) != 1 || aws.ToString(out.Failed[0].Id) != "bad" {
			t.Fatalf("got %+v, %v", out, err)
		}
		time.Sleep(89 * time.Second)
		if got := c.cloud.SQS.Receive("q", 1); len(got) != 0 {
			t.Errorf("too early: %+v", got)
		}
		time.Sleep(time.Second)
		again := c.cloud.SQS.Receive("q", 1)
		if len(again) != 1 || again[0].Receipt == first.Receipt {
			t.Errorf("got %+v", again)
		}
		c.cloud.SQS.Delete("q", first.Receipt)
		if n := c.cloud.SQS.Depth("q"); n != 1 {
			t.Errorf("an old receipt deleted the message")
		}
		_, err = c.sqs.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: &again[0].Receipt})
		if n := c.cloud.SQS.Depth("q"); err != nil || n != 0 {
			t.Errorf("the queue holds %d messages, %v", n, err)
		}
	})
}

func TestADelayedMessageIsSeenWhenItIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := bubble(fakeaws.Options{})
		c.cloud.SQS.CreateQueue("q", nil)
		url := aws.String(c.url + "/1/q")
		_, err := c.sqs.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("look"), DelaySeconds: 900})
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		for time.Since(begin) < time.Hour {
			out, err := c.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: url, WaitTimeSeconds: 20})
			if err != nil {
				t.Fatal(err)
			}
			if len(out.Messages) > 0 {
				break
			}
		}
		if waited := time.Since(begin); waited != 15*time.Minute {
			t.Errorf("it came after %v", waited)
		}
	})
}

func TestSenderAndReceiverAgreeOnAMessage(t *testing.T) {
	c := start(t, fakeaws.Options{})
	made, err := c.sqs.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("q")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.sqs.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: made.QueueUrl, Entries: []sqstypes.SendMessageBatchRequestEntry{
		{Id: aws.String("1"), MessageBody: aws.String("äöü"), MessageAttributes: map[string]sqstypes.MessageAttributeValue{
			"a": {DataType: aws.String("String"), StringValue: aws.String("x")},
			"b": {DataType: aws.String("Binary"), BinaryValue: []byte{0, 1}},
		}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	// The SDK checks the digest of the body and refuses another.
	out, err := c.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: made.QueueUrl, MessageAttributeNames: []string{"All"},
		MessageSystemAttributeNames: []sqstypes.MessageSystemAttributeName{"All"},
	})
	if err != nil || len(out.Messages) != 1 {
		t.Fatalf("got %+v, %v", out, err)
	}
	m := out.Messages[0]
	if aws.ToString(m.Body) != "äöü" || m.Attributes["ApproximateReceiveCount"] != "1" || len(m.MessageAttributes["b"].BinaryValue) != 2 {
		t.Errorf("got %+v", m)
	}
}
