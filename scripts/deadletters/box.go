package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
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
	// sources are the queues that SQS itself takes dead letters from.
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

// strange tells whether a letter came in another way than dead letters do:
// somebody sent it straight to the dead-letter queue, perhaps so that an
// operator would hand on what he himself may not send. What SQS says of a
// message nobody can forge; what EventBridge writes into one, anybody can who
// may send to its queue, so it counts only where SQS takes letters from nowhere.
func (b *box) strange(one letter) bool {
	if len(b.sources) > 0 {
		return one.Attributes["DeadLetterQueueSourceArn"] == ""
	}
	_, byEventBridge := one.MessageAttributes["RULE_ARN"]
	return !byEventBridge
}

// find asks SQS which queues the letters come from.
func (b *box) find(ctx context.Context) error {
	out, err := b.api.ListDeadLetterSourceQueues(ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: &b.url})
	if err != nil {
		return fmt.Errorf("asking which queue %s belongs to: %w", b.url, err)
	}
	b.sources = out.QueueUrls
	return nil
}

// source is the queue that the letters come from, as far as SQS knows it.
func (b *box) source() (string, error) {
	if len(b.sources) != 1 {
		return "", fmt.Errorf("%d queues send their dead letters to %s; name one with -queue", len(b.sources), b.url)
	}
	return b.sources[0], nil
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
