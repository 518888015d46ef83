package fakeaws_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// bucketB is a cloud with the versioned bucket b.
func bucketB(t *testing.T) clients {
	t.Helper()
	c := start(t, fakeaws.Options{})
	c.cloud.S3.CreateBucket("b", true)
	return c
}

func TestEveryChecksumOfTheSDKIsChecked(t *testing.T) {
	c := bucketB(t)
	for _, algorithm := range []s3types.ChecksumAlgorithm{
		s3types.ChecksumAlgorithmCrc32, s3types.ChecksumAlgorithmCrc32c, s3types.ChecksumAlgorithmCrc64nvme,
		s3types.ChecksumAlgorithmSha1, s3types.ChecksumAlgorithmSha256,
	} {
		_, err := c.s3.PutObject(ctx, &s3.PutObjectInput{
			Bucket: aws.String("b"), Key: aws.String("k"), Body: strings.NewReader(`{"a":1}`), ChecksumAlgorithm: algorithm,
		})
		if err != nil {
			t.Errorf("%s: %v", algorithm, err)
			continue
		}
		out, err := c.s3.GetObject(ctx, &s3.GetObjectInput{
			Bucket: aws.String("b"), Key: aws.String("k"), ChecksumMode: s3types.ChecksumModeEnabled,
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(out.Body); err != nil {
			t.Errorf("%s: the SDK refuses what it reads: %v", algorithm, err)
		}
	}
}

func TestListsComeInPages(t *testing.T) {
	c := bucketB(t)
	for i := range 7 {
		c.cloud.S3.Put("b", fmt.Sprintf("policies/%d.json", i), []byte("{}"), nil)
	}
	c.cloud.S3.Put("b", "plans/x.json", []byte("{}"), nil)
	c.cloud.S3.Delete("b", "policies/3.json")
	var keys []string
	pages := s3.NewListObjectsV2Paginator(c.s3, &s3.ListObjectsV2Input{
		Bucket: aws.String("b"), Prefix: aws.String("policies/"), MaxKeys: aws.Int32(4),
	})
	n := 0
	for ; pages.HasMorePages(); n++ {
		page, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page.Contents {
			keys = append(keys, aws.ToString(o.Key))
		}
	}
	want := "policies/0.json policies/1.json policies/2.json policies/4.json policies/5.json policies/6.json"
	if got := strings.Join(keys, " "); got != want || n != 2 {
		t.Errorf("got %s in %d pages", got, n)
	}
	folders, err := c.s3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("b"), Delimiter: aws.String("/")})
	if err != nil || len(folders.CommonPrefixes) != 2 || len(folders.Contents) != 0 {
		t.Errorf("got %+v, %v", folders, err)
	}
}

func TestVersionsAreListedNewestFirst(t *testing.T) {
	c := bucketB(t)
	first := c.cloud.S3.Put("b", "k", []byte("1"), nil)
	second := c.cloud.S3.Put("b", "k", []byte("2"), nil)
	c.cloud.S3.Delete("b", "k")
	out, err := c.s3.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: aws.String("b")})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Versions) != 2 || aws.ToString(out.Versions[0].VersionId) != second || aws.ToString(out.Versions[1].VersionId) != first {
		t.Errorf("got %+v", out.Versions)
	}
	if len(out.DeleteMarkers) != 1 || !aws.ToBool(out.DeleteMarkers[0].IsLatest) {
		t.Errorf("got %+v", out.DeleteMarkers)
	}
	// Deleting the marker brings the object back.
	_, err = c.s3.DeleteObject(ctx, &s3.DeleteObjectInput{
		Bucket: aws.String("b"), Key: aws.String("k"), VersionId: out.DeleteMarkers[0].VersionId,
	})
	if got, ok := c.cloud.S3.Get("b", "k"); err != nil || !ok || got.VersionID != second {
		t.Errorf("got %+v, %v, %v", got, ok, err)
	}
}

func TestAWriteOnAConditionIsRefusedToTheSDK(t *testing.T) {
	c := bucketB(t)
	put := func(in s3.PutObjectInput) string {
		in.Bucket, in.Key, in.Body = aws.String("b"), aws.String("k"), strings.NewReader("x")
		_, err := c.s3.PutObject(ctx, &in)
		return codeOf(err)
	}
	if code := put(s3.PutObjectInput{IfNoneMatch: aws.String("*")}); code != "" {
		t.Errorf("the first: got %s", code)
	}
	if code := put(s3.PutObjectInput{IfNoneMatch: aws.String("*")}); code != "PreconditionFailed" {
		t.Errorf("the second: got %s", code)
	}
	current, _ := c.cloud.S3.Get("b", "k")
	if code := put(s3.PutObjectInput{IfMatch: &current.ETag}); code != "" {
		t.Errorf("over the version seen: got %s", code)
	}
	if n := len(c.cloud.S3.Versions("b", "k")); n != 2 {
		t.Errorf("there are %d versions", n)
	}
}

func TestWhatCannotBeReadSaysWhy(t *testing.T) {
	c := bucketB(t)
	c.cloud.S3.PutObject("b", fakeaws.Object{Key: "archived", Body: []byte("{}"), StorageClass: "GLACIER"})
	c.cloud.S3.PutObject("b", fakeaws.Object{Key: "packed", Body: []byte("\x1f\x8b"), ContentEncoding: "gzip"})
	_, err := c.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("archived")})
	var state *s3types.InvalidObjectState
	if !errors.As(err, &state) {
		t.Errorf("archived: got %v", err)
	}
	out, err := c.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("packed")})
	if err != nil || aws.ToString(out.ContentEncoding) != "gzip" {
		t.Errorf("packed: got %+v, %v", out, err)
	}
	_, err = c.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("nothing")})
	var missing *s3types.NoSuchKey
	if !errors.As(err, &missing) {
		t.Errorf("nothing: got %v", err)
	}
}

func TestTheBucketMayStandInTheHostName(t *testing.T) {
	c := bubble(fakeaws.Options{})
	c.cloud.S3.CreateBucket("b", true)
	for _, host := range []string{"b.localhost:4566", "b.s3.us-east-1.amazonaws.com", "b.fakeaws"} {
		r, err := http.NewRequestWithContext(ctx, http.MethodPut, "http://"+host+"/k", bytes.NewReader([]byte(host)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.cloud.Transport().RoundTrip(r); err != nil {
			t.Fatal(err)
		}
		if got, _ := c.cloud.S3.Get("b", "k"); string(got.Body) != host {
			t.Errorf("%s: the bucket holds %q", host, got.Body)
		}
	}
}

func TestABucketWithoutVersionsKeepsTheLastObject(t *testing.T) {
	c := start(t, fakeaws.Options{})
	c.cloud.S3.CreateBucket("plain", false)
	c.cloud.S3.Put("plain", "k", []byte("1"), nil)
	c.cloud.S3.Put("plain", "k", []byte("2"), nil)
	out, err := c.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("plain"), Key: aws.String("k")})
	if err != nil || out.VersionId != nil || len(c.cloud.S3.Versions("plain", "k")) != 1 {
		t.Errorf("got %+v, %v", out, err)
	}
	c.cloud.S3.Delete("plain", "k")
	if keys := c.cloud.S3.Keys("plain", ""); len(keys) != 0 {
		t.Errorf("the bucket holds %v", keys)
	}
}

func TestAnObjectIsCopied(t *testing.T) {
	c := bucketB(t)
	c.cloud.S3.Put("b", "old", []byte("body"), map[string]string{"commit": "abc"})
	_, err := c.s3.CopyObject(ctx, &s3.CopyObjectInput{
		Bucket: aws.String("b"), Key: aws.String("new"), CopySource: aws.String("b/old"),
	})
	got, ok := c.cloud.S3.Get("b", "new")
	if err != nil || !ok || string(got.Body) != "body" || got.Metadata["commit"] != "abc" {
		t.Errorf("got %+v, %v, %v", got, ok, err)
	}
}
