package main

import (
	"strconv"
	"testing"
	"time"

	stations "github.com/keysmith/keysmith/shared/batch"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

// paced is what the template makes of a quota.
type paced struct {
	instances, batch int
	env              map[string]string // of one instance
}

func pacedFor(t *testing.T, quota string) paced {
	t.Helper()
	stack, err := samtemplate.Load("../../template.yaml", samtemplate.Options{Parameters: map[string]string{
		"KeyArns": "arn:aws:kms:us-east-1:" + account + ":key/*", "PutQuota": quota,
	}})
	if err != nil {
		t.Fatal(err)
	}
	f := stack.Functions[0]
	return paced{f.Sources[0].MaximumConcurrency, f.Sources[0].BatchSize, map[string]string{
		"PUTS_PER_SECOND": f.Environment["PUTS_PER_SECOND"], "APPLY_QUEUE_URL": "http://aws.test/" + account + "/work",
	}}
}

// work makes the queue as it is deployed, with messages on it.
func (w *world) work(bodies ...[]byte) {
	w.cloud.SQS.CreateQueue("dead", nil)
	w.cloud.SQS.CreateQueue("work", map[string]string{
		"VisibilityTimeout": "720", "RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:` + account + `:dead","maxReceiveCount":10}`,
	})
	for _, body := range bodies {
		w.cloud.SQS.Send("work", string(body))
	}
}

// workOff lets one instance take batches until the queue is empty. It returns
// how often a message was received at most.
func (w *world) workOff(batch int) (receives int) {
	w.Helper()
	for range 1000 {
		messages := w.cloud.SQS.Receive("work", batch)
		for _, m := range messages {
			receives = max(receives, m.ReceiveCount)
		}
		switch {
		case len(messages) > 0:
			w.settle("work", messages)
		case w.cloud.SQS.Depth("work") == 0:
			return receives
		default:
			time.Sleep(time.Second)
		}
	}
	w.Fatal("the queue never gets empty")
	return 0
}

func uploads(objects []string) (bodies [][]byte) {
	for _, object := range objects {
		bodies = append(bodies, uploaded(object, ""))
	}
	return bodies
}

func TestAFullBatchIsPutAndProvenInOneInvocation(t *testing.T) {
	for _, quota := range []string{"1", "15"} {
		t.Run(quota, func(t *testing.T) {
			p := pacedFor(t, quota)
			if p.batch > stations.AtOnce {
				t.Errorf("a batch of %d does not fit side by side", p.batch)
			}
			play(t, p.env, func(w *world) {
				start := time.Now()
				w.work(uploads(w.fleet(p.batch))...)
				if receives := w.workOff(p.batch); receives != 1 {
					t.Errorf("a message was received %d times", receives)
				}
				if took := time.Since(start); took > 75*time.Second || w.puts() != p.batch {
					t.Errorf("%d of %d keys were put in %s", w.puts(), p.batch, took)
				}
			})
		})
	}
}

// Somebody else may use the quota as well, or AWS may have less to give than
// the template was told.
func TestAFloodAboveTheQuotaMovesNothingToTheDeadLetters(t *testing.T) {
	p := pacedFor(t, "15")
	play(t, p.env, func(w *world) {
		rate, err := strconv.ParseFloat(p.env["PUTS_PER_SECOND"], 64)
		if err != nil {
			t.Fatal(err)
		}
		w.cloud.SetQuotas(fakeaws.Quota{Service: "kms", Action: "PutKeyPolicy", PerSecond: rate / 2})
		objects := w.fleet(p.batch)
		w.work(uploads(objects)...)
		receives := w.workOff(p.batch)
		t.Logf("with half of the quota a message is received %d times at most", receives)
		if receives > 3 || w.cloud.SQS.Depth("dead") > 0 {
			t.Errorf("a message was received %d times, and %d are dead letters", receives, w.cloud.SQS.Depth("dead"))
		}
		if applied := len(w.appliedAfter(time.Now())); applied != len(objects) {
			t.Errorf("%d of %d were applied", applied, len(objects))
		}
	})
}

func TestAFloodOnOneKeyAcrossBatchesDelaysTheOthersByABoundedTime(t *testing.T) {
	p := pacedFor(t, "15")
	play(t, p.env, func(w *world) {
		w.upload(policy("new"))
		var bodies [][]byte
		for range 5 * p.batch {
			bodies = append(bodies, uploaded(objectName, ""))
		}
		others := w.fleet(18)
		start := time.Now()
		w.work(append(bodies, uploads(others)...)...)
		w.workOff(p.batch)
		// Five batches that are all one key take its proof each; then 19 keys at
		// 2.97 puts a second, and their proof.
		bound := 5*6*time.Second + 19*time.Second*100/297 + 6*time.Second
		after := w.appliedAfter(start)
		for _, object := range others {
			if took, ok := after[object]; !ok || took > bound {
				t.Errorf("%s: applied %v after %s; want at most %s", object, ok, took, bound)
			}
		}
		if w.puts() > 5+len(others)+1 {
			t.Errorf("%d puts; want one for each batch, and one for each other key", w.puts())
		}
	})
}
