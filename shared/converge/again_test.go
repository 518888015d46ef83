package converge_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/functest"
)

// Other runs learn from the history what reads may show. A copy for the version
// that was not put in the end says nothing of the one that was.
func TestThereIsACopyForEachPolicyThatReplacesTheSameOne(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		want := []string{w.Upload(functest.Policy("v1"))}
		throttled := functest.Fails(400, "ThrottlingException", "Rate exceeded")
		w.Intercept = functest.First(1, "PutKeyPolicy", func(send func() (*http.Response, error)) (*http.Response, error) {
			want = append(want, w.Upload(functest.Policy("v2")))
			return throttled(send)
		})
		if e := w.Single(functest.Uploaded(functest.ObjectName, "")); functest.Say(e) != "Applied" || w.InForce(functest.KeyID) != "v2" {
			t.Fatalf("%s, %s in force", functest.Say(e), w.InForce(functest.KeyID))
		}
		var got []string
		for _, name := range w.Cloud.S3.Keys(functest.Bucket, "history/") {
			o, _ := w.Cloud.S3.Get(functest.Bucket, name)
			if functest.IDOf(string(o.Body)) != "old" {
				t.Errorf("a copy of %s", functest.IDOf(string(o.Body)))
			}
			got = append(got, o.Metadata["replaced-by-version"])
		}
		if !slices.Equal(got, want) {
			t.Errorf("copies for the versions %v; want %v", got, want)
		}
	})
}

// A key that waits long for its share of the quota reads its object again, so
// that what it puts is not out of date.
func TestAfterALongWaitForTheQuotaTheObjectIsReadAgain(t *testing.T) {
	const second = "policies/" + functest.OtherID + ".json"
	functest.Play(t, map[string]string{"PUTS_PER_SECOND": "0.2"}, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		w.Cloud.S3.Put(functest.Bucket, second, []byte(functest.Policy("v1")), nil)
		later := time.AfterFunc(3*time.Second, func() {
			w.Cloud.S3.Put(functest.Bucket, second, []byte(functest.Policy("v2")), nil)
		})
		defer later.Stop()
		if back := w.Batch(functest.Uploaded(functest.ObjectName, ""), functest.Uploaded(second, "")); back != "" {
			t.Errorf("handed back: %s", back)
		}
		var put []string
		for _, p := range w.Cloud.KMS.Puts() {
			if p.ARN == keyARN(functest.OtherID) {
				put = append(put, functest.IDOf(p.Policy))
			}
		}
		if !slices.Equal(put, []string{"v2"}) {
			t.Errorf("put: %v; want v2 alone, which came while the key waited", put)
		}
	})
}

func keyARN(id string) string { return "arn:aws:kms:us-east-1:" + functest.Account + ":key/" + id }

// One record of a message that must come again is enough for the message.
func TestAMessageComesAgainForAnyOfItsRecords(t *testing.T) {
	const second = "policies/" + functest.OtherID + ".json"
	for name, c := range map[string]struct{ failing, delay string }{
		"the earlier one, which ends first": {functest.KeyID, functest.OtherID},
		"the earlier one, which ends last":  {functest.KeyID, functest.KeyID},
		"the later one, which ends first":   {functest.OtherID, functest.KeyID},
		"the later one, which ends last":    {functest.OtherID, functest.OtherID},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, nil, func(w *functest.World) {
				w.Upload(functest.Policy("new"))
				w.Cloud.S3.Put(functest.Bucket, second, []byte(functest.Policy("new")), nil)
				w.Cloud.Fault(fakeaws.Fault{Service: "kms", Action: "PutKeyPolicy", Resource: c.failing, Kind: fakeaws.Refuse, Code: "ExpiredTokenException"})
				w.Cloud.Fault(fakeaws.Fault{Service: "kms", Action: "GetKeyPolicy", Resource: c.delay, Times: 3, Kind: fakeaws.Refuse, Code: "ThrottlingException"})
				record := func(object string) functest.M {
					return functest.M{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
						"s3": functest.M{"bucket": functest.M{"name": functest.Bucket}, "object": functest.M{"key": object}}}
				}
				back := w.Batch(functest.JSON(functest.M{"Records": []functest.M{record(functest.ObjectName), record(second)}}))
				if back != "m0" || functest.SayAll(w.Events()) != "Applied" {
					t.Errorf("handed back: %q, events: %s", back, functest.SayAll(w.Events()))
				}
			})
		})
	}
}
