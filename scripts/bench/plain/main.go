// Command plain is the Lambda function that one would write first: the SDK as
// its documentation shows it, the same calls in the same order, and no check of
// anything. It tells how much of keysmith's time is the SDK's.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		slog.Error("starting", "err", err)
		os.Exit(1)
	}
	p := plain{
		bus:    os.Getenv("RESULT_BUS"),
		kms:    kms.NewFromConfig(cfg),
		events: eventbridge.NewFromConfig(cfg),
		s3: s3.NewFromConfig(cfg, func(o *s3.Options) {
			o.UsePathStyle = true
			o.DisableLogOutputChecksumValidationSkipped = true
		}),
	}
	lambda.Start(p.handle)
}

type plain struct {
	bus    string
	kms    *kms.Client
	s3     *s3.Client
	events *eventbridge.Client
}

// upload is the part of S3's event that says which object it is about.
type upload struct {
	Detail struct {
		Bucket struct{ Name string }
		Object struct{ Key string }
	}
}

func (p plain) handle(ctx context.Context, event upload) error {
	object := event.Detail.Object.Key
	key := strings.TrimSuffix(path.Base(object), ".json")
	policy, err := p.read(ctx, event.Detail.Bucket.Name, object)
	if err != nil {
		return err
	}
	if _, err := p.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &key}); err != nil {
		return fmt.Errorf("looking at %s: %w", key, err)
	}
	if err := p.lookAtPolicy(ctx, key); err != nil {
		return err
	}
	if err := p.held(ctx, event.Detail.Bucket.Name, "holds/"+object); err != nil {
		return err
	}
	_, err = p.kms.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &key, PolicyName: aws.String("default"), Policy: &policy})
	if err != nil {
		return fmt.Errorf("putting the policy of %s: %w", key, err)
	}
	if _, err := p.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &event.Detail.Bucket.Name, Key: &object}); err != nil {
		return fmt.Errorf("looking at %s again: %w", object, err)
	}
	if err := p.lookAtPolicy(ctx, key); err != nil {
		return err
	}
	if err := p.report(ctx, key); err != nil {
		return err
	}
	return p.note(ctx, event.Detail.Bucket.Name, object)
}

// held is nil where there is no hold.
func (p plain) held(ctx context.Context, bucket, hold string) error {
	_, err := p.read(ctx, bucket, hold)
	var missing *s3types.NoSuchKey
	if errors.As(err, &missing) {
		return nil
	}
	return cmp.Or(err, errors.New(hold+" is there"))
}

// note replaces the status of the object.
func (p plain) note(ctx context.Context, bucket, object string) error {
	status := "status/" + object
	before, err := p.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &status})
	var missing *s3types.NoSuchKey
	put := &s3.PutObjectInput{Bucket: &bucket, Key: &status, Body: strings.NewReader(`{"outcome":"Applied"}`)}
	switch {
	case errors.As(err, &missing):
		put.IfNoneMatch = aws.String("*")
	case err != nil:
		return fmt.Errorf("reading %s: %w", status, err)
	default:
		_, _ = io.Copy(io.Discard, before.Body)
		_ = before.Body.Close()
		put.IfMatch = before.ETag
	}
	if _, err := p.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &object}); err != nil {
		return fmt.Errorf("looking at %s again: %w", object, err)
	}
	if _, err := p.s3.PutObject(ctx, put); err != nil {
		return fmt.Errorf("writing %s: %w", status, err)
	}
	return nil
}

func (p plain) read(ctx context.Context, bucket, object string) (string, error) {
	out, err := p.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &object})
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", object, err)
	}
	text, err := io.ReadAll(out.Body)
	_ = out.Body.Close()
	return string(text), err
}

func (p plain) lookAtPolicy(ctx context.Context, key string) error {
	_, err := p.kms.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &key, PolicyName: aws.String("default")})
	if err != nil {
		return fmt.Errorf("reading the policy of %s: %w", key, err)
	}
	return nil
}

func (p plain) report(ctx context.Context, key string) error {
	out, err := p.events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		EventBusName: &p.bus,
		Source:       aws.String("plain"),
		DetailType:   aws.String("Applied"),
		Detail:       aws.String(`{"key":"` + key + `"}`),
	}}})
	if err == nil && out.FailedEntryCount > 0 {
		err = fmt.Errorf("reporting on %s: the bus refused", key)
	}
	return err
}
