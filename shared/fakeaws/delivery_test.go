package fakeaws_test

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

func TestABodyCanBeSlowOrCutOff(t *testing.T) {
	for _, mode := range []string{"over HTTP", "in memory"} {
		t.Run(mode, func(t *testing.T) {
			c := bubble(fakeaws.Options{})
			if mode == "over HTTP" {
				c = start(t, fakeaws.Options{})
			}
			c.cloud.S3.CreateBucket("b", true)
			c.cloud.S3.Put("b", "k", []byte(strings.Repeat("x", 1000)), nil)
			read := func() (int, error) {
				out, err := c.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})
				if err != nil {
					return 0, err
				}
				body, err := io.ReadAll(out.Body)
				return len(body), err
			}
			end := c.cloud.Fault(fakeaws.Fault{Service: "s3", Kind: fakeaws.Truncate})
			if n, err := read(); err == nil || n != 500 {
				t.Errorf("cut off: got %d bytes, %v", n, err)
			}
			end()
			c.cloud.Fault(fakeaws.Fault{Service: "s3", Kind: fakeaws.SlowBody, Delay: 20 * time.Millisecond})
			if n, err := read(); err != nil || n != 1000 {
				t.Errorf("slow: got %d bytes, %v", n, err)
			}
		})
	}
}

func TestOneEntryOfABatchFails(t *testing.T) {
	c := start(t, fakeaws.Options{})
	c.cloud.Fault(fakeaws.Fault{Service: "events", Action: "PutEvents", Kind: fakeaws.FailEntries, Count: 1})
	entry := ebtypes.PutEventsRequestEntry{Source: aws.String("app"), DetailType: aws.String("t"), Detail: aws.String(`{}`)}
	out, err := c.events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{entry, entry}})
	if err != nil || out.FailedEntryCount != 1 || out.Entries[0].ErrorCode == nil || out.Entries[1].EventId == nil {
		t.Errorf("got %+v, %v", out, err)
	}
	if n := len(c.cloud.Events.Entries("default")); n != 1 {
		t.Errorf("the bus took %d entries", n)
	}
}

func TestMessagesComeTwiceAndInAnyOrder(t *testing.T) {
	c := start(t, fakeaws.Options{Seed: 1})
	c.cloud.SQS.CreateQueue("q", nil)
	for _, body := range []string{"1", "2", "3", "4", "5", "6"} {
		c.cloud.SQS.Send("q", body)
	}
	receive := func() (bodies string) {
		out, err := c.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String(c.url + "/1/q"), MaxNumberOfMessages: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range out.Messages {
			bodies += aws.ToString(m.Body)
		}
		return bodies
	}
	end := c.cloud.Fault(fakeaws.Fault{Service: "sqs", Action: "ReceiveMessage", Kind: fakeaws.Duplicate})
	if first, second := receive(), receive(); first != "123456" || second != first {
		t.Errorf("got %s, then %s", first, second)
	}
	end()
	c.cloud.Fault(fakeaws.Fault{Service: "sqs", Action: "ReceiveMessage", Kind: fakeaws.Shuffle})
	if got := receive(); len(got) != 6 || got == "123456" {
		t.Errorf("shuffled: got %s", got)
	}
}

func TestEventsAreLostDoubledAndLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := bubble(fakeaws.Options{})
		queue := c.cloud.SQS.CreateQueue("q", nil)
		if err := c.cloud.Events.PutRule("r", "default", `{"source":["app"]}`, fakeaws.Target{ARN: queue}); err != nil {
			t.Fatal(err)
		}
		publish := func(kind fakeaws.Kind, delay time.Duration) int {
			end := c.cloud.Fault(fakeaws.Fault{Service: "events", Action: "Deliver", Kind: kind, Delay: delay})
			defer end()
			c.cloud.Events.Publish("default", fakeaws.Entry{Source: "app", DetailType: "t", Detail: []byte(`{}`)})
			return len(c.cloud.SQS.Receive("q", 10))
		}
		if n := publish(fakeaws.Drop, 0); n != 0 || len(c.cloud.Events.Lost()) != 1 {
			t.Errorf("lost: got %d messages, %+v", n, c.cloud.Events.Lost())
		}
		if n := publish(fakeaws.Duplicate, 0); n != 2 {
			t.Errorf("doubled: got %d messages", n)
		}
		if n := publish(fakeaws.Slow, 5*time.Second); n != 0 {
			t.Errorf("late: got %d messages at once", n)
		}
		time.Sleep(5 * time.Second)
		if n := len(c.cloud.SQS.Receive("q", 10)); n != 1 {
			t.Errorf("late: got %d messages later", n)
		}
	})
}
