package functest

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// Batch invokes the handler with an SQS batch and returns the ids of the
// messages that it returns to the queue.
func (w *World) Batch(bodies ...[]byte) string {
	w.Helper()
	out, err := w.Invoke(Batch(bodies...))
	if err != nil {
		w.Fatal(err)
	}
	var answer struct {
		BatchItemFailures []struct{ ItemIdentifier string }
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		w.Fatalf("%v: %s", err, out)
	}
	var ids []string
	for _, f := range answer.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return strings.Join(ids, " ")
}

// BatchOf is the payload for messages that were received from the apply queue.
func BatchOf(messages []fakeaws.Message) []byte { return BatchFrom("apply", messages) }

// BatchFrom is the payload for messages that were received from a queue.
func BatchFrom(queue string, messages []fakeaws.Message) []byte {
	var records []M
	for _, one := range messages {
		records = append(records, M{
			"messageId": one.ID, "receiptHandle": one.Receipt, "body": one.Body, "eventSource": "aws:sqs",
			"eventSourceARN": "arn:aws:sqs:us-east-1:" + Account + ":" + queue,
			"attributes": M{
				"ApproximateReceiveCount":          strconv.Itoa(one.ReceiveCount),
				"ApproximateFirstReceiveTimestamp": strconv.FormatInt(one.FirstReceived.UnixMilli(), 10),
			},
		})
	}
	return JSON(M{"Records": records})
}

// Drain carries messages from a queue to the function until there are none.
func (w *World) Drain(queue string) {
	w.Helper()
	for range 1000 {
		messages := w.Cloud.SQS.Receive(queue, 10)
		if len(messages) == 0 && w.Cloud.SQS.Depth(queue) == 0 {
			return
		}
		if len(messages) > 0 {
			w.Settle(queue, messages)
		}
		time.Sleep(10 * time.Second)
	}
	w.Fatal("the queue never gets empty")
}

// Settle invokes the function with messages and deletes those that it does not
// return.
func (w *World) Settle(queue string, messages []fakeaws.Message) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), Timeout)
	defer cancel()
	out, err := w.Handler.Invoke(ctx, BatchFrom(queue, messages))
	var answer struct {
		BatchItemFailures []struct{ ItemIdentifier string }
	}
	if err != nil || json.Unmarshal(out, &answer) != nil {
		w.Fatalf("%v: %s", err, out)
	}
	back := map[string]bool{}
	for _, f := range answer.BatchItemFailures {
		back[f.ItemIdentifier] = true
	}
	for _, one := range messages {
		if !back[one.ID] {
			w.Cloud.SQS.Delete(queue, one.Receipt)
		}
	}
}

// Batch is the payload for new messages, with the ids m0, m1 and so on.
func Batch(bodies ...[]byte) []byte {
	var records []M
	for i, b := range bodies {
		records = append(records, M{"messageId": fmt.Sprintf("m%d", i), "receiptHandle": "r", "body": string(b),
			"attributes": M{"ApproximateReceiveCount": "2"}, "eventSource": "aws:sqs"})
	}
	return JSON(M{"Records": records})
}

// DeadLetterQueue makes the queue "work", with a dead-letter queue "dead".
func (w *World) DeadLetterQueue() {
	dead := w.Cloud.SQS.CreateQueue("dead", nil)
	// The visibility timeout is shorter than deployed, so that tests have less to
	// wait for.
	w.Cloud.SQS.CreateQueue("work", map[string]string{
		"VisibilityTimeout": "180", "RedrivePolicy": `{"deadLetterTargetArn":"` + dead + `","maxReceiveCount":10}`,
	})
}
