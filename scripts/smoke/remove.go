package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// remove takes everything away that was made here, also what outlives a stack on
// purpose, but for the log groups.
func (a *account) remove(ctx context.Context) error {
	var errs []error
	if a.key != "" {
		_, err := a.keys.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: &a.key, PendingWindowInDays: aws.Int32(7)})
		errs = append(errs, err)
	}
	if a.results != "" {
		_, err := a.events.RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: aws.String(name), Ids: []string{"results"}})
		_, err2 := a.events.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: aws.String(name)})
		_, err3 := a.queues.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: &a.results})
		errs = append(errs, err, err2, err3)
	}
	if len(a.outputs) == 0 {
		return errors.Join(errs...)
	}
	_, err := a.stacks.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: aws.String(name)})
	if err == nil {
		err = cloudformation.NewStackDeleteCompleteWaiter(a.stacks).Wait(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String(name)}, 30*time.Minute)
	}
	errs = append(errs, err, a.removeBucket(ctx), a.removeRole(ctx))
	fmt.Fprintln(a.out, "the log groups are left:", a.outputs["ApplyLogGroup"], a.outputs["ResultLogGroup"])
	return errors.Join(errs...)
}

func (a *account) removeBucket(ctx context.Context) error {
	bucket := a.outputs["PolicyBucketName"]
	if _, err := a.objects.DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: &bucket}); err != nil {
		return fmt.Errorf("removing the bucket's policy: %w", err)
	}
	pages := s3.NewListObjectVersionsPaginator(a.objects, &s3.ListObjectVersionsInput{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("emptying the bucket: %w", err)
		}
		var ids []types.ObjectIdentifier
		for _, v := range page.Versions {
			ids = append(ids, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			ids = append(ids, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		for _, id := range ids {
			if _, err := a.objects.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: id.Key, VersionId: id.VersionId}); err != nil {
				return fmt.Errorf("emptying the bucket: %w", err)
			}
		}
	}
	_, err := a.objects.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &bucket})
	return err
}

// removeRole deletes the role that the stack leaves behind, with its policies.
func (a *account) removeRole(ctx context.Context) error {
	arn := a.outputs["ApplyRoleArn"]
	role := arn[strings.LastIndex(arn, "/")+1:]
	list, err := a.roles.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: &role})
	if err != nil {
		return fmt.Errorf("removing the role %s: %w", role, err)
	}
	for _, policy := range list.PolicyNames {
		if _, err := a.roles.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &role, PolicyName: &policy}); err != nil {
			return fmt.Errorf("removing the role %s: %w", role, err)
		}
	}
	_, err = a.roles.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &role})
	return err
}
