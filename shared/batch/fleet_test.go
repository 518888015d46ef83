package batch_test

import (
	"github.com/keysmith/keysmith/shared/effort"
	"github.com/keysmith/keysmith/shared/functest"

	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	stations "github.com/keysmith/keysmith/shared/batch"
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
	halt := carry(w, p)
	for w.Cloud.SQS.Depth("work") > 0 {
		time.Sleep(time.Second)
	}
	halt()
}

// carry carries the queues of uploads and of reconciles to the instances of the
// function, which Lambda shares between both, until halt.
func carry(w *functest.World, p paced) (halt func()) {
	w.Helper()
	free := make(instances, p.instances+stations.SweepInstances)
	for range cap(free) {
		free <- w.Instance(p.env, io.Discard, io.Discard)
	}
	ctx, cancel := context.WithCancel(w.Context())
	var running sync.WaitGroup
	for queue, m := range map[string]eventsource.Mapping{
		"work": {BatchSize: p.batch, MaxConcurrency: p.instances}, "reconcile": {BatchSize: p.reconciles, MaxConcurrency: stations.SweepInstances},
	} {
		m.Function, m.Window, m.ReportItemFailures, m.Region = free, time.Second, true, "us-east-1"
		m.QueueURL, m.QueueARN = "http://aws.test/"+functest.Account+"/"+queue, "arn:aws:sqs:us-east-1:"+functest.Account+":"+queue
		m.Queue = sqs.New(sqs.Options{
			Region: "us-east-1", BaseEndpoint: aws.String("http://aws.test"), HTTPClient: &http.Client{Transport: w},
			Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		})
		m.Observe = func(d eventsource.Delivery) {
			if d.Err != nil && ctx.Err() == nil {
				w.Error(d.Err)
			}
		}
		running.Go(func() { m.Run(ctx) })
	}
	return func() {
		cancel()
		running.Wait()
	}
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
	keys := effort.Of(1500, 750, 300)
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
