package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
)

// The stack names no requesters and no operators, so the principal that runs
// this is one that is not named, however much IAM allows it.

// denied turns what a call led to around: it must have been refused for want of
// permission.
func denied(err error) error {
	var refused smithy.APIError
	switch {
	case err == nil:
		return errors.New("it was allowed")
	case errors.As(err, &refused) && strings.HasPrefix(refused.ErrorCode(), "AccessDenied"):
		return nil
	}
	return err
}

func (a *account) inline(id string) map[string]any {
	return map[string]any{"key": a.key, "policy": json.RawMessage(a.policy(id))}
}

func (a *account) cannotRequest(ctx context.Context) error {
	detail, err := json.Marshal(a.inline("forged"))
	if err != nil {
		return err
	}
	_, err = a.events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{{
		EventBusName: aws.String(a.outputs["RequestBusArn"]), Source: aws.String("smoke"),
		DetailType: aws.String("KMS Key Policy Apply Requested"), Detail: aws.String(string(detail)),
	}}})
	return denied(err)
}

func (a *account) cannotSend(ctx context.Context) error {
	_, err := a.queues.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String(a.outputs["ApplyQueueUrl"]), MessageBody: aws.String("{}")})
	return denied(err)
}

func (a *account) cannotReceive(ctx context.Context) error {
	_, err := a.queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String(a.outputs["ApplyQueueUrl"])})
	return denied(err)
}

func (a *account) cannotRedrive(ctx context.Context) error {
	for _, output := range []string{"ApplyQueueUrl", "ApplyDeadLetterQueueUrl", "RuleDeadLetterQueueUrl", "InvokeDeadLetterQueueUrl"} {
		url := a.outputs[output]
		target := "arn:aws:sqs:" + a.region + ":" + a.id + ":" + url[strings.LastIndex(url, "/")+1:]
		made, err := a.queues.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String(name + "-planted"),
			Attributes: map[string]string{"RedrivePolicy": `{"deadLetterTargetArn": "` + target + `", "maxReceiveCount": "1"}`}})
		if err == nil {
			_, _ = a.queues.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: made.QueueUrl})
			return fmt.Errorf("%s accepts the dead letters of another queue", output)
		}
	}
	return nil
}

func (a *account) cannotInvoke(ctx context.Context) error {
	payload, err := json.Marshal(a.inline("forged"))
	if err != nil {
		return err
	}
	out, err := a.functions.Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String(a.outputs["ApplyFunctionArn"]), Payload: payload})
	if err != nil {
		return err
	}
	if !strings.Contains(string(out.Payload), "GUARDRAIL") {
		return fmt.Errorf("it answers %s", out.Payload)
	}
	now, err := a.inForce(ctx)
	if err == nil && now == "forged" {
		err = errors.New("the policy is in force")
	}
	return err
}
