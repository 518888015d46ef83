package bucket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const contentType = "application/json"

// Replace stores body as the newest version of key, but only if the newest one
// is still the one that was seen (the zero Version: none). ErrChanged means
// that somebody else was faster and nothing was stored.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
func (b *Bucket) Replace(ctx context.Context, key string, body []byte, metadata map[string]string, seen Version) (Version, error) {
	in := &s3.PutObjectInput{Metadata: metadata}
	if seen == (Version{}) {
		in.IfNoneMatch = aws.String("*")
	} else {
		in.IfMatch = &seen.ETag
	}
	return b.put(ctx, key, body, in, once)
}

// once keeps the SDK from storing a second time what may be stored already:
// where somebody deleted it in between, the condition would hold again.
func once(o *s3.Options) { o.Retryer = aws.NopRetryer{} }

// Keep stores body under key, for good: history is only ever added to. It
// returns ErrChanged where key is taken.
func (b *Bucket) Keep(ctx context.Context, key string, body []byte, metadata map[string]string) error {
	_, err := b.put(ctx, key, body, &s3.PutObjectInput{Metadata: metadata, IfNoneMatch: aws.String("*")})
	if err != nil {
		return fmt.Errorf("keeping %s: %w", key, err)
	}
	return nil
}

func (b *Bucket) put(ctx context.Context, key string, body []byte, in *s3.PutObjectInput, options ...func(*s3.Options)) (Version, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	in.Bucket, in.Key, in.ExpectedBucketOwner = &b.Name, &key, b.owner
	in.Body, in.ContentType = bytes.NewReader(body), aws.String(contentType)
	out, err := b.api.PutObject(ctx, in, options...)
	if err != nil {
		return Version{}, changed(err)
	}
	return Version{aws.ToString(out.VersionId), aws.ToString(out.ETag)}, nil
}

// changed turns what S3 answers to a failed condition into ErrChanged: 412, or
// 409 where another write was under way, or 404 where the version is gone.
func changed(err error) error {
	var re *smithyhttp.ResponseError
	if !errors.As(err, &re) {
		return err
	}
	switch re.HTTPStatusCode() {
	case http.StatusPreconditionFailed, http.StatusConflict, http.StatusNotFound:
		return ErrChanged
	}
	return err
}
