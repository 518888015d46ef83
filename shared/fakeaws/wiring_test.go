package fakeaws_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
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

var ctx = context.Background()

func TestAnUploadReachesAQueueThroughARule(t *testing.T) {
	c := start(t, fakeaws.Options{})
	c.cloud.S3.CreateBucket("policies", true)
	c.cloud.S3.NotifyEventBridge("policies", true)
	queue := c.cloud.SQS.CreateQueue("apply", nil)
	pattern := `{"source":["aws.s3"],"detail":{"bucket":{"name":["policies"]},"object":{"key":[{"prefix":"policies/"}]}}}`
	if err := c.cloud.Events.PutRule("uploads", "default", pattern, fakeaws.Target{ARN: queue}); err != nil {
		t.Fatal(err)
	}
	out, err := c.s3.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String("policies"), Key: aws.String("policies/a.json"), Body: strings.NewReader("{}"),
		Metadata: map[string]string{"commit": "abc"},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.cloud.S3.Put("policies", "other/b.json", []byte("{}"), nil)
	got, err := c.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String(c.url + "/1/apply"), MaxNumberOfMessages: 10})
	if err != nil || len(got.Messages) != 1 {
		t.Fatalf("got %+v, %v", got, err)
	}
	var event struct {
		DetailType string `json:"detail-type"`
		Detail     struct {
			Object struct {
				Key       string
				VersionID string `json:"version-id"`
				ETag      string
				Sequencer string
			}
			Reason string
		}
	}
	if err := json.Unmarshal([]byte(aws.ToString(got.Messages[0].Body)), &event); err != nil {
		t.Fatal(err)
	}
	object := event.Detail.Object
	if event.DetailType != "Object Created" || event.Detail.Reason != "PutObject" || object.Key != "policies/a.json" ||
		object.VersionID != aws.ToString(out.VersionId) || `"`+object.ETag+`"` != aws.ToString(out.ETag) || object.Sequencer == "" {
		t.Errorf("got %s", aws.ToString(got.Messages[0].Body))
	}
}

func TestAnObjectIsReadBackAsItWasWritten(t *testing.T) {
	c := start(t, fakeaws.Options{})
	c.cloud.S3.CreateBucket("b", true)
	body := bytes.Repeat([]byte("x"), 70_000)
	_, err := c.s3.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String("b"), Key: aws.String("k"), Body: bytes.NewReader(body),
		Metadata: map[string]string{"commit": "abc"}, ContentEncoding: aws.String("identity"),
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(out.Body)
	if err != nil || !bytes.Equal(got, body) || out.Metadata["commit"] != "abc" || aws.ToString(out.ContentEncoding) != "identity" {
		t.Errorf("got %d bytes, %v, %v, %v", len(got), err, out.Metadata, out.ContentEncoding)
	}
}

func TestAnEntryOfAWSItselfIsRefusedAndTheOthersAreTaken(t *testing.T) {
	c := start(t, fakeaws.Options{})
	entry := ebtypes.PutEventsRequestEntry{Source: aws.String("app"), DetailType: aws.String("t"), Detail: aws.String(`{"a":1}`)}
	forged := entry
	forged.Source = aws.String("aws.s3")
	out, err := c.events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{entry, forged}})
	if err != nil || out.FailedEntryCount != 1 || aws.ToString(out.Entries[1].ErrorCode) != "NotAuthorizedForSourceException" {
		t.Errorf("got %+v, %v", out, err)
	}
	if got := c.cloud.Events.Entries("default"); len(got) != 1 || got[0].Source != "app" {
		t.Errorf("the bus holds %+v", got)
	}
}

func TestTimeIsFakeInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := bubble(fakeaws.Options{})
		c.cloud.SQS.CreateQueue("q", map[string]string{"VisibilityTimeout": "30"})
		begin := time.Now()
		go func() {
			time.Sleep(7 * time.Second)
			c.cloud.SQS.Send("q", "late")
		}()
		in := &sqs.ReceiveMessageInput{QueueUrl: aws.String("http://fakeaws/1/q"), WaitTimeSeconds: 20}
		out, err := c.sqs.ReceiveMessage(ctx, in)
		if err != nil || len(out.Messages) != 1 || time.Since(begin) != 7*time.Second {
			t.Fatalf("got %+v, %v after %v", out, err, time.Since(begin))
		}
		out, err = c.sqs.ReceiveMessage(ctx, in)
		if err != nil || len(out.Messages) != 0 || time.Since(begin) != 27*time.Second {
			t.Fatalf("got %+v, %v after %v", out, err, time.Since(begin))
		}
		out, err = c.sqs.ReceiveMessage(ctx, in)
		if err != nil || len(out.Messages) != 1 || time.Since(begin) != 37*time.Second {
			t.Fatalf("got %+v, %v after %v", out, err, time.Since(begin))
		}
	})
}

func TestSequencersGrowWithTheVersionsOfAnObject(t *testing.T) {
	now := time.Unix(1_700_000_000, 0) // time that stands still must not make them equal
	cloud := fakeaws.New(fakeaws.Options{Now: func() time.Time { return now }})
	cloud.S3.CreateBucket("b", true)
	cloud.S3.NotifyEventBridge("b", true)
	last := ""
	for i := range 5 {
		cloud.S3.Put("b", "k", []byte(fmt.Sprint(i)), nil)
		entries := cloud.Events.Entries("default")
		var detail struct{ Object struct{ Sequencer string } }
		if err := json.Unmarshal(entries[i].Detail, &detail); err != nil {
			t.Fatal(err)
		}
		if detail.Object.Sequencer <= last {
			t.Errorf("%s comes after %s", detail.Object.Sequencer, last)
		}
		last = detail.Object.Sequencer
	}
}

func TestTooLargeARequestTakesNoEntry(t *testing.T) {
	c := start(t, fakeaws.Options{})
	entry := func(size int) ebtypes.PutEventsRequestEntry {
		return ebtypes.PutEventsRequestEntry{
			Source: aws.String("app"), DetailType: aws.String("t"), Detail: aws.String(`{"a":"` + strings.Repeat("x", size) + `"}`),
		}
	}
	_, err := c.events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{entry(10), entry(256 << 10)}})
	if codeOf(err) != "ValidationException" || len(c.cloud.Events.Entries("default")) != 0 {
		t.Errorf("got %v", err)
	}
}
