// Package config is the command that writes keysmith.yaml from a deployed stack.
//
// The command line agrees with the function only if it knows the function's
// settings. They are read from the function itself, not from the parameters of the
// stack, so that what was changed since by hand is seen as well.
package config

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"
	"github.com/spf13/cobra"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/awsaccount"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
)

// function is the logical id of the function that applies policies.
const function = "ApplyFunction"

// Command declares keysmith config.
func Command(env cli.Env) *cobra.Command {
	var stack, dir string
	c := &cobra.Command{
		Use:   "config --stack name",
		Short: "Write keysmith.yaml from the settings of a deployed stack",
		Long: `config reads the environment of the deployed function of a stack and writes
keysmith.yaml, so that all commands check policies as that function does. In an existing
file it keeps comments, and settings that the function does not have, such as guardrails
and exclude.

It needs cloudformation:DescribeStackResource and lambda:GetFunctionConfiguration, in the
account of the AWS credentials and the Region of AWS_REGION.

Exit codes: 0 written; 2 not written.`,
		Example: `  keysmith config --stack keysmith
  AWS_REGION=eu-west-1 keysmith config --stack keysmith --dir keys`,
		Args: cli.None("config"),
	}
	c.Flags().StringVar(&stack, "stack", "", "`name` of the stack")
	c.Flags().StringVar(&dir, "dir", ".", "`folder` of keysmith.yaml")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if stack == "" {
			return cli.Misuse("name the stack: --stack keysmith")
		}
		return write(c.Context(), env, stack, dir)
	}
	return c
}

func write(ctx context.Context, env cli.Env, stack, dir string) error {
	accounts, err := awsaccount.Open(ctx, "", awsaccount.Elsewhere{})
	if err != nil {
		return err
	}
	found, err := deployed(ctx, accounts, stack)
	if err != nil {
		return err
	}
	set, err := settings(found)
	if err != nil {
		return fmt.Errorf("the environment of %s: %w. Correct the parameters of the stack %s", found.arn, err, stack)
	}
	path := filepath.Join(dir, repoconfig.Name)
	changed, err := save(path, set)
	if err != nil {
		return err
	}
	for _, line := range changed {
		fmt.Fprintln(env.Out, line)
	}
	fmt.Fprintf(env.Out, "%s: as the function %s\n", filepath.ToSlash(path), found.arn)
	if found.variables["GUARDRAILS_DIR"] != "" && !has(path, "guardrails") {
		env.Say("the function also checks the guardrails of its layer. Set guardrails in %s to the folder that the layer is built from, such as shared/guardrails", path)
	}
	return nil
}

// source is a deployed function.
type source struct {
	arn             string
	account, region string
	variables       map[string]string
}

// deployed finds the function of a stack.
func deployed(ctx context.Context, accounts *awsaccount.Accounts, stack string) (source, error) {
	sdk := accounts.Config(accounts.Own, accounts.Region)
	place := awsaccount.Place{Account: accounts.Own, Region: accounts.Region, Action: "cloudformation:DescribeStackResource"}
	resource, err := cloudformation.NewFromConfig(sdk).DescribeStackResource(ctx, &cloudformation.DescribeStackResourceInput{
		StackName: &stack, LogicalResourceId: aws.String(function),
	})
	var refused smithy.APIError
	switch {
	case errors.As(err, &refused) && refused.ErrorCode() == "ValidationError" && strings.HasPrefix(refused.ErrorMessage(), "Stack"):
		return source{}, fmt.Errorf("%s: there is no stack %q. Name it as `aws cloudformation list-stacks` does, or set AWS_REGION to its Region", place, stack)
	case errors.As(err, &refused) && refused.ErrorCode() == "ValidationError":
		return source{}, fmt.Errorf("%s: the stack %q is not a deployment of keysmith: it has no %s", place, stack, function)
	case err != nil:
		return source{}, accounts.Trouble(err, place)
	}
	place.Action = "lambda:GetFunctionConfiguration"
	got, err := lambda.NewFromConfig(sdk).GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{
		FunctionName: resource.StackResourceDetail.PhysicalResourceId,
	})
	if err != nil {
		return source{}, accounts.Trouble(err, place)
	}
	parsed, err := arn.Parse(aws.ToString(got.FunctionArn))
	if err != nil {
		return source{}, fmt.Errorf("%s: Lambda names the function %q, which is no ARN", place, aws.ToString(got.FunctionArn))
	}
	s := source{arn: aws.ToString(got.FunctionArn), account: parsed.AccountID, region: parsed.Region}
	switch {
	case got.Environment == nil:
		return source{}, fmt.Errorf("%s: the function %s has no environment, so it is not a deployment of keysmith", place, s.arn)
	case got.Environment.Error != nil:
		return source{}, fmt.Errorf("%s: Lambda does not show the environment of %s: %s", place, s.arn, aws.ToString(got.Environment.Error.Message))
	}
	s.variables = got.Environment.Variables
	return s, nil
}
