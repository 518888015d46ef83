package fakeaws_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// What a role must allow so that a call is answered as it is here.
func TestACallTellsWhichPermissionsItTook(t *testing.T) {
	const b = "arn:aws:s3:::b"
	const key = "arn:aws:kms:us-east-1:111122223333:key/" + keyID
	const bus = "arn:aws:events:us-east-1:111122223333:event-bus/default"
	get := func(name string) func(clients) {
		return func(c clients) {
			_, _ = c.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("b"), Key: &name})
		}
	}
	putPolicy := func(bypass bool) func(clients) {
		return func(c clients) {
			_, _ = c.kms.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{
				KeyId: aws.String(keyID), Policy: aws.String(policyFor(`"` + admin + `"`)), BypassPolicyLockoutSafetyCheck: bypass,
			})
		}
	}
	for name, test := range map[string]struct {
		call func(clients)
		want string
	}{
		"an object":        {get("there"), "s3:GetObject " + b + "/there map[]"},
		"one that is not":  {get("gone"), "s3:GetObject " + b + "/gone map[]; s3:ListBucket " + b + " map[]"},
		"a key with a tag": {putPolicy(false), "kms:PutKeyPolicy " + key + " map[aws:requestedregion:[us-east-1] aws:resourcetag/managed-by:[keysmith]]"},
		"an alias":         {func(c clients) { _, _ = c.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String("alias/a")}) }, "kms:DescribeKey " + key + " map[aws:requestedregion:[us-east-1] aws:resourcetag/managed-by:[keysmith]]"},
		"a list": {func(c clients) {
			_, _ = c.s3.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: aws.String("b"), Prefix: aws.String("th")})
		}, "s3:ListBucketVersions " + b + " map[s3:prefix:[th]]"},
		"an event": {func(c clients) {
			_, _ = c.events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{
				{Source: aws.String("me"), DetailType: aws.String("d"), Detail: aws.String("{}")},
			}})
		}, "events:PutEvents " + bus + " map[events:detail-type:[d] events:source:[me]]"},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, fakeaws.Options{})
			c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID, Tags: map[string]string{"managed-by": "keysmith"}})
			c.cloud.KMS.CreateAlias("alias/a", keyID)
			c.cloud.S3.CreateBucket("b", false)
			c.cloud.S3.Put("b", "there", []byte("x"), nil)
			test.call(c)
			var took []string
			for _, n := range c.cloud.Calls()[0].Needs() {
				took = append(took, fmt.Sprint(n.IAM, " ", n.Resource, " ", n.Context))
			}
			if got := strings.Join(took, "; "); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
	t.Run("a put that skips the lockout check", func(t *testing.T) {
		c := start(t, fakeaws.Options{})
		c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID})
		putPolicy(true)(c)
		if got := c.cloud.Calls()[0].Context["kms:bypasspolicylockoutsafetycheck"]; len(got) != 1 || got[0] != "true" {
			t.Errorf("its condition key is %v", got)
		}
	})
}

func TestACallThatNoServiceLookedAtSaysSo(t *testing.T) {
	for kind, want := range map[fakeaws.Kind]bool{fakeaws.Refuse: true, fakeaws.Drop: true, fakeaws.RefuseAfter: false, fakeaws.DropAfter: false} {
		c := start(t, fakeaws.Options{})
		c.cloud.S3.CreateBucket("b", false)
		c.cloud.Fault(fakeaws.Fault{Kind: kind})
		_, _ = c.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String("b")})
		if got := c.cloud.Calls()[0].Unseen; got != want {
			t.Errorf("%s: unseen %v, want %v", kind, got, want)
		}
	}
}

func TestAClientNoticesAByteThatChangedOnTheWay(t *testing.T) {
	c := start(t, fakeaws.Options{})
	c.cloud.S3.CreateBucket("b", false)
	c.cloud.S3.Put("b", "k", []byte("some text"), nil)
	c.cloud.Fault(fakeaws.Fault{Service: "s3", Kind: fakeaws.Corrupt})
	out, err := c.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k"), ChecksumMode: s3types.ChecksumModeEnabled})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	if text, err := io.ReadAll(out.Body); err == nil || !strings.Contains(err.Error(), "checksum") || string(text) == "some text" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestAReceiverGetsTheAttributesThatItAskedFor(t *testing.T) {
	c := start(t, fakeaws.Options{})
	dead := c.cloud.SQS.CreateQueue("dead", nil)
	c.cloud.SQS.CreateQueue("work", map[string]string{"VisibilityTimeout": "0", "RedrivePolicy": `{"deadLetterTargetArn":"` + dead + `","maxReceiveCount":1}`})
	c.cloud.SQS.Send("work", "m")
	for range 2 {
		c.cloud.SQS.Receive("work", 1)
	}
	deadURL := aws.String(c.url + "/111122223333/dead")
	receive := func(names ...sqstypes.MessageSystemAttributeName) map[string]string {
		out, err := c.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: deadURL, VisibilityTimeout: 0, MessageSystemAttributeNames: names})
		if err != nil || len(out.Messages) != 1 {
			t.Fatalf("%+v, %v", out, err)
		}
		c.cloud.SQS.Delete("dead", *out.Messages[0].ReceiptHandle)
		c.cloud.SQS.Send("dead", "m")
		return out.Messages[0].Attributes
	}
	source, err := c.sqs.ListDeadLetterSourceQueues(ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: deadURL})
	if err != nil || len(source.QueueUrls) != 1 || !strings.HasSuffix(source.QueueUrls[0], "/work") {
		t.Errorf("its letters come from %+v, %v", source, err)
	}
	got := receive(sqstypes.MessageSystemAttributeNameDeadLetterQueueSourceArn)
	if len(got) != 1 || !strings.HasSuffix(got["DeadLetterQueueSourceArn"], ":work") {
		t.Errorf("got %v", got)
	}
	if got := receive(); len(got) != 0 {
		t.Errorf("nothing was asked for, got %v", got)
	}
	if got := receive(sqstypes.MessageSystemAttributeNameAll); got["SentTimestamp"] == "" || got["DeadLetterQueueSourceArn"] != "" {
		t.Errorf("of a message that was sent here: %v", got)
	}
}
