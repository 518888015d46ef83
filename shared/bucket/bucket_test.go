package bucket

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

const (
	name = "keysmith-policies"
	key  = "policies/6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11.json"
)

func open(url, owner string) *Bucket {
	return New(s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: &url, UsePathStyle: true, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	}), name, owner)
}

func scene(t *testing.T) (*fakeaws.Cloud, *Bucket) {
	t.Helper()
	cloud := fakeaws.New(fakeaws.Options{})
	cloud.S3.CreateBucket(name, true)
	url, stop := fakeaws.Start(cloud)
	t.Cleanup(stop)
	return cloud, open(url, cloud.Account())
}

func TestAnObjectIsReadWithItsVersion(t *testing.T) {
	cloud, b := scene(t)
	version := cloud.S3.Put(name, key, []byte("{}"), map[string]string{"commit": "abc"})
	o, err := b.Read(t.Context(), key)
	if err != nil || string(o.Bytes) != "{}" || o.ID != version || o.Metadata["commit"] != "abc" || o.Modified.IsZero() {
		t.Fatalf("%+v, %v", o, err)
	}
	head, err := b.Head(t.Context(), key)
	if err != nil || head.Version != o.Version {
		t.Errorf("Head tells version %+v, Read %+v (%v)", head.Version, o.Version, err)
	}
}

func TestADeletedObjectIsGoneAndAnUnknownOneIsMissing(t *testing.T) {
	cloud, b := scene(t)
	cloud.S3.Put(name, key, []byte("{}"), nil)
	cloud.S3.Delete(name, key)
	for what, read := range map[string]func(string) error{
		"Read": func(k string) error { _, err := b.Read(t.Context(), k); return err },
		"Head": func(k string) error { _, err := b.Head(t.Context(), k); return err },
	} {
		if err := read(key); !errors.Is(err, ErrGone) || !Missing(err) {
			t.Errorf("%s of a deleted object: %v", what, err)
		}
		if err := read("policies/never"); errors.Is(err, ErrGone) || !Missing(err) || Transient(err) {
			t.Errorf("%s of an object that never was: %v", what, err)
		}
	}
	at, err := b.Deleted(t.Context(), key)
	if err != nil || at.IsZero() {
		t.Errorf("deleted at %s, %v", at, err)
	}
}

func TestOnlyTheVersionThatWasSeenIsReplaced(t *testing.T) {
	_, b := scene(t)
	ctx := t.Context()
	first, err := b.Replace(ctx, key, []byte("1"), map[string]string{"id": "r1"}, Version{})
	if err != nil || first.ID == "" || first.ETag == "" {
		t.Fatalf("%+v, %v", first, err)
	}
	if _, err := b.Replace(ctx, key, []byte("x"), nil, Version{}); !errors.Is(err, ErrChanged) {
		t.Errorf("replacing nothing, where there is something: %v", err)
	}
	if _, err := b.Replace(ctx, key, []byte("2"), nil, first); err != nil {
		t.Error(err)
	}
	if _, err := b.Replace(ctx, key, []byte("3"), nil, first); !errors.Is(err, ErrChanged) {
		t.Errorf("replacing an older version: %v", err)
	}
	if o, err := b.Read(ctx, key); err != nil || string(o.Bytes) != "2" {
		t.Errorf("%q, %v", o.Bytes, err)
	}
}

func TestAnObjectThatIsTooLargeIsNeverHeld(t *testing.T) {
	cloud, b := scene(t)
	cloud.S3.Put(name, key, []byte(strings.Repeat("x", MaxObject+1)), nil)
	if o, err := b.Read(t.Context(), key); err != nil || o.Bytes != nil || o.Size <= MaxObject {
		t.Errorf("%d bytes held of %d, %v", len(o.Bytes), o.Size, err)
	}
	// A body that is longer than it says, or has no length at all.
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		chunk := []byte(strings.Repeat("y", 32<<10))
		for range 1000 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	defer endless.Close()
	if o, err := open(endless.URL, "").Read(t.Context(), key); err != nil || o.Bytes != nil || o.Size <= MaxObject {
		t.Errorf("%d bytes held of an endless body, %v", len(o.Bytes), err)
	}
}

func TestABucketOfSomebodyElseIsRefused(t *testing.T) {
	cloud, _ := scene(t)
	url, stop := fakeaws.Start(cloud)
	defer stop()
	cloud.S3.Put(name, key, []byte("{}"), nil)
	if _, err := open(url, "999999999999").Read(t.Context(), key); err == nil || Transient(err) {
		t.Errorf("read from a bucket that should belong to another account: %v", err)
	}
}

func TestTroubleIsToldFromRefusals(t *testing.T) {
	for status, transient := range map[int]bool{403: false, 404: false, 400: false, 408: true, 429: true, 500: true, 503: true} {
		for body, want := range map[string]bool{"<Error><Code>Surprise</Code></Error>": transient, "": true} {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				_, _ = io.WriteString(w, body)
			}))
			_, err := open(server.URL, "").Read(context.Background(), key)
			if err == nil || Transient(err) != want {
				t.Errorf("%d %q: transient %v, want %v (%v)", status, body, Transient(err), want, err)
			}
			server.Close()
		}
	}
	if _, err := open("http://127.0.0.1:1", "").Read(context.Background(), key); !Transient(err) {
		t.Errorf("no answer at all: %v", err)
	}
}
