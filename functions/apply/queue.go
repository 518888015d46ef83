package main

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/keysmith/keysmith/shared/trigger"
)

// queueAPI is the part of *sqs.Client that this package calls.
type queueAPI interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
	ChangeMessageVisibility(context.Context, *sqs.ChangeMessageVisibilityInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error)
}

// queue is the function's own queue.
type queue struct {
	api queueAPI
	url string
}

const (
	lateLook     = 900 // seconds, the longest delay that SQS has
	queueTimeout = 5 * time.Second
)

// Later makes keysmith look at object again when a put that may still land
// must have landed.
func (q *queue) Later(ctx context.Context, object string) error {
	ctx, cancel := context.WithTimeout(ctx, queueTimeout)
	defer cancel()
	_, err := q.api.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &q.url, DelaySeconds: lateLook,
		MessageBody: aws.String(string(trigger.Look(object, trigger.LatePut))),
	})
	if err != nil {
		return fmt.Errorf("queueing a look at %s: %w", object, err)
	}
	return nil
}

// comeBack makes a message that is handed back visible later, the later the
// oftener it came. Best effort: the queue's own visibility time-out holds else.
func (q *queue) comeBack(ctx context.Context, receipt string, receives int) error {
	if q.url == "" || receipt == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, queueTimeout)
	defer cancel()
	seconds := min(30*receives, 12*60*60)
	_, err := q.api.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: &q.url, ReceiptHandle: &receipt, VisibilityTimeout: int32(seconds), //nolint:gosec // bounded above
	})
	return err
}
