// Package queue is a function's own SQS queue: where it sends messages to
// itself, and where it decides when a message that it returns comes again.
package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/keysmith/keysmith/shared/trigger"
)

// api is the part of *sqs.Client that this package calls.
type api interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
	ChangeMessageVisibility(context.Context, *sqs.ChangeMessageVisibilityInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error)
}

// A Queue is one SQS queue.
type Queue struct {
	api api
	url string
}

// New returns the queue with this URL. An empty URL is for a function that has
// no queue.
func New(api api, url string) *Queue { return &Queue{api, url} }

const (
	lateReconcile = 900 // seconds, the longest delay that SQS has
	callTimeout   = 5 * time.Second
)

// Later sends a reconcile of object, which comes when a put that may still land
// must have landed.
func (q *Queue) Later(ctx context.Context, object string) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := q.api.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &q.url, DelaySeconds: lateReconcile,
		MessageBody: aws.String(string(trigger.Reconcile(object, trigger.LatePut))),
	})
	if err != nil {
		return fmt.Errorf("queueing a reconcile of %s: %w", object, err)
	}
	return nil
}

// Delay lets a message that is returned come again later: 30 seconds for each
// time that it was received. Without a queue it does nothing. If it fails, the
// queue's own visibility timeout decides.
func (q *Queue) Delay(ctx context.Context, receipt string, receives int) error {
	if q.url == "" || receipt == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	seconds := min(30*receives, 12*60*60)
	_, err := q.api.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: &q.url, ReceiptHandle: &receipt, VisibilityTimeout: int32(seconds), //nolint:gosec // bounded above
	})
	return err
}
