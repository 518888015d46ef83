package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// whoami shows where the deployment goes, before anything is done.
func (d *deployment) whoami(ctx context.Context) (account string, err error) {
	out, err := d.identity.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", fmt.Errorf("your AWS credentials do not work: %w", err)
	}
	d.say("account  %s\nRegion   %s\nas       %s\nstack    %s", aws.ToString(out.Account), d.region, aws.ToString(out.Arn), d.stack)
	return aws.ToString(out.Account), nil
}

// A stack is what CloudFormation says of a stack that is there.
type stack struct{ parameters, outputs map[string]string }

// current returns the stack as it is; nil where there is none. Every other
// trouble is an error: a stack that cannot be read must not be taken for a new one.
func (d *deployment) current(ctx context.Context) (*stack, error) {
	out, err := d.stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &d.stack})
	var refused smithy.APIError
	switch {
	case errors.As(err, &refused) && refused.ErrorCode() == "ValidationError" && strings.Contains(refused.ErrorMessage(), "does not exist"):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("reading the stack %s: %w", d.stack, err)
	case len(out.Stacks) != 1:
		return nil, fmt.Errorf("reading the stack %s: %d stacks have this name", d.stack, len(out.Stacks))
	case out.Stacks[0].StackStatus == "REVIEW_IN_PROGRESS": // only a change set was ever made
		return nil, nil
	}
	s := &stack{map[string]string{}, map[string]string{}}
	for _, p := range out.Stacks[0].Parameters {
		s.parameters[aws.ToString(p.ParameterKey)] = aws.ToString(p.ParameterValue)
	}
	for _, o := range out.Stacks[0].Outputs {
		s.outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	return s, nil
}

// output returns an output that must be there.
func (s *stack) output(name string) (string, error) {
	if v := s.outputs[name]; v != "" {
		return v, nil
	}
	return "", fmt.Errorf("the stack has no output %s", name)
}
