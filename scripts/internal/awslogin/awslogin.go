// Package awslogin reads the AWS configuration of the person who runs a script.
//
// The SDK finds out that there are no credentials or no Region only at the first
// call, after a warning and in a chain of errors that begins with that call. A
// person needs one sentence, before anything is done.
package awslogin

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"
)

// ErrNoRegion says that no Region is set.
var ErrNoRegion = errors.New("no AWS Region is set: export AWS_REGION, or set it in your profile")

// Load returns the configuration, or an error that says what to set. That there
// are credentials does not mean that AWS accepts them.
func Load(ctx context.Context) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithLogger(logging.Nop{}))
	if err != nil {
		return cfg, fmt.Errorf("reading the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return cfg, ErrNoRegion
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return cfg, fmt.Errorf("no AWS credentials were found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in again (%w)", innermost(err))
	}
	return cfg, nil
}

// innermost is the cause that a chain of errors begins with.
func innermost(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}
