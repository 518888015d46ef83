package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// A box is a dead-letter queue.
type box struct {
	api *sqs.Client
	url string
	// wait is how many seconds SQS may look for more letters: without any, an
	// answer may leave out some that are there.
	wait int32
	// queues are those that SQS itself takes dead letters from, by URL.
	queues []string
	// sources are the ARNs that letters may come from: queues, rules, functions.
	// Empty: not named on the command line.
	sources []string
}

type letter = types.Message

const (
	// hidden is how long letters are kept from others while they are looked
	// at; it is also when they come back if this program is killed.
	hidden  = 300 // seconds
	perCall = 10
)

// open takes every letter that is there, each once. They stay in the queue.
func (b *box) open(ctx context.Context) ([]letter, error) {
	var letters []letter
	seen := map[string]bool{}
	for {
		out, err := b.api.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &b.url, MaxNumberOfMessages: perCall, VisibilityTimeout: hidden, WaitTimeSeconds: b.wait,
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
			MessageAttributeNames:       []string{"All"},
		})
		if err != nil {
			return letters, fmt.Errorf("receiving from %s: %w", b.url, err)
		}
		if len(out.Messages) == 0 {
			return letters, nil
		}
		for _, one := range out.Messages {
			if !seen[aws.ToString(one.MessageId)] {
				seen[aws.ToString(one.MessageId)] = true
				letters = append(letters, one)
			}
		}
	}
}

// putBack makes letters visible to others at once.
func (b *box) putBack(ctx context.Context, letters []letter) error {
	// Also after an interruption: they need not wait for their time-out.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	var errs []error
	for begin := 0; begin < len(letters); begin += perCall {
		some := letters[begin:min(begin+perCall, len(letters))]
		entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, len(some))
		for i, one := range some {
			entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: one.ReceiptHandle}
		}
		_, err := b.api.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &b.url, Entries: entries})
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("putting messages back, they will be visible in %d s: %w", hidden, err)
	}
	return nil
}

// strange says why a letter did not come the way in which this queue gets its
// letters; empty where it did. Somebody may have planted it, so that an operator
// sends on what he himself may not send.
//
// What SQS says of a message nobody can forge: it was moved here from the queue
// that its attribute names, or it was sent here. What EventBridge and Lambda
// write into one, anybody can write who may send to their queue, which its policy
// says. In their queues a letter that came by redrive is always planted.
func (b *box) strange(one letter) string {
	from := one.Attributes["DeadLetterQueueSourceArn"]
	sent := "sent straight to the dead-letter queue by " + one.Attributes["SenderId"]
	if len(b.queues) > 0 {
		switch {
		case from == "":
			return sent
		case len(b.sources) == 0 && len(b.queues) == 1 && isQueue(b.queues[0], from), slices.Contains(b.sources, from):
			return ""
		}
		return "was moved here from " + from + ", which is not the expected source"
	}
	if from != "" {
		return "was moved here from " + from + ", and this queue accepts none from other queues"
	}
	by := sender(one)
	switch {
	case by == "":
		return sent
	case len(b.sources) > 0 && !slices.Contains(b.sources, by):
		return "is from " + by + ", which is not the expected source"
	}
	return ""
}

// sender is the rule or the function that a letter says it is from.
func sender(one letter) string {
	if rule, ok := one.MessageAttributes["RULE_ARN"]; ok {
		return aws.ToString(rule.StringValue)
	}
	var record struct {
		RequestContext struct{ FunctionArn string }
	}
	if json.Unmarshal([]byte(aws.ToString(one.Body)), &record) != nil {
		return ""
	}
	// A version or an alias may follow the name.
	parts := strings.Split(record.RequestContext.FunctionArn, ":")
	return strings.Join(parts[:min(len(parts), 7)], ":")
}

// isQueue reports whether a URL is that of the queue with an ARN.
func isQueue(url, arn string) bool {
	p := strings.Split(arn, ":")
	return len(p) == 6 && strings.HasSuffix(url, "/"+p[4]+"/"+p[5])
}

// find asks SQS which queues the letters come from.
func (b *box) find(ctx context.Context) error {
	out, err := b.api.ListDeadLetterSourceQueues(ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: &b.url})
	if err != nil {
		return fmt.Errorf("asking which queue %s belongs to: %w", b.url, err)
	}
	b.queues = out.QueueUrls
	if len(b.queues) > 1 && len(b.sources) == 0 {
		return fmt.Errorf("%d queues send their dead letters to %s, and one of them may exist only to insert messages; name the right one with -source", len(b.queues), b.url)
	}
	return nil
}

// source is the queue to send the letters back to, as far as SQS knows it.
func (b *box) source() (string, error) {
	var known []string
	for _, url := range b.queues {
		if len(b.sources) == 0 || slices.ContainsFunc(b.sources, func(arn string) bool { return isQueue(url, arn) }) {
			known = append(known, url)
		}
	}
	if len(known) != 1 {
		return "", fmt.Errorf("%d queues send their dead letters to %s; name one with -queue", len(known), b.url)
	}
	return known[0], nil
}

// send sends a letter to a queue and only then deletes it here. Whatever
// happens in between, it is in one of the two, and at worst in both, which
// does no harm: keysmith looks at the object as it then is.
func (b *box) send(ctx context.Context, queue string, one letter) error {
	if _, err := b.api.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: one.Body}); err != nil {
		return fmt.Errorf("sending %s to %s: %w", aws.ToString(one.MessageId), queue, err)
	}
	if _, err := b.api.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &b.url, ReceiptHandle: one.ReceiptHandle}); err != nil {
		return fmt.Errorf("deleting %s, which was sent and may now be in both queues: %w", aws.ToString(one.MessageId), err)
	}
	return nil
}
