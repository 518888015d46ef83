package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// prepare makes the key, with the policy that KMS gives it, and a queue for the
// results.
func (a *account) prepare(ctx context.Context) error {
	made, err := a.keys.CreateKey(ctx, &kms.CreateKeyInput{
		Description: aws.String("made by keysmith's smoke test"),
		Tags:        []kmstypes.Tag{{TagKey: aws.String("managed-by"), TagValue: aws.String(name)}},
	})
	if err != nil {
		return fmt.Errorf("making a key: %w", err)
	}
	a.key = aws.ToString(made.KeyMetadata.KeyId)
	rule, err := a.events.PutRule(ctx, &eventbridge.PutRuleInput{Name: aws.String(name), EventPattern: aws.String(`{"source": ["keysmith"]}`)})
	if err != nil {
		return fmt.Errorf("making a rule: %w", err)
	}
	queue := "arn:aws:sqs:" + a.region + ":" + a.id + ":" + name
	out, err := a.queues.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String(name), Attributes: map[string]string{
		"Policy": `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "` +
			queue + `", "Condition": {"ArnEquals": {"aws:SourceArn": "` + aws.ToString(rule.RuleArn) + `"}}}]}`,
	}})
	if err != nil {
		return fmt.Errorf("making a queue: %w", err)
	}
	a.results = aws.ToString(out.QueueUrl)
	_, err = a.events.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: aws.String(name), Targets: []ebtypes.Target{{Id: aws.String("results"), Arn: &queue}}})
	return err
}

// policy is one that anybody would accept: the account alone. Its Id tells it
// from the others.
func (a *account) policy(id string) string {
	return `{"Version": "2012-10-17", "Id": "` + id + `", "Statement": [{"Sid": "account", "Effect": "Allow",
  "Principal": {"AWS": "arn:aws:iam::` + a.id + `:root"}, "Action": "kms:*", "Resource": "*"}]}`
}

func (a *account) upload(ctx context.Context, id string) error {
	_, err := a.objects.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(a.outputs["PolicyBucketName"]),
		Key: aws.String("policies/" + a.key + ".json"), Body: strings.NewReader(a.policy(id))})
	return err
}

// inForce is the Id of the policy that KMS serves.
func (a *account) inForce(ctx context.Context) (string, error) {
	out, err := a.keys.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &a.key, PolicyName: aws.String("default")})
	if err != nil {
		return "", err
	}
	var p struct{ ID string }
	err = json.Unmarshal([]byte(aws.ToString(out.Policy)), &p)
	return p.ID, err
}

// plans uploads again and again: S3 sends no events for some minutes after its
// notifications were set up.
func (a *account) plans(ctx context.Context) error {
	before, err := a.inForce(ctx)
	if err != nil {
		return err
	}
	end := time.Now().Add(a.patience)
	for time.Now().Before(end) {
		if err := a.upload(ctx, "first"); err != nil {
			return fmt.Errorf("uploading: %w", err)
		}
		if a.hears(ctx, "KMS Key Policy Planned", time.Minute) {
			now, err := a.inForce(ctx)
			if err == nil && now != before {
				err = errors.New("the key's policy has changed")
			}
			return err
		}
	}
	return fmt.Errorf("no Planned event in %s", a.patience)
}

// hears waits for a result event of the key.
func (a *account) hears(ctx context.Context, kind string, most time.Duration) bool {
	for end := time.Now().Add(most); time.Now().Before(end) && ctx.Err() == nil; {
		out, err := a.queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &a.results, MaxNumberOfMessages: 10, WaitTimeSeconds: 5})
		if err != nil {
			return false
		}
		for _, m := range out.Messages {
			_, _ = a.queues.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &a.results, ReceiptHandle: m.ReceiptHandle})
			if text := []byte(aws.ToString(m.Body)); bytes.Contains(text, []byte(kind)) && bytes.Contains(text, []byte(a.key)) {
				return true
			}
		}
	}
	return false
}

// isApplied waits until KMS serves the policy.
func (a *account) isApplied(id string) func(context.Context) error {
	return func(ctx context.Context) error {
		for end := time.Now().Add(a.patience); time.Now().Before(end); {
			if now, err := a.inForce(ctx); err == nil && now == id {
				return nil
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(3 * time.Second):
			}
		}
		return fmt.Errorf("not in %s", a.patience)
	}
}

func (a *account) applies(id string) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := a.upload(ctx, id); err != nil {
			return err
		}
		return a.isApplied(id)(ctx)
	}
}

// pause is how long a paused stack is watched.
const pause = time.Minute

func (a *account) waits(id string) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := a.upload(ctx, id); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(pause, a.patience)):
		}
		now, err := a.inForce(ctx)
		if err == nil && now == id {
			err = errors.New("it was applied")
		}
		return err
	}
}

// hasTrail: changes made past keysmith are reported by CloudTrail only where a
// trail takes management events, and does not leave those of KMS out.
func (a *account) hasTrail(ctx context.Context) error {
	out, err := a.trails.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})
	if err != nil {
		return err
	}
	for _, t := range out.TrailList {
		status, err := a.trails.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: t.TrailARN})
		if err != nil || !aws.ToBool(status.IsLogging) {
			continue
		}
		chosen, err := a.trails.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: t.TrailARN})
		if err == nil && takesKMS(chosen) {
			return nil
		}
	}
	return fmt.Errorf("none of %d trails does", len(out.TrailList))
}

func takesKMS(chosen *cloudtrail.GetEventSelectorsOutput) bool {
	for _, s := range chosen.EventSelectors {
		if aws.ToBool(s.IncludeManagementEvents) && string(s.ReadWriteType) != "ReadOnly" && !contains(s.ExcludeManagementEventSources, "kms.amazonaws.com") {
			return true
		}
	}
	for _, s := range chosen.AdvancedEventSelectors {
		management, without := false, false
		for _, f := range s.FieldSelectors {
			field := aws.ToString(f.Field)
			management = management || field == "eventCategory" && contains(f.Equals, "Management")
			without = without || field == "eventSource" && contains(f.NotEquals, "kms.amazonaws.com") || field == "readOnly" && contains(f.Equals, "true")
		}
		if management && !without {
			return true
		}
	}
	return false
}

func contains(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return false
}
