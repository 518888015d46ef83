// Package policybucket opens the policy bucket for commands, and says what an error
// of S3 means for the person who called.
package policybucket

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/awsaccount"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/kmskey"
)

// A Bucket is the policy bucket of a deployment.
type Bucket struct {
	*bucket.Bucket
	owner string // the account that must own it; empty where that is not known
}

// Open makes sure that there is such a bucket, and that it belongs to the account
// of the deployment where that is known: the owner of the bucket controls the keys.
func Open(ctx context.Context, name, owner, region string) (*Bucket, error) {
	if name == "" {
		return nil, cli.Misuse("name the policy bucket: --bucket, or bucket in keysmith.yaml")
	}
	accounts, err := awsaccount.Open(ctx, region, awsaccount.Elsewhere{})
	if err != nil {
		return nil, err
	}
	api := accounts.S3("")
	b := &Bucket{bucket.New(api, name, owner), owner}
	in := &s3.HeadBucketInput{Bucket: &name}
	if owner != "" {
		in.ExpectedBucketOwner = &owner
	}
	_, err = api.HeadBucket(ctx, in)
	var answer *smithyhttp.ResponseError
	switch {
	case err == nil:
		return b, nil
	case !errors.As(err, &answer) || answer.HTTPStatusCode() == 0:
		return nil, b.Explain(err)
	}
	switch answer.HTTPStatusCode() {
	case http.StatusNotFound:
		return nil, fmt.Errorf("there is no bucket %s", name)
	case http.StatusMovedPermanently:
		return nil, fmt.Errorf("the bucket %s is in another Region than %s: set AWS_REGION", name, accounts.Region)
	case http.StatusForbidden:
		if owner == "" {
			return b, nil // who may not list may still read and write
		}
		return b, b.readable(ctx)
	}
	return nil, b.Explain(err)
}

// readable tells a bucket of another account from one that may only not be listed.
func (b *Bucket) readable(ctx context.Context) error {
	if _, err := b.Read(ctx, "status/sweep.json"); err != nil && !bucket.Missing(err) {
		return b.Explain(err)
	}
	return nil
}

// Explain says what an error means.
func (b *Bucket) Explain(err error) error {
	switch {
	case err == nil:
		return nil
	case bucket.Denied(err):
		whose := ""
		if b.owner != "" {
			whose = " The bucket must belong to account " + b.owner + " (account in keysmith.yaml or --account)."
		}
		return fmt.Errorf("S3 refuses access to the bucket %s: %s.%s Check the credentials, and PlanPrincipals and WriterPrincipals of the stack", b.Name, kmskey.Message(err), whose)
	case kmskey.Classify(err) == kmskey.NoCredentials:
		return fmt.Errorf("AWS did not take the credentials: %s. Renew them and run the command again: it continues where it stopped", kmskey.Message(err))
	}
	return err
}
