package batch_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/effort"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/functest"
)

// An answer that Lambda does not get returns the whole batch: all that is done
// and reported is done and reported again.

// keys makes n keys with an object each, and returns their uploads.
func keys(w *functest.World, n int) (uploads [][]byte) {
	for i := range n {
		id := fmt.Sprintf("6f1c7a52-3c0e-4a86-9d7e-%012x", i)
		w.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: id, Policy: functest.Policy("old")})
		w.Cloud.S3.Put(functest.Bucket, "policies/"+id+".json", []byte(functest.Policy("new")), nil)
		uploads = append(uploads, functest.Uploaded("policies/"+id+".json", ""))
	}
	return uploads
}

// answered invokes the function and returns how many messages it hands back, and
// how much of its time was left.
func answered(t *testing.T, w *functest.World, payload []byte) (back int, left time.Duration) {
	t.Helper()
	start := time.Now()
	out, err := w.Invoke(payload)
	var answer struct{ BatchItemFailures []any }
	if err != nil || json.Unmarshal(out, &answer) != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return len(answer.BatchItemFailures), functest.Timeout - time.Since(start)
}

func TestAQueueThatHangsDoesNotCostTheAnswer(t *testing.T) {
	for name, fault := range map[string]fakeaws.Fault{
		"hangs":        {Service: "sqs", Action: "ChangeMessageVisibilityBatch", Kind: fakeaws.Hang},
		"is slow":      {Service: "sqs", Action: "ChangeMessageVisibilityBatch", Kind: fakeaws.Slow, Delay: 100 * time.Millisecond},
		"is very slow": {Service: "sqs", Action: "ChangeMessageVisibilityBatch", Kind: fakeaws.Slow, Delay: 4 * time.Second},
	} {
		functest.Play(t, map[string]string{"PUTS_PER_SECOND": "1000"}, func(w *functest.World) {
			n := effort.Of(200, 200, 60)
			uploads := keys(w, n)
			for i := range n / 2 { // of which half are in trouble to the end
				w.Cloud.Fault(fakeaws.Fault{Service: "kms", Action: "GetKeyPolicy", Resource: fmt.Sprintf("6f1c7a52-3c0e-4a86-9d7e-%012x", i),
					Kind: fakeaws.Refuse, Code: "ThrottlingException"})
			}
			w.Cloud.Fault(fault)
			back, left := answered(t, w, functest.Batch(uploads...))
			if back != n/2 || left < time.Second {
				t.Errorf("SQS %s: %d are handed back, with %s left", name, back, left)
			}
		})
	}
}

func TestABusThatHangsDoesNotCostTheAnswer(t *testing.T) {
	functest.Play(t, map[string]string{"PUTS_PER_SECOND": "1000"}, func(w *functest.World) {
		payloads := keys(w, 1)
		object := "policies/6f1c7a52-3c0e-4a86-9d7e-000000000000.json"
		for i := range 60 { // each of them gets an event of its own
			payloads = append(payloads, functest.Requested(fmt.Sprint("r", i), time.Now(), functest.M{"object": object}))
		}
		w.Cloud.Fault(fakeaws.Fault{Service: "events", Action: "PutEvents", Kind: fakeaws.Hang})
		back, left := answered(t, w, functest.Batch(payloads...))
		if back != 61 || left < time.Second {
			t.Errorf("%d are handed back, with %s left", back, left)
		}
	})
}

// A slow bus takes what it can; only the rest comes again.
func TestTheEventsOfAGroupGoOutTogether(t *testing.T) {
	functest.Play(t, map[string]string{"PUTS_PER_SECOND": "1000"}, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		var payloads [][]byte
		for i := range 100 {
			payloads = append(payloads, functest.Requested(fmt.Sprint("r", i), time.Now(), functest.M{"object": functest.ObjectName}))
		}
		w.Cloud.Fault(fakeaws.Fault{Service: "events", Action: "PutEvents", Kind: fakeaws.Slow, Delay: 2 * time.Second})
		back, left := answered(t, w, functest.Batch(payloads...))
		if back != 0 || left < 90*time.Second || len(w.Events()) != 100 {
			t.Errorf("%d are handed back, with %s left; %d events", back, left, len(w.Events()))
		}
	})
}
