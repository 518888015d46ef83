package batch_test

import (
	"github.com/keysmith/keysmith/shared/functest"

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
	reconciles       int               // of a batch
	env              map[string]string // of one instance
}

func pacedFor(t *testing.T, quota string) paced {
	t.Helper()
	stack, err := samtemplate.Load("../../template.yaml", samtemplate.Options{Parameters: map[string]string{
		"KeyArns": "arn:aws:kms:us-east-1:" + functest.Account + ":key/*", "PutQuota": quota,
	}})
	if err != nil {
		t.Fatal(err)
	}
	f := stack.Functions[0]
	env := functest.Deployed()
	env["PUTS_PER_SECOND"], env["APPLY_QUEUE_URL"] = f.Environment["PUTS_PER_SECOND"], "http://aws.test/"+functest.Account+"/work"
	return paced{f.Sources[0].MaximumConcurrency, f.Sources[0].BatchSize, f.Sources[1].BatchSize, env}
}

// work makes the queue as it is deployed, with messages on it.
func work(w *functest.World, bodies ...[]byte) {
	w.Cloud.SQS.CreateQueue("dead", nil)
	w.Cloud.SQS.CreateQueue("work", map[string]string{
		"VisibilityTimeout": "720", "RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:` + functest.Account + `:dead","maxReceiveCount":10}`,
	})
	for _, body := range bodies {
		w.Cloud.SQS.Send("work", string(body))
	}
}

// workOff lets one instance take batches until the queue is empty. It returns
// how often a message was received at most.
func workOff(w *functest.World, batch int) (receives int) {
	w.Helper()
	for range 1000 {
		messages := w.Cloud.SQS.Receive("work", batch)
		for _, m := range messages {
			receives = max(receives, m.ReceiveCount)
		}
		switch {
		case len(messages) > 0:
			w.Settle("work", messages)
		case w.Cloud.SQS.Depth("work") == 0:
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
		bodies = append(bodies, functest.Uploaded(object, ""))
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
			functest.Play(t, p.env, func(w *functest.World) {
				start := time.Now()
				work(w, uploads(fleet(w, p.batch))...)
				if receives := workOff(w, p.batch); receives != 1 {
					t.Errorf("a message was received %d times", receives)
				}
				if took := time.Since(start); took > 75*time.Second || w.Puts() != p.batch {
					t.Errorf("%d of %d keys were put in %s", w.Puts(), p.batch, took)
				}
			})
		})
	}
}

// Somebody else may use the quota as well, or AWS may have less to give than
// the template was given.
func TestAFloodAboveTheQuotaMovesNothingToTheDeadLetters(t *testing.T) {
	p := pacedFor(t, "15")
	functest.Play(t, p.env, func(w *functest.World) {
		rate, err := strconv.ParseFloat(p.env["PUTS_PER_SECOND"], 64)
		if err != nil {
			t.Fatal(err)
		}
		w.Cloud.SetQuotas(fakeaws.Quota{Service: "kms", Action: "PutKeyPolicy", PerSecond: rate / 2})
		objects := fleet(w, p.batch)
		work(w, uploads(objects)...)
		receives := workOff(w, p.batch)
		t.Logf("with half of the quota a message is received %d times at most", receives)
		if receives > 3 || w.Cloud.SQS.Depth("dead") > 0 {
			t.Errorf("a message was received %d times, and %d are dead letters", receives, w.Cloud.SQS.Depth("dead"))
		}
		if applied := len(appliedAfter(w, time.Now())); applied != len(objects) {
			t.Errorf("%d of %d were applied", applied, len(objects))
		}
	})
}

func TestAFloodOnOneKeyAcrossBatchesDelaysTheOthersByABoundedTime(t *testing.T) {
	p := pacedFor(t, "15")
	functest.Play(t, p.env, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		var bodies [][]byte
		for range 5 * p.batch {
			bodies = append(bodies, functest.Uploaded(functest.ObjectName, ""))
		}
		others := fleet(w, 18)
		start := time.Now()
		work(w, append(bodies, uploads(others)...)...)
		workOff(w, p.batch)
		// Five batches that are all one key take its proof each; then 19 keys at
		// 2.97 puts a second, and their proof.
		bound := 5*6*time.Second + 19*time.Second*100/297 + 6*time.Second
		after := appliedAfter(w, start)
		for _, object := range others {
			if took, ok := after[object]; !ok || took > bound {
				t.Errorf("%s: applied %v after %s; want at most %s", object, ok, took, bound)
			}
		}
		if w.Puts() > 5+len(others)+1 {
			t.Errorf("%d puts; want one for each batch, and one for each other key", w.Puts())
		}
	})
}
