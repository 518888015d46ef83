package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/keysmith/keysmith/shared/fakeaws/fakelambda"
	"github.com/keysmith/keysmith/shared/functest"
)

// stackOf is a stack whose apply function reads two queues.
func stackOf(w *functest.World) (*stack, *bytes.Buffer) {
	for _, queue := range []string{"work", "reconcile"} {
		w.Cloud.Lambda.AddMapping(fakelambda.Mapping{UUID: queue, Function: "apply", SourceARN: "arn:aws:sqs:us-east-1:" + functest.Account + ":" + queue})
	}
	w.Cloud.SetCredentials("AKIDOPERATOR", functest.Customer)
	cfg := aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://aws.test"), HTTPClient: w.Client,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDOPERATOR", "secret", ""),
	}
	out := &bytes.Buffer{}
	return &stack{
		lambda: lambda.NewFromConfig(cfg), iam: iam.NewFromConfig(cfg), out: out, wait: leastWait,
		function: w.Cloud.Lambda.ARN("apply"), role: functest.Writer,
	}, out
}

// carry is Lambda: it hands messages to the function as long as the mapping reads.
func carry(ctx context.Context, w *functest.World) {
	for ctx.Err() == nil {
		if w.Cloud.Lambda.Reads("work") {
			if messages := w.Cloud.SQS.Receive("work", 10); len(messages) > 0 {
				w.Settle("work", messages)
			}
		}
		time.Sleep(5 * time.Second)
	}
}

// Uploads arrive all the time: before the stop, in the minute in which it takes
// effect, in the hour after it, and later. Some were tried for a while before.
func TestStoppedForAnHourAndResumedNoneIsLost(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.DeadLetterQueue()
		s, out := stackOf(w)
		ctx, cancel := context.WithCancel(w.Context())
		done := make(chan struct{})
		go func() { carry(ctx, w); close(done) }()
		upload := func(name string) {
			version := w.Upload(functest.Policy(name))
			w.Cloud.SQS.Send("work", string(functest.Uploaded(functest.ObjectName, version)))
		}
		upload("before")
		time.Sleep(2 * time.Minute)
		upload("in-flight")
		w.Cloud.SQS.Send("reconcile", string(functest.Reconcile(functest.ObjectName, "sweep")))
		if err := s.stop(w.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		puts := w.Puts()
		for i := range 6 {
			upload(fmt.Sprint("while stopped ", i))
			time.Sleep(10 * time.Minute)
		}
		if w.Puts() != puts || w.Cloud.Lambda.Reads("work") || w.Cloud.Lambda.Reads("reconcile") {
			t.Errorf("%d puts while it was stopped", w.Puts()-puts)
		}
		if err := s.resume(w.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Minute)
		cancel()
		<-done
		if n := w.Cloud.SQS.Depth("work") + w.Cloud.SQS.Depth("dead"); n != 0 || w.InForce(functest.KeyID) != "while stopped 5" {
			t.Errorf("%d messages left, %s in force", n, w.InForce(functest.KeyID))
		}
		for _, e := range w.Events() {
			if d := e.Detail.Data.Error; d != nil && !d.Retryable {
				t.Errorf("a final failure: %s: %s", functest.Say(e), d.Message)
			}
		}
		for _, want := range []string{"kms:PutKeyPolicy is denied", "are disabled (2)", "the Deny is removed", "a put is allowed again", "waiting at least 1m0s", "are enabled (2)"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%q is not said:\n%s", want, out)
			}
		}
	})
}

// A message that was first received long ago is denied while the stop takes
// effect. It must not be acknowledged as a final failure.
func TestWhatIsDeniedByTheStopIsNeverFinal(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.DeadLetterQueue()
		s, _ := stackOf(w)
		version := w.Upload(functest.Policy("new"))
		w.Cloud.SQS.Send("work", string(functest.Uploaded(functest.ObjectName, version)))
		w.Cloud.SQS.Receive("work", 1) // by a worker that is killed
		time.Sleep(time.Hour)
		if err := s.stop(w.Context()); err != nil {
			t.Fatal(err)
		}
		w.Settle("work", w.Cloud.SQS.Receive("work", 1))
		if n := w.Cloud.SQS.Depth("work"); n != 1 || w.Puts() != 0 || len(w.Events()) > 0 && w.Events()[0].Detail.Data.Error.Retryable == false {
			t.Fatalf("%d messages left, %d puts, %s", n, w.Puts(), functest.SayAll(w.Events()))
		}
		if err := s.resume(w.Context()); err != nil {
			t.Fatal(err)
		}
		w.Drain("work")
		if w.InForce(functest.KeyID) != "new" {
			t.Errorf("%s in force", w.InForce(functest.KeyID))
		}
	})
}

// The queues must not be read while a put is still denied.
func TestNothingIsReadWhileAnotherPolicyDenies(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		s, _ := stackOf(w)
		if err := s.stop(w.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.iam.PutRolePolicy(w.Context(), &iam.PutRolePolicyInput{
			RoleName: s.roleName(), PolicyName: aws.String("other"), PolicyDocument: aws.String(deny),
		}); err != nil {
			t.Fatal(err)
		}
		if err := s.resume(w.Context()); err == nil || !strings.Contains(err.Error(), "another policy") || w.Cloud.Lambda.Reads("work") {
			t.Errorf("%v", err)
		}
	})
}

func TestResumeWaitsUntilAPutIsAllowedAndIsRepeatable(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		s, _ := stackOf(w)
		for range 2 {
			if err := s.stop(w.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			began := time.Now()
			if err := s.resume(w.Context()); err != nil || time.Since(began) < leastWait {
				t.Errorf("after %s: %v", time.Since(began), err)
			}
		}
		if !w.Cloud.Lambda.Reads("work") || !w.Cloud.Lambda.Reads("reconcile") {
			t.Error("not every queue is read")
		}
	})
}

func TestTheCommandLineIsChecked(t *testing.T) {
	for args, want := range map[string]string{
		"": "", "start": "", "stop": "-function", "resume -function f -role r -wait 5s": "at least 1m0s",
	} {
		var out bytes.Buffer
		if err := run(t.Context(), strings.Fields(args), &out); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", args, err)
		}
	}
}
