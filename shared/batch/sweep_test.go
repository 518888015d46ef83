package batch_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/keysmith/keysmith/shared/effort"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/metrics"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/settings"
	"github.com/keysmith/keysmith/shared/sweep"
)

// sweeping is the function that sweeps in a world of the apply function.
func sweeping(w *functest.World, env map[string]string) *sweep.Handler {
	w.Helper()
	s, err := settings.LoadSweep(func(name string) string {
		return map[string]string{"POLICY_BUCKET": functest.Bucket, "RECONCILE_QUEUE_URL": env["RECONCILE_QUEUE_URL"]}[name]
	})
	if err != nil {
		w.Fatal(err)
	}
	return sweep.New(s, aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://aws.test"), HTTPClient: &http.Client{Transport: w},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDSWEEP", "secret", ""),
	}, slog.New(slog.DiscardHandler), metrics.New(io.Discard, "keysmith"))
}

// unchanged makes n keys that have the policies of their objects.
func unchanged(w *functest.World, n int) {
	for _, object := range fleet(w, n) {
		w.AppliedAs(object, w.Cloud.S3.Put(functest.Bucket, object, []byte(functest.Policy("old")), nil), functest.Policy("old"))
	}
}

// uploaded sends the upload of another key's policy after a while, and returns
// how long it took until that was reported as applied.
func uploaded(w *functest.World, after time.Duration) (took time.Duration) {
	time.Sleep(after)
	version := w.Upload(functest.Policy("new"))
	sent := time.Now()
	w.Cloud.SQS.Send("work", string(functest.Uploaded(functest.ObjectName, version)))
	for range 600 {
		for _, e := range w.Events() {
			if e.Type == outcome.Applied && functest.VersionOf(e) == version {
				return e.Detail.Metadata.Time.Sub(sent)
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	w.Fatal("the upload was not applied in a minute")
	return 0
}

func TestASweepKeepsToItsPaceAndDelaysNoUpload(t *testing.T) {
	keys := effort.Of(2000, 1000, 400)
	p := pacedFor(t, "15")
	run := func(sweeps bool) (took time.Duration) {
		functest.Play(t, p.env, func(w *functest.World) {
			w.Cloud.SetQuotas(fakeaws.DocumentedQuotas()...)
			w.Cloud.SetCredentials("AKIDSWEEP", functest.Customer)
			w.Intercept = func(_ string, send func() (*http.Response, error)) (*http.Response, error) {
				time.Sleep(20 * time.Millisecond)
				return send()
			}
			work(w)
			unchanged(w, keys)
			halt := carry(w, p)
			ended := make(chan struct{})
			start := time.Now()
			if sweeps {
				go func() { defer close(ended); swept(w, p.env, keys) }()
			} else {
				close(ended)
			}
			took = uploaded(w, 3*time.Second)
			<-ended
			for w.Cloud.SQS.Depth("reconcile") > 0 {
				time.Sleep(time.Second)
			}
			halt()
			if !sweeps {
				return
			}
			var reads []time.Time
			for _, c := range w.Cloud.Calls() {
				if c.Action == "GetKeyPolicy" && c.Error == "" && c.Resource != keyARN {
					reads = append(reads, c.Time)
				}
			}
			// At 50 a second. The last batches may be read three seconds after they were
			// sent, which is 1.5 % of a sweep of 10,000 keys.
			due, last := time.Duration(keys)*time.Second/50, reads[len(reads)-1].Sub(start)
			t.Logf("%d reads in %s, %s after the last was due; the upload was applied after %s", len(reads), last, last-due, took)
			if len(reads) != keys || last < due || last > due+3*time.Second {
				t.Errorf("%d reads for %d keys in %s, want %s", len(reads), keys, last, due)
			}
			if w.Puts() != 1 || len(w.Events()) != 1 {
				t.Errorf("%d puts, %s", w.Puts(), functest.SayAll(w.Events()))
			}
		})
		return took
	}
	with, without := run(true), run(false)
	t.Logf("the upload was applied %s later than without the sweep", with-without)
	if later := with - without; later > 200*time.Millisecond {
		t.Errorf("during the sweep an upload is applied after %s, without one after %s", with, without)
	}
}

const keyARN = "arn:aws:kms:us-east-1:" + functest.Account + ":key/" + functest.KeyID

func swept(w *functest.World, env map[string]string, keys int) {
	ctx, cancel := context.WithTimeout(w.Context(), 15*time.Minute)
	defer cancel()
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: "sweep"})
	out, err := sweeping(w, env).Invoke(ctx, []byte(`{"keysmith": "sweep"}`))
	var answer sweep.Answer
	if err != nil || json.Unmarshal(out, &answer) != nil || answer.Sent != keys+1 && answer.Sent != keys {
		w.Errorf("%s, %v", out, err)
	}
}

// A backlog, such as after a pause, is read no faster than a sweep is sent.
func TestABacklogOfReconcilesIsReadAtThePaceOfASweep(t *testing.T) {
	keys := effort.Of(1500, 750, 400)
	p := pacedFor(t, "15")
	functest.Play(t, p.env, func(w *functest.World) {
		w.Intercept = func(_ string, send func() (*http.Response, error)) (*http.Response, error) {
			time.Sleep(20 * time.Millisecond)
			return send()
		}
		work(w)
		for _, object := range fleet(w, keys) {
			w.AppliedAs(object, w.Cloud.S3.Put(functest.Bucket, object, []byte(functest.Policy("old")), nil), functest.Policy("old"))
			w.Cloud.SQS.Send("reconcile", string(functest.Reconcile(object, "sweep")))
		}
		halt := carry(w, p)
		for w.Cloud.SQS.Depth("reconcile") > 0 {
			time.Sleep(time.Second)
		}
		halt()
		reads, refused, took := span(w, "GetKeyPolicy")
		perSecond := float64(reads) / took.Seconds()
		t.Logf("%d reads in %s: %.1f a second", reads, took, perSecond)
		if reads != keys || refused > 0 || perSecond > 54 || perSecond < 45 || w.Puts() > 0 {
			t.Errorf("%d reads of %d keys, %d refused, %.1f a second", reads, keys, refused, perSecond)
		}
	})
}
