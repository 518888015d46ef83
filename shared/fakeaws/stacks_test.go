package fakeaws_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

func TestAStackLeadsToTheEnvironmentOfItsFunction(t *testing.T) {
	c := start(t, fakeaws.Options{})
	c.cloud.SetStack("keysmith", map[string]fakeaws.StackResource{
		"ApplyFunction": {Type: "AWS::Lambda::Function", PhysicalID: "keysmith-apply"},
	})
	c.cloud.Lambda.SetEnvironment("keysmith-apply", map[string]string{"POLICY_BUCKET": "b"})
	stacks, functions := cloudformation.NewFromConfig(config(c.url)), lambda.NewFromConfig(config(c.url))
	resource := func(stack, id string) (*cloudformation.DescribeStackResourceOutput, error) {
		return stacks.DescribeStackResource(ctx, &cloudformation.DescribeStackResourceInput{StackName: &stack, LogicalResourceId: &id})
	}
	found, err := resource("keysmith", "ApplyFunction")
	if err != nil {
		t.Fatal(err)
	}
	got, err := functions.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: found.StackResourceDetail.PhysicalResourceId})
	if err != nil || got.Environment.Variables["POLICY_BUCKET"] != "b" || !strings.Contains(aws.ToString(got.FunctionArn), ":111122223333:function:keysmith-apply") {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := resource("keysmiht", "ApplyFunction"); codeOf(err) != "ValidationError" || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("no such stack: %v", err)
	}
	if _, err := resource("keysmith", "Applyfunction"); codeOf(err) != "ValidationError" {
		t.Errorf("no such resource: %v", err)
	}
	if _, err := functions.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: aws.String("other")}); codeOf(err) != "ResourceNotFoundException" {
		t.Errorf("no such function: %v", err)
	}
}
