// Package functest runs a function in tests: the code that is deployed, over the
// real SDK clients and a fake AWS, in a bubble of its own time.
//
// The tests beside each station use it, because most of what a station promises
// can only be seen from outside: in what is in force, in the bucket, on the bus
// and in the queue. Each scene also checks that the function's role allows every
// call, that every event follows its schema, and that no policy text is logged.
package functest

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/keysmith/keysmith/shared/awsconfig"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/invocation"
	"github.com/keysmith/keysmith/shared/jsonlog"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/outcome/outcometest"
	"github.com/keysmith/keysmith/shared/settings"
	"github.com/keysmith/keysmith/shared/status"
	"github.com/keysmith/keysmith/shared/status/statustest"
)

// What is in the world of every scene.
const (
	Account    = "111122223333"
	Bucket     = "keysmith-policies"
	KeyID      = "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11"
	OtherID    = "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c22"
	ObjectName = "policies/" + KeyID + ".json"
	Writer     = "arn:aws:iam::" + Account + ":role/keysmith"
)

// A World is one function and the AWS that it runs in.
type World struct {
	*testing.T
	Cloud   *fakeaws.Cloud
	Handler *invocation.Handler
	Logs    Output
	EMF     Output
	// Intercept, if set, stands between the SDK and the cloud.
	Intercept Sender
	next      http.RoundTripper
	Client    *http.Client
	load      func(getenv func(string) string) (settings.Settings, error)
}

// Deployed are the variables that name the queues of the other functions, as the
// template sets them.
func Deployed() map[string]string {
	return map[string]string{
		"RECONCILE_QUEUE_URL": "http://aws.test/" + Account + "/reconcile", "PLAN_QUEUE_URL": "http://aws.test/" + Account + "/plan",
	}
}

// Play runs a scene in a world that holds two keys with the policy "old". The
// function has the variables env beside those that it needs.
func Play(t *testing.T, env map[string]string, scene func(*World)) {
	t.Helper()
	play(t, settings.Load, env, func(w *World) {
		scene(w)
		Permitted(w.T, RoleFor(w.T, env), w.Cloud.Calls())
	})
}

// PlayPlan is Play for the function that plans.
func PlayPlan(t *testing.T, env map[string]string, scene func(*World)) {
	t.Helper()
	play(t, settings.LoadPlan, env, func(w *World) {
		scene(w)
		Permitted(w.T, RoleOf(w.T, "PlanFunction", env), w.Cloud.Calls())
	})
}

func play(t *testing.T, load func(func(string) string) (settings.Settings, error), env map[string]string, scene func(*World)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &World{T: t, Cloud: fakeaws.New(fakeaws.Options{Account: Account}), load: load}
		w.Cloud.SetCaller(Writer)
		w.Cloud.KMS.SetIAM(Writer, true)
		for _, name := range []string{"alice", "bob", "carol"} {
			w.Cloud.KMS.AddPrincipal("arn:aws:iam::" + Account + ":role/" + name)
		}
		w.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: KeyID, Policy: Policy("old")})
		w.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: OtherID, Policy: Policy("old")})
		w.Cloud.KMS.CreateAlias("alias/payments", KeyID)
		w.Cloud.S3.CreateBucket(Bucket, true)
		for _, queue := range []string{"apply", "reconcile", "plan"} {
			w.Cloud.SQS.CreateQueue(queue, nil)
		}
		w.next = w.Cloud.Transport()
		w.Start(env)
		scene(w)
	})
}

// Start makes the handler from an environment, as a cold start does.
func (w *World) Start(env map[string]string) {
	w.Helper()
	w.Client = &http.Client{Transport: w, Timeout: awsconfig.AttemptTimeout}
	w.Handler = w.Instance(env, &w.Logs, &w.EMF)
}

// Instance is one more instance of the function.
func (w *World) Instance(env map[string]string, log, emf io.Writer) *invocation.Handler {
	w.Helper()
	cfg, err := w.load(func(name string) string {
		if v, ok := env[name]; ok {
			return v
		}
		return map[string]string{"POLICY_BUCKET": Bucket, "APPLY_QUEUE_URL": "http://aws.test/" + Account + "/apply", "DIRECT_REQUESTS": "true"}[name]
	})
	if err != nil {
		w.Fatal(err)
	}
	return invocation.New(cfg, aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://aws.test"),
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		HTTPClient:  w.Client,
	}, jsonlog.New(log, slog.LevelInfo), invocation.Options{Version: "test", Metrics: emf})
}

// Status is what an action of S3 on a status object ends in, as Intercept gets
// it: a scene that is about other objects need not know that there are statuses.
const Status = " status"

// RoundTrip sends a request of the SDK through Intercept.
func (w *World) RoundTrip(r *http.Request) (*http.Response, error) {
	if w.Intercept == nil {
		return w.next.RoundTrip(r)
	}
	action := r.Method
	if strings.Contains(r.URL.Path, "/status/") {
		action += Status
	}
	if _, name, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		action = name
	}
	return w.Intercept(action, func() (*http.Response, error) { return w.next.RoundTrip(r) })
}

// Timeout is the function's, as deployed.
const Timeout = 120 * time.Second

// Invoke calls the handler as Lambda does.
func (w *World) Invoke(payload []byte) ([]byte, error) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), Timeout)
	defer cancel()
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		AwsRequestID: "req-1", InvokedFunctionArn: "arn:aws:lambda:us-east-1:" + Account + ":function:apply",
	})
	start := time.Now()
	out, err := w.Handler.Invoke(ctx, payload)
	if took := time.Since(start); took > Timeout-time.Second {
		w.Errorf("the invocation took %s of %s", took, Timeout)
	}
	for _, e := range w.Events() {
		outcometest.Valid(w.T, e)
	}
	for _, key := range w.Cloud.S3.Keys(Bucket, objectkey.Status("")) {
		if key == objectkey.SweepReport || key == objectkey.UnmanagedReport {
			continue // of another function
		}
		w.validStatus(key)
	}
	if s := w.Logs.String(); strings.Contains(s, `"Statement"`) || strings.Contains(s, `\"Statement\"`) {
		w.Errorf("policy text in the log: %s", s)
	}
	return out, err
}

// validStatus checks a status that keysmith wrote; what a scene stores has no
// content type.
func (w *World) validStatus(key string) {
	w.Helper()
	o, _ := w.Cloud.S3.Get(Bucket, key)
	if o.ContentType == "" {
		return
	}
	if err := statustest.Check(o.Body); err != nil {
		w.Errorf("%s: %v", key, err)
	}
}

// Status is the status of an object; nil where there is none.
func (w *World) Status(object string) *status.Status {
	w.Helper()
	o, there := w.Cloud.S3.Get(Bucket, objectkey.Status(object))
	if !there {
		return nil
	}
	s, err := status.Parse(o.Body, object)
	if err != nil {
		w.Fatal(err)
	}
	return s
}

// Outcomes invokes the handler directly and returns the events that it reports.
func (w *World) Outcomes(payload []byte) []outcome.Event {
	w.Helper()
	before := len(w.Events())
	if out, err := w.Invoke(payload); err != nil {
		w.Fatalf("returned: %v (%s)", err, out)
	}
	return w.Events()[before:]
}

// Single invokes the handler directly and expects exactly one event.
func (w *World) Single(payload []byte) outcome.Event {
	w.Helper()
	events := w.Outcomes(payload)
	if len(events) != 1 {
		w.Fatalf("%d events; want one: %+v", len(events), events)
	}
	return events[0]
}

// Events are all result events that the bus accepted, in their order.
func (w *World) Events() []outcome.Event {
	w.Helper()
	var list []outcome.Event
	for _, entry := range w.Cloud.Events.Entries("default") {
		if entry.Source != outcome.Source {
			continue
		}
		e := outcome.Event{Source: entry.Source, Type: outcome.Type(entry.DetailType), Resources: entry.Resources}
		if err := json.Unmarshal([]byte(entry.Detail), &e.Detail); err != nil {
			w.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}

// Puts counts the PutKeyPolicy calls that reached KMS and were applied.
func (w *World) Puts() int { return len(w.Cloud.KMS.Puts()) }

// InForce returns the name of the policy in force, as Policy wrote it.
func (w *World) InForce(id string) string {
	w.Helper()
	var p struct{ ID string }
	if err := json.Unmarshal([]byte(w.Cloud.KMS.Policy(id)), &p); err != nil {
		w.Fatal(err)
	}
	return p.ID
}

// Upload stores the object of KeyID and returns its version.
func (w *World) Upload(text string) string {
	return w.Cloud.S3.Put(Bucket, ObjectName, []byte(text), nil)
}

// Applied gives ObjectName the status of a version that was applied: what its text
// says counts as what keysmith put last.
func (w *World) Applied(version, text string) { w.AppliedAs(ObjectName, version, text) }

// AppliedAs is Applied for any object.
func (w *World) AppliedAs(object, version, text string) {
	w.Helper()
	name, err := objectkey.Parse(object)
	if err != nil {
		w.Fatal(err)
	}
	policy, _ := keypolicy.Parse([]byte(text))
	digest, now := policy.Canonical("aws").Text, time.Now().UTC()
	w.SetStatus(status.Status{
		Schema: status.Schema, Object: object, VersionID: version, Outcome: status.Applied, Time: now,
		Key:          &outcome.Key{ARN: "arn:aws:kms:us-east-1:" + Account + ":key/" + name.KeyID, ID: name.KeyID, Account: Account, Region: "us-east-1"},
		Policy:       &outcome.Policy{SHA256: strings.Repeat("0", 64), CanonicalSHA256: digest, Bytes: len(text)},
		Verification: &outcome.Verification{Reads: 5},
		LastApplied:  &status.LastApplied{VersionID: version, CanonicalSHA256: digest, Time: now},
	})
}

// SetStatus stores a status as keysmith would have written it.
func (w *World) SetStatus(s status.Status) {
	w.Helper()
	w.Cloud.S3.Put(Bucket, objectkey.Status(s.Object), JSON(s), nil)
}
