package queue

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Forward sends a message that another queue's function handles.
func (q *Queue) Forward(ctx context.Context, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	text := string(body)
	if _, err := q.api.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: &text}); err != nil {
		return fmt.Errorf("forwarding a message: %w", err)
	}
	return nil
}
