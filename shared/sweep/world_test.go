package sweep_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/fakeaws/fakelambda"
	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/metrics"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/settings"
	"github.com/keysmith/keysmith/shared/sweep"
)

const (
	account  = "111122223333"
	bucket   = "keysmith-policies"
	function = "keysmith-SweepFunction"
)

// A world is the function, and the AWS that it runs in.
type world struct {
	*testing.T
	cloud   *fakeaws.Cloud
	env     map[string]string
	timeout time.Duration
	metrics functest.Output
	// intercept, if set, stands between the function and AWS.
	intercept func(action string, send func() (*http.Response, error)) (*http.Response, error)
}

// play runs a scene in a time of its own. skew is how far AWS's clock is ahead
// of the function's.
func play(t *testing.T, skew time.Duration, scene func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, timeout: 15 * time.Minute, env: map[string]string{
			"POLICY_BUCKET": bucket, "RECONCILE_QUEUE_URL": "http://aws.test/" + account + "/reconcile",
			"KEY_ARNS": "arn:aws:kms:us-east-1:" + account + ":key/*", "SWEEP_SCHEDULE": "rate(1 hour)",
		}}
		w.cloud = fakeaws.New(fakeaws.Options{Account: account, Now: func() time.Time { return time.Now().Add(skew) }})
		w.cloud.S3.CreateBucket(bucket, true)
		w.cloud.SQS.CreateQueue("reconcile", nil)
		w.cloud.Lambda.Register(function, w.invoke)
		scene(w)
		time.Sleep(time.Hour) // what still runs ends
		w.valid()
	})
}

// invoke is the function as Lambda runs it.
func (w *world) invoke(ctx context.Context, payload []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		AwsRequestID: fakelambda.RequestID(ctx), InvokedFunctionArn: w.cloud.Lambda.ARN(function),
	})
	s, err := settings.LoadSweep(func(name string) string { return w.env[name] })
	if err != nil {
		w.Fatal(err)
	}
	start := time.Now()
	out, err := sweep.New(s, aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://aws.test"), HTTPClient: &http.Client{Transport: w},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	}, slog.New(slog.DiscardHandler), metrics.New(&w.metrics, s.Stack)).Invoke(ctx, payload)
	if took := time.Since(start); took >= w.timeout {
		w.Errorf("an invocation took %s of %s", took, w.timeout)
	}
	return out, err
}

func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	send := func() (*http.Response, error) { return w.cloud.Transport().RoundTrip(r) }
	if w.intercept == nil {
		return send()
	}
	_, action, ok := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if !ok {
		action = r.Method + " " + strings.TrimPrefix(r.URL.Path, "/"+bucket+"/")
	}
	return w.intercept(action, send)
}

// sweep invokes the function and waits for its answer.
func (w *world) sweep(id, after string) (sweep.Answer, error) {
	w.Helper()
	payload, _ := json.Marshal(map[string]string{"keysmith": "sweep", "after": after})
	out, err := w.invoke(fakelambda.WithRequestID(w.Context(), id), payload)
	var a sweep.Answer
	if err == nil {
		err = json.Unmarshal(out, &a)
	}
	return a, err
}

// done is sweep for one that must end well.
func (w *world) done(id string) sweep.Answer {
	w.Helper()
	a, err := w.sweep(id, "")
	if err != nil || a.Skipped != "" {
		w.Fatalf("%+v, %v", a, err)
	}
	return a
}

// object is the name of the object of a key.
func object(i int) string { return objectkey.For(keyID(i)) }

func keyID(i int) string { return fmt.Sprintf("6f1c7a52-3c0e-4a86-9d7e-%012x", i) }

// fleet makes n objects, and their keys.
func (w *world) fleet(n int) {
	for i := range n {
		w.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID(i), Policy: "{}"})
		w.cloud.S3.Put(bucket, object(i), []byte("{}"), nil)
	}
}

// status makes a status object.
func (w *world) status(object, members string) {
	w.cloud.S3.Put(bucket, objectkey.Status(object), []byte(`{"schema": "keysmith.status/1", "object": "`+object+`", "time": "2026-01-02T03:04:05Z", `+members+`}`), nil)
}

// asked counts the reconcile messages for each object.
func (w *world) asked() map[string]int {
	w.Helper()
	counts := map[string]int{}
	for _, body := range w.cloud.SQS.Bodies("reconcile") {
		var m struct{ Keysmith, Object, Reason string }
		if err := json.Unmarshal([]byte(body), &m); err != nil || m.Keysmith != "reconcile" || m.Reason != "sweep" {
			w.Fatalf("%s: %v", body, err)
		}
		counts[m.Object]++
	}
	return counts
}

// report is what status/sweep.json says.
func (w *world) report() (r struct {
	sweep.Report
	Running *struct {
		After, Holder string
		Report        sweep.Report
	}
}) {
	w.Helper()
	w.read(objectkey.SweepReport, &r)
	return r
}

func (w *world) unmanaged() (u sweep.Unmanaged) {
	w.Helper()
	w.read(objectkey.UnmanagedReport, &u)
	return u
}

func (w *world) read(object string, v any) {
	w.Helper()
	o, ok := w.cloud.S3.Get(bucket, object)
	if !ok {
		w.Fatalf("there is no %s", object)
	}
	if err := json.Unmarshal(o.Body, v); err != nil {
		w.Fatal(err)
	}
}

// valid holds what was written against its schema.
func (w *world) valid() {
	w.Helper()
	for object, file := range map[string]string{objectkey.SweepReport: "schema/sweep.json", objectkey.UnmanagedReport: "schema/unmanaged.json"} {
		o, ok := w.cloud.S3.Get(bucket, object)
		if !ok {
			continue
		}
		c := jsonschema.NewCompiler()
		c.AssertFormat()
		schema, err := c.Compile(file)
		if err != nil {
			w.Fatal(err)
		}
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(o.Body))
		if err == nil {
			err = schema.Validate(instance)
		}
		if err != nil {
			w.Errorf("%s breaks its schema: %v\n%s", object, err, o.Body)
		}
	}
}

// errGone is what a process that was killed gets from the network.
var errGone = errors.New("the process is gone")

// killedAt lets no call through after the first n of an action.
func killedAt(n int, action string) func(string, func() (*http.Response, error)) (*http.Response, error) {
	var mu sync.Mutex // calls come side by side
	alive := func(got string) bool {
		mu.Lock()
		defer mu.Unlock()
		if got == action && n >= 0 {
			n--
		}
		return n >= 0
	}
	return func(got string, send func() (*http.Response, error)) (*http.Response, error) {
		if !alive(got) {
			return nil, errGone
		}
		return send()
	}
}

// slow lets every call take some time.
func (w *world) slow(d time.Duration) {
	w.intercept = func(_ string, send func() (*http.Response, error)) (*http.Response, error) {
		time.Sleep(d)
		return send()
	}
}

// sending tells when the first and the last messages were sent.
func (w *world) sending() (first, last time.Time) {
	for _, c := range w.cloud.Calls() {
		if c.Action != "SendMessageBatch" {
			continue
		}
		if first.IsZero() {
			first = c.Time
		}
		last = c.Time
	}
	return first, last
}

// answer is one that SQS never gave.
func answer(body string) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}, nil
}

// start is when the first invocation began.
func (w *world) start() time.Time { return w.cloud.Lambda.Invocations()[0].Begin }
