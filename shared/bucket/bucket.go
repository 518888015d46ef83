// Package bucket is the policy bucket: the desired state of every key policy,
// one object a key, and the history of what was replaced.
package bucket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// MaxObject is the size in bytes beyond which an object is not read at all.
// A key policy has at most 32,768 bytes, so twice that is still told from
// something that was never meant to be one.
const MaxObject = 64 << 10

// ErrGone reports that the object is deleted: a delete marker is its newest version.
var ErrGone = errors.New("the object is deleted")

// ErrChanged reports that the object is not the version that was seen before.
var ErrChanged = errors.New("the object has changed")

// api is the part of *s3.Client that this package calls.
type api interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
	ListObjectVersions(context.Context, *s3.ListObjectVersionsInput, ...func(*s3.Options)) (*s3.ListObjectVersionsOutput, error)
}

// A Bucket reads and writes the objects of one bucket.
type Bucket struct {
	api   api
	Name  string
	owner *string // account that must own the bucket; nil if unknown
}

// New returns the bucket called name. With an owner, an account id, S3 refuses
// every call if the bucket belongs to somebody else: whoever re-creates a
// deleted bucket would otherwise control every key.
func New(api api, name, owner string) *Bucket {
	b := &Bucket{api: api, Name: name}
	if owner != "" {
		b.owner = aws.String(owner)
	}
	return b
}

// A Version names one version of an object. The zero value means: no object.
type Version struct{ ID, ETag string }

// An Object is one version of an object, read whole.
type Object struct {
	Version
	Key      string
	Bytes    []byte // nil where the object is larger than MaxObject
	Size     int64
	Modified time.Time
	Served   time.Time         // when S3 answered, by the clock that Modified is from; zero if it did not say
	Metadata map[string]string // names in lower case, as S3 returns them
	Encoding string            // Content-Encoding
}

// Read returns the object's newest version, its bytes and its version from one
// and the same answer. ErrGone means that it was deleted; an object larger
// than MaxObject comes without its bytes.
func (b *Bucket) Read(ctx context.Context, key string) (Object, error) {
	return b.read(ctx, key, nil)
}

// ReadVersion returns one version of the object.
func (b *Bucket) ReadVersion(ctx context.Context, key, version string) (Object, error) {
	return b.read(ctx, key, &version)
}

func (b *Bucket) read(ctx context.Context, key string, version *string) (Object, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := b.api.GetObject(ctx, &s3.GetObjectInput{
		Bucket: &b.Name, Key: &key, VersionId: version, ExpectedBucketOwner: b.owner,
	})
	if err != nil {
		return Object{}, gone(err)
	}
	defer out.Body.Close() // what it says is of no use: the bytes are read, or not wanted
	o := Object{
		Version: Version{aws.ToString(out.VersionId), aws.ToString(out.ETag)},
		Key:     key, Size: aws.ToInt64(out.ContentLength), Modified: aws.ToTime(out.LastModified),
		Metadata: out.Metadata, Encoding: aws.ToString(out.ContentEncoding),
	}
	o.Served, _ = awsmiddleware.GetServerTime(out.ResultMetadata)
	if o.Size > MaxObject {
		return o, nil
	}
	// The length is not trusted alone: never more than this is held.
	text := bytes.NewBuffer(make([]byte, 0, max(o.Size, 0)+bytes.MinRead))
	if _, err := text.ReadFrom(io.LimitReader(out.Body, MaxObject+1)); err != nil {
		return Object{}, fmt.Errorf("reading the body of %s: %w", key, err)
	}
	o.Bytes = text.Bytes()
	if len(o.Bytes) > MaxObject {
		o.Bytes, o.Size = nil, int64(len(o.Bytes))
	}
	return o, nil
}

// Head returns the newest version of the object, without its bytes.
func (b *Bucket) Head(ctx context.Context, key string) (Object, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return b.head(ctx, key, nil)
}

func (b *Bucket) head(ctx context.Context, key string, version *string) (Object, error) {
	out, err := b.api.HeadObject(ctx, &s3.HeadObjectInput{
		Bucket: &b.Name, Key: &key, VersionId: version, ExpectedBucketOwner: b.owner,
	})
	if err != nil {
		return Object{}, gone(err)
	}
	return Object{
		Version: Version{aws.ToString(out.VersionId), aws.ToString(out.ETag)},
		Key:     key, Modified: aws.ToTime(out.LastModified), Metadata: out.Metadata,
	}, nil
}

// callTimeout bounds every call, retries included: a hanging connection must
// not eat the time in which the others of a batch are proven.
const callTimeout = 5 * time.Second

// gone turns the answer that S3 gives for a delete marker into ErrGone.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html
func gone(err error) error {
	var re *smithyhttp.ResponseError
	if errors.As(err, &re) && re.HTTPStatusCode() == http.StatusNotFound &&
		re.Response.Header.Get("x-amz-delete-marker") == "true" {
		return ErrGone
	}
	return err
}

// Missing reports whether err says that there is no such object, deleted or not.
func Missing(err error) bool {
	var re *smithyhttp.ResponseError
	return errors.Is(err, ErrGone) || errors.As(err, &re) && re.HTTPStatusCode() == http.StatusNotFound
}

// Unlisted reports whether err says that this storage keeps no lists at all, as
// small emulators do not: what it holds can then not be asked for.
func Unlisted(err error) bool {
	var re *smithyhttp.ResponseError
	if !errors.As(err, &re) {
		return false
	}
	status := re.HTTPStatusCode()
	return status == http.StatusNotFound || status == http.StatusMethodNotAllowed || status == http.StatusNotImplemented
}

// Transient reports whether reading again may help: anything but a refusal by S3.
func Transient(err error) bool {
	var re *smithyhttp.ResponseError
	if !errors.As(err, &re) || wordless(err, re) {
		return true
	}
	status := re.HTTPStatusCode()
	return status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status < 400 // 0 is no answer at all
}

// Denied reports whether S3 refused for lack of a permission.
func Denied(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && (api.ErrorCode() == "AccessDenied" || api.ErrorCode() == "Forbidden") // the latter of a HEAD
}

// wordless reports whether an answer lacks the code that S3 gives with each
// refusal, except to a HEAD: something in between may have written it. The SDK
// then makes a code of the status, such as BadRequest.
func wordless(err error, re *smithyhttp.ResponseError) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return true
	}
	made := strings.ReplaceAll(http.StatusText(re.HTTPStatusCode()), " ", "")
	request := re.Response.Request
	return (api.ErrorCode() == made || api.ErrorCode() == "UnknownError") && (request == nil || request.Method != http.MethodHead)
}
