package bucket

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Deleted returns when the object was deleted, where a delete marker is its
// newest version.
func (b *Bucket) Deleted(ctx context.Context, key string) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := b.api.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{
		Bucket: &b.Name, Prefix: &key, ExpectedBucketOwner: b.owner,
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("listing the versions of %s: %w", key, err)
	}
	for _, m := range out.DeleteMarkers {
		if aws.ToString(m.Key) == key && aws.ToBool(m.IsLatest) {
			return aws.ToTime(m.LastModified), nil
		}
	}
	return time.Time{}, nil
}

// Versions returns the latest versions of the object, newest first, without
// their bytes: at most most of them, and no delete markers.
func (b *Bucket) Versions(ctx context.Context, key string, most int32) ([]Object, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := b.api.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{
		Bucket: &b.Name, Prefix: &key, MaxKeys: &most, ExpectedBucketOwner: b.owner,
	})
	if err != nil {
		return nil, fmt.Errorf("listing the versions of %s: %w", key, err)
	}
	var objects []Object
	for _, v := range out.Versions {
		if aws.ToString(v.Key) != key {
			continue
		}
		o, err := b.head(ctx, key, v.VersionId)
		if err != nil {
			return nil, fmt.Errorf("reading version %s of %s: %w", aws.ToString(v.VersionId), key, err)
		}
		objects = append(objects, o)
	}
	return objects, nil
}

// Before returns the id of what the newest version of an object replaced, which
// may be a delete marker; empty if nothing was there. It is an error if newest is
// not the id of the newest version.
func (b *Bucket) Before(ctx context.Context, key, newest string) (id string, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := b.api.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{
		Bucket: &b.Name, Prefix: &key, MaxKeys: aws.Int32(2), ExpectedBucketOwner: b.owner,
	})
	if err != nil {
		return "", fmt.Errorf("listing the versions of %s: %w", key, err)
	}
	found := false
	for _, v := range out.Versions {
		switch {
		case aws.ToString(v.Key) != key:
		case aws.ToBool(v.IsLatest):
			found = newest != "" && aws.ToString(v.VersionId) == newest
		default:
			id = aws.ToString(v.VersionId)
		}
	}
	for _, m := range out.DeleteMarkers {
		if aws.ToString(m.Key) == key && !aws.ToBool(m.IsLatest) {
			id = aws.ToString(m.VersionId)
		}
	}
	if !found {
		return "", ErrChanged
	}
	return id, nil
}

// After returns the keys under prefix that come after a name, in their order,
// at most most of them.
func (b *Bucket) After(ctx context.Context, prefix, name string, most int32) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := b.api.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
		Bucket: &b.Name, Prefix: &prefix, StartAfter: aws.String(prefix + name), MaxKeys: &most, ExpectedBucketOwner: b.owner,
	})
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", prefix, err)
	}
	var keys []string
	for _, o := range out.Contents {
		keys = append(keys, aws.ToString(o.Key))
	}
	return keys, nil
}

// Page returns the keys under prefix that come after a key, in their order, as
// many as one call gives, and whether there are more.
func (b *Bucket) Page(ctx context.Context, prefix, after string) (keys []string, more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := b.api.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
		Bucket: &b.Name, Prefix: &prefix, StartAfter: &after, ExpectedBucketOwner: b.owner,
	})
	if err != nil {
		return nil, false, fmt.Errorf("listing %s: %w", prefix, err)
	}
	for _, o := range out.Contents {
		keys = append(keys, aws.ToString(o.Key))
	}
	return keys, aws.ToBool(out.IsTruncated), nil
}
