package status_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
	"github.com/keysmith/keysmith/shared/status/statustest"
)

const (
	name   = "keysmith-policies"
	object = "policies/6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11.json"
)

func scene(t *testing.T) (*fakeaws.Cloud, *status.Store) {
	t.Helper()
	cloud := fakeaws.New(fakeaws.Options{})
	cloud.S3.CreateBucket(name, true)
	url, stop := fakeaws.Start(cloud)
	t.Cleanup(stop)
	client := s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: &url, UsePathStyle: true, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	})
	return cloud, &status.Store{Bucket: bucket.New(client, name, cloud.Account())}
}

func rejected(newest bucket.Version) *status.Status {
	return &status.Status{
		Object: object, VersionID: newest.ID, ETag: newest.ETag, Outcome: status.Rejected, Time: time.Now(),
		Error: &outcome.Error{Code: outcome.Lockout, Message: "No statement allows kms:PutKeyPolicy to the root."},
	}
}

func TestAStatusIsReadAsItWasWritten(t *testing.T) {
	cloud, store := scene(t)
	cloud.S3.Put(name, object, []byte("{}"), nil)
	var version bucket.Version
	err := store.Update(t.Context(), object, func(old *status.Status, newest bucket.Version) *status.Status {
		if old != nil {
			t.Errorf("there is a status already: %+v", old)
		}
		version = newest
		return rejected(newest)
	})
	if err != nil {
		t.Fatal(err)
	}
	seen, err := store.Read(t.Context(), object)
	if err != nil || seen.Status == nil {
		t.Fatal(seen, err)
	}
	if !seen.Of(version.ID, "") || seen.Of("another", "") || !seen.Final() || seen.Outcome != status.Rejected {
		t.Errorf("%+v", seen.Status)
	}
	if text := stored(t, store); statustest.Check(text) != nil {
		t.Errorf("%s breaks its schema: %v", text, statustest.Check(text))
	}
}

func stored(t *testing.T, store *status.Store) []byte {
	t.Helper()
	o, err := store.Bucket.Read(t.Context(), "status/"+object)
	if err != nil {
		t.Fatal(err)
	}
	return o.Bytes
}

func TestAStatusThatCannotBeReliedOnCountsAsAbsentAndIsReplaced(t *testing.T) {
	good := `{"schema":"keysmith.status/1","object":"` + object + `","outcome":"Applied","time":"2026-01-02T03:04:05Z"}`
	for what, text := range map[string]string{
		"empty":              "",
		"not JSON":           "Applied",
		"cut short":          good[:40],
		"of another object":  strings.Replace(good, "6f1c", "0000", 1),
		"of another schema":  strings.Replace(good, "status/1", "status/9", 1),
		"an unknown outcome": strings.Replace(good, "Applied", "Fine", 1),
	} {
		t.Run(what, func(t *testing.T) {
			cloud, store := scene(t)
			cloud.S3.Put(name, object, []byte("{}"), nil)
			cloud.S3.Put(name, "status/"+object, []byte(text), nil)
			seen, err := store.Read(t.Context(), object)
			if err != nil || seen.Status != nil || seen.Fault == nil {
				t.Errorf("%+v, %v", seen, err)
			}
			err = store.Update(t.Context(), object, func(old *status.Status, newest bucket.Version) *status.Status {
				if old != nil {
					t.Errorf("relied on %+v", old)
				}
				return rejected(newest)
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := statustest.Check(stored(t, store)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTwoWritersNeverLoseEachOthersStatus(t *testing.T) {
	cloud, store := scene(t)
	cloud.S3.Put(name, object, []byte("{}"), nil)
	const writers = 4
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			err := store.Update(t.Context(), object, func(old *status.Status, newest bucket.Version) *status.Status {
				next := rejected(newest)
				if old != nil {
					next.Error.Message = old.Error.Message + "+"
				}
				return next
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	seen, err := store.Read(t.Context(), object)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(seen.Error.Message, "+"); got != writers-1 {
		t.Errorf("%d of %d writes are kept", got+1, writers)
	}
}

func TestAChangeThatReturnsNothingWritesNothing(t *testing.T) {
	_, store := scene(t)
	err := store.Update(t.Context(), object, func(_ *status.Status, newest bucket.Version) *status.Status {
		if newest != (bucket.Version{}) {
			t.Errorf("there is no such object, but %+v", newest)
		}
		return nil
	})
	if seen, readErr := store.Read(t.Context(), object); err != nil || readErr != nil || seen.Status != nil || seen.Fault != nil {
		t.Error(seen, err, readErr)
	}
}
