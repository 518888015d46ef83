package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/runtimeapi/eventsource"
)

// instances are those of one function, each with what a cold start made.
type instances chan *handler

func (free instances) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	h := <-free
	defer func() { free <- h }()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return h.Invoke(ctx, payload)
}

// deploy carries the queue to as many instances as the template has for a quota,
// until the queue is empty.
func (w *world) deploy(p paced) {
	w.Helper()
	free := make(instances, p.instances)
	for range p.instances {
		w.start(p.env)
		free <- w.h
	}
	ctx, cancel := context.WithCancel(w.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		eventsource.Mapping{
			Function: free, BatchSize: p.batch, MaxConcurrency: p.instances, Window: time.Second, ReportItemFailures: true,
			QueueURL: p.env["APPLY_QUEUE_URL"], Region: "us-east-1",
			Queue: sqs.New(sqs.Options{
				Region: "us-east-1", BaseEndpoint: aws.String("http://aws.test"), HTTPClient: &http.Client{Transport: w},
				Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
			}),
			Observe: func(d eventsource.Delivery) {
				if d.Err != nil && ctx.Err() == nil {
					w.Error(d.Err)
				}
			},
		}.Run(ctx)
	}()
	for w.cloud.SQS.Depth("work") > 0 {
		time.Sleep(time.Second)
	}
	cancel()
	<-ended
}

// fleet makes n keys, each with a new policy waiting.
func (w *world) fleet(n int) (objects []string) {
	for i := range n {
		id := fmt.Sprintf("6f1c7a52-3c0e-4a86-9d7e-%012x", i)
		w.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: id, Policy: policy("old")})
		w.cloud.S3.Put(policyBkt, objectkey.For(id), []byte(policy("new")), nil)
		objects = append(objects, objectkey.For(id))
	}
	return objects
}

// span tells how many calls of an action were answered and refused, and how
// long it was from the first to the last.
func (w *world) span(action string) (answered, refused int, took time.Duration) {
	var first, last time.Time
	for _, c := range w.cloud.Calls() {
		switch {
		case c.Action != action:
			continue
		case c.Error != "":
			refused++
			continue
		case answered == 0:
			first = c.Time
		}
		answered++
		last = c.Time
	}
	return answered, refused, last.Sub(first)
}

// With the time that AWS's answers take, and in a time of its own: how fast
// this machine is does not matter.
func TestADeployedFleetUsesNineTenthsOfTheQuotaAndIsNeverThrottled(t *testing.T) {
	keys := 1500
	if racing {
		keys = 300
	}
	for _, quota := range []string{"15", "30"} {
		t.Run(quota, func(t *testing.T) {
			p := pacedFor(t, quota)
			perSecond, err := strconv.ParseFloat(quota, 64)
			if err != nil {
				t.Fatal(err)
			}
			play(t, p.env, func(w *world) {
				w.cloud.SetQuotas(fakeaws.Quota{Service: "kms", Action: "PutKeyPolicy", PerSecond: perSecond})
				w.intercept = func(_ string, send func() (*http.Response, error)) (*http.Response, error) {
					time.Sleep(20 * time.Millisecond)
					return send()
				}
				w.work(uploads(w.fleet(keys))...)
				w.deploy(p)
				puts, throttled, took := w.span("PutKeyPolicy")
				used := float64(puts) / took.Seconds() / perSecond
				t.Logf("%d puts in %s: %.1f %% of the quota", puts, took, 100*used)
				if puts != keys || throttled > 0 || used < 0.9 {
					t.Errorf("%d puts for %d keys, %d throttled, %.3f of the quota used", puts, keys, throttled, used)
				}
			})
		})
	}
}
