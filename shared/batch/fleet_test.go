package batch_test

import (
	"github.com/keysmith/keysmith/shared/functest"

	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/invocation"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/runtimeapi/eventsource"
)

// instances are those of one function, each with what a cold start made.
type instances chan *invocation.Handler

func (free instances) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	h := <-free
	defer func() { free <- h }()
	ctx, cancel := context.WithTimeout(ctx, functest.Timeout)
	defer cancel()
	return h.Invoke(ctx, payload)
}

// deploy carries the queue to as many instances as the template has for a quota,
// until the queue is empty.
func deploy(w *functest.World, p paced) {
	w.Helper()
	free := make(instances, p.instances)
	for range p.instances {
		free <- w.Instance(p.env, io.Discard, io.Discard)
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
	for w.Cloud.SQS.Depth("work") > 0 {
		time.Sleep(time.Second)
	}
	cancel()
	<-ended
}

// fleet makes n keys beside the first ones, each with a new policy waiting.
func fleet(w *functest.World, n int) (objects []string) {
	for i := range n {
		id := fmt.Sprintf("6f1c7a52-3c0e-4a86-9d7e-%012x", i)
		w.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: id, Policy: functest.Policy("old")})
		w.Cloud.S3.Put(functest.Bucket, objectkey.For(id), []byte(functest.Policy("new")), nil)
		objects = append(objects, objectkey.For(id))
	}
	return objects
}

// span tells how many calls of an action were answered and refused, and how
// long it was from the first to the last.
func span(w *functest.World, action string) (answered, refused int, took time.Duration) {
	var first, last time.Time
	for _, c := range w.Cloud.Calls() {
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
	if functest.Racing {
		keys = 300
	}
	for _, quota := range []string{"15", "30"} {
		t.Run(quota, func(t *testing.T) {
			p := pacedFor(t, quota)
			perSecond, err := strconv.ParseFloat(quota, 64)
			if err != nil {
				t.Fatal(err)
			}
			functest.Play(t, p.env, func(w *functest.World) {
				w.Cloud.SetQuotas(fakeaws.Quota{Service: "kms", Action: "PutKeyPolicy", PerSecond: perSecond})
				w.Intercept = func(_ string, send func() (*http.Response, error)) (*http.Response, error) {
					time.Sleep(20 * time.Millisecond)
					return send()
				}
				work(w, uploads(fleet(w, keys))...)
				deploy(w, p)
				puts, throttled, took := span(w, "PutKeyPolicy")
				used := float64(puts) / took.Seconds() / perSecond
				t.Logf("%d puts in %s: %.1f %% of the quota", puts, took, 100*used)
				if puts != keys || throttled > 0 || used < 0.9 {
					t.Errorf("%d puts for %d keys, %d throttled, %.3f of the quota used", puts, keys, throttled, used)
				}
			})
		})
	}
}

func TestReconcilesOfAnUnchangedFleetUseNineTenthsOfTheQuotaOfReads(t *testing.T) {
	keys := 3000
	if functest.Racing {
		keys = 1000
	}
	p := pacedFor(t, "15")
	functest.Play(t, p.env, func(w *functest.World) {
		w.Cloud.SetQuotas(fakeaws.DocumentedQuotas()...)
		var reconciles [][]byte
		for i, object := range fleet(w, keys) {
			w.Cloud.S3.Put(functest.Bucket, object, []byte(functest.Policy("old")), nil)
			reconciles = append(reconciles, functest.Reconcile(object, []string{"sweep", "late-put"}[i%2]))
		}
		work(w, reconciles...)
		deploy(w, p)
		reads, throttled, took := span(w, "GetKeyPolicy")
		used := float64(reads) / took.Seconds() / 1000
		t.Logf("%d reads in %s: %.1f %% of the quota", reads, took, 100*used)
		if reads != keys || throttled > 0 || used < 0.9 || w.Puts() > 0 || len(w.Events()) > 0 {
			t.Errorf("%d reads of %d keys, %d throttled, %.3f of the quota used, %d puts, %d events", reads, keys, throttled, used, w.Puts(), len(w.Events()))
		}
	})
}

func TestReconcilesDoNotWaitForThePutsOfTheirBatch(t *testing.T) {
	functest.Play(t, map[string]string{"PUTS_PER_SECOND": "0.2"}, func(w *functest.World) {
		w.Cloud.S3.Put(functest.Bucket, functest.ObjectName, []byte(functest.Policy("old")), nil)
		bodies := append(uploads(fleet(w, 10)), functest.Reconcile(functest.ObjectName, "sweep"))
		start := time.Now()
		if back := w.Batch(bodies...); back != "" {
			t.Errorf("returned %q", back)
		}
		for _, c := range w.Cloud.Calls() {
			if c.Action == "GetKeyPolicy" && strings.Contains(c.Resource, functest.KeyID) {
				if after := c.Time.Sub(start); after > time.Second {
					t.Errorf("reconciled after %s", after)
				}
				return
			}
		}
		t.Error("did not reconcile")
	})
}
