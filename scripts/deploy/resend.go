package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/keysmith/keysmith/shared/target"
)

// tryOut invokes the function once with a heartbeat, which does nothing but prove
// that the function starts and knows its bucket.
func (d *deployment) tryOut(ctx context.Context, now *stack) error {
	bucket, err := now.output("PolicyBucketName")
	if err != nil {
		return err
	}
	heartbeat := map[string]any{"source": "aws.s3", "detail-type": "Object Created", "detail": map[string]any{
		"bucket": map[string]string{"name": bucket}, "object": map[string]string{"key": "canary/heartbeat.json"},
	}}
	answer, err := d.invoke(ctx, now, heartbeat)
	switch {
	case err == nil:
		d.say("the function starts: %s", answer)
		return nil
	case now.parameters["Mode"] == "paused" && strings.Contains(err.Error(), "paused"):
		d.say("the function starts, and is paused")
		return nil
	}
	return fmt.Errorf("the stack is deployed, but its function does not work: %w", err)
}

func (d *deployment) invoke(ctx context.Context, now *stack, payload any) (answer []byte, err error) {
	name, err := now.output("ApplyFunctionArn")
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(payload)
	if err != nil {
		return nil, err
	}
	out, err := d.function.Invoke(ctx, &lambda.InvokeInput{FunctionName: &name, Payload: text})
	switch {
	case err != nil:
		return nil, fmt.Errorf("invoking %s: %w", name, err)
	case out.FunctionError != nil:
		return nil, fmt.Errorf("it answers: %s", out.Payload)
	}
	return out.Payload, nil
}

// A request is the detail of a request that names an object.
type request struct {
	Object string `json:"object"`
}

// resend sends a request for every policy in the bucket. S3 sends no events for
// some minutes after a bucket was made, and what was uploaded in plan mode was
// answered then and is not looked at again by itself.
func (d *deployment) resend(ctx context.Context, now *stack) error {
	if now.parameters["Mode"] == "paused" {
		d.say("the stack is paused: run make resend after it is resumed, if uploads may have been missed")
		return nil
	}
	requests, err := d.objects(ctx, now)
	if err != nil || len(requests) == 0 {
		return err
	}
	queue, err := now.output("ApplyQueueUrl")
	if err != nil {
		return err
	}
	err = d.enqueue(ctx, queue, requests)
	var refused smithy.APIError
	if errors.As(err, &refused) && strings.HasPrefix(refused.ErrorCode(), "AccessDenied") {
		d.say("you are not one of OperatorPrincipals, so the function is invoked directly, a few objects at a time")
		return d.direct(ctx, now, requests)
	}
	if err == nil {
		d.say("%d requests were sent to the queue; the results are on the result bus", len(requests))
	}
	return err
}

// objects are requests for all policies. Accounts and Regions take turns, so that
// the function uses the quotas of all of them.
func (d *deployment) objects(ctx context.Context, now *stack) (list []request, err error) {
	bucket, err := now.output("PolicyBucketName")
	if err != nil {
		return nil, err
	}
	pages := s3.NewListObjectsV2Paginator(d.bucket, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: aws.String("policies/")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing the policies in %s: %w", bucket, err)
		}
		for _, o := range page.Contents {
			list = append(list, request{aws.ToString(o.Key)})
		}
	}
	return target.Spread(list, func(r request) string { return r.Object }), nil
}

const perCall = 10

func (d *deployment) enqueue(ctx context.Context, queue string, requests []request) error {
	for begin := 0; begin < len(requests); begin += perCall {
		var entries []types.SendMessageBatchRequestEntry
		for i, r := range requests[begin:min(begin+perCall, len(requests))] {
			body, err := json.Marshal(r)
			if err != nil {
				return err
			}
			entries = append(entries, types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(string(body))})
		}
		out, err := d.queue.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &queue, Entries: entries})
		if err != nil {
			return fmt.Errorf("sending requests to the queue: %w", err)
		}
		if len(out.Failed) > 0 {
			return fmt.Errorf("sending requests to the queue: SQS did not accept %d of %d: %s; run make resend again",
				len(out.Failed), len(entries), aws.ToString(out.Failed[0].Message))
		}
	}
	return nil
}

// together is how many objects one invocation is given: it has two minutes, and
// its share of the quota lets it put a few keys a second.
const together = 20

// direct gives the objects to the function itself, one invocation after the
// other, so that no more puts are made than one instance's share.
func (d *deployment) direct(ctx context.Context, now *stack, requests []request) error {
	var errs []error
	for begin := 0; begin < len(requests); begin += together {
		some := requests[begin:min(begin+together, len(requests))]
		if _, err := d.invoke(ctx, now, some); err != nil {
			errs = append(errs, fmt.Errorf("%s and up to %d more: %w", some[0].Object, len(some)-1, err))
		}
	}
	d.say("%d objects were sent to the function; the results are on the result bus", len(requests))
	return errors.Join(errs...)
}
