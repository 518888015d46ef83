package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
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
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/outcome/outcometest"
	"github.com/keysmith/keysmith/shared/settings"
)

const (
	account    = "111122223333"
	policyBkt  = "keysmith-policies"
	keyID      = "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11"
	otherID    = "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c22"
	objectName = "policies/" + keyID + ".json"
	writer     = "arn:aws:iam::" + account + ":role/keysmith"
)

// A world is the function's own code over real SDK clients and a fake AWS, in
// a bubble of its own time.
type world struct {
	*testing.T
	cloud *fakeaws.Cloud
	h     *invocation.Handler
	log   bytes.Buffer
	emf   bytes.Buffer
	// intercept, if set, stands between the SDK and the cloud.
	intercept func(action string, send func() (*http.Response, error)) (*http.Response, error)
	next      http.RoundTripper
	client    *http.Client
}

// play runs a scene in a world that holds one key with the old policy.
func play(t *testing.T, env map[string]string, scene func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, cloud: fakeaws.New(fakeaws.Options{Account: account})}
		w.cloud.SetCaller(writer)
		w.cloud.KMS.SetIAM(writer, true)
		for _, name := range []string{"alice", "bob", "carol"} {
			w.cloud.KMS.AddPrincipal("arn:aws:iam::" + account + ":role/" + name)
		}
		w.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID, Policy: policy("old")})
		w.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: otherID, Policy: policy("old")})
		w.cloud.KMS.CreateAlias("alias/payments", keyID)
		w.cloud.S3.CreateBucket(policyBkt, true)
		w.cloud.SQS.CreateQueue("apply", nil)
		w.next = w.cloud.Transport()
		w.start(env)
		scene(w)
		permitted(t, roleFor(t, env), w.cloud.Calls())
	})
}

// start builds the handler from an environment, as a cold start does.
func (w *world) start(env map[string]string) {
	w.Helper()
	w.client = &http.Client{Transport: w, Timeout: awsconfig.AttemptTimeout}
	w.h = w.instance(env, &w.log, &w.emf)
}

// instance is one more instance of the function.
func (w *world) instance(env map[string]string, log, emf io.Writer) *invocation.Handler {
	w.Helper()
	cfg, err := settings.Load(func(name string) string {
		if v, ok := env[name]; ok {
			return v
		}
		return map[string]string{"POLICY_BUCKET": policyBkt, "APPLY_QUEUE_URL": "http://aws.test/" + account + "/apply"}[name]
	})
	if err != nil {
		w.Fatal(err)
	}
	return invocation.New(cfg, aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://aws.test"),
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		HTTPClient:  w.client,
	}, slog.New(slog.NewJSONHandler(log, nil)), invocation.Options{Version: "test", Metrics: emf})
}

// RoundTrip lets a scene stand between the SDK and the cloud.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	if w.intercept == nil {
		return w.next.RoundTrip(r)
	}
	action := r.Method
	if _, name, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		action = name
	}
	return w.intercept(action, func() (*http.Response, error) { return w.next.RoundTrip(r) })
}

// answer makes a JSON error as AWS sends it.
func answerError(status int, code, message string) (*http.Response, error) {
	body, _ := json.Marshal(map[string]string{"__type": code, "message": message})
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}, nil
}

var errDropped = errors.New("connection reset by peer")

// timeout is the function's, as deployed.
const timeout = 120 * time.Second

// invoke calls the handler as Lambda would.
func (w *world) invoke(payload []byte) ([]byte, error) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), timeout)
	defer cancel()
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		AwsRequestID: "req-1", InvokedFunctionArn: "arn:aws:lambda:us-east-1:" + account + ":function:apply",
	})
	start := time.Now()
	out, err := w.h.Invoke(ctx, payload)
	if took := time.Since(start); took > timeout-time.Second {
		w.Errorf("the invocation took %s of %s", took, timeout)
	}
	for _, e := range w.events() {
		outcometest.Valid(w.T, e)
	}
	if s := w.log.String(); strings.Contains(s, `"Statement"`) || strings.Contains(s, `\"Statement\"`) {
		w.Errorf("policy text in the log: %s", s)
	}
	return out, err
}

// outcomes invokes the handler directly and returns the events that it reports.
func (w *world) outcomes(payload []byte) []outcome.Event {
	w.Helper()
	before := len(w.events())
	if out, err := w.invoke(payload); err != nil {
		w.Fatalf("handed back: %v (%s)", err, out)
	}
	return w.events()[before:]
}

// single expects exactly one event.
func (w *world) single(payload []byte) outcome.Event {
	w.Helper()
	events := w.outcomes(payload)
	if len(events) != 1 {
		w.Fatalf("%d events; want one: %+v", len(events), events)
	}
	return events[0]
}

// events are all result events that the bus took.
func (w *world) events() []outcome.Event {
	w.Helper()
	var list []outcome.Event
	for _, entry := range w.cloud.Events.Entries("default") {
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

// puts counts the PutKeyPolicy calls that reached KMS and were applied.
func (w *world) puts() int { return len(w.cloud.KMS.Puts()) }

// inForce names the policy in force, as made by policy(name).
func (w *world) inForce(id string) string {
	w.Helper()
	var p struct{ ID string }
	if err := json.Unmarshal([]byte(w.cloud.KMS.Policy(id)), &p); err != nil {
		w.Fatal(err)
	}
	return p.ID
}

func (w *world) upload(text string) string {
	return w.cloud.S3.Put(policyBkt, objectName, []byte(text), nil)
}
