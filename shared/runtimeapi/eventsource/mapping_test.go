package eventsource

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

const queueName = "apply"

// A bench is a queue, a function that does as told, and what was observed.
type bench struct {
	cloud   *fakeaws.Cloud
	mapping Mapping

	mu         sync.Mutex
	batches    [][]events.SQSMessage
	deliveries []Delivery
}

// do is how the function answers a batch.
type do func(ctx context.Context, batch []events.SQSMessage) (string, error)

type functionFunc func(ctx context.Context, payload []byte) ([]byte, error)

func (f functionFunc) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return f(ctx, payload)
}

func newBench(t *testing.T, answer do) *bench {
	t.Helper()
	b := &bench{cloud: fakeaws.New(fakeaws.Options{})}
	url, stop := fakeaws.Start(b.cloud)
	t.Cleanup(stop)
	arn := b.cloud.SQS.CreateQueue(queueName, map[string]string{"VisibilityTimeout": "1"})
	b.mapping = Mapping{
		Queue: sqs.New(sqs.Options{Region: "us-east-1", BaseEndpoint: &url, Credentials: aws.CredentialsProviderFunc(
			func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "A", SecretAccessKey: "S"}, nil
			})}),
		QueueURL:           url + "/111122223333/" + queueName,
		QueueARN:           arn,
		Region:             "us-east-1",
		BatchSize:          100,
		Window:             50 * time.Millisecond,
		ReportItemFailures: true,
		Function:           functionFunc(func(ctx context.Context, payload []byte) ([]byte, error) { return b.invoke(ctx, answer, payload) }),
		Observe: func(d Delivery) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.deliveries = append(b.deliveries, d)
		},
	}
	return b
}

func (b *bench) invoke(ctx context.Context, answer do, payload []byte) ([]byte, error) {
	var event events.SQSEvent
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, err
	}
	b.mu.Lock()
	b.batches = append(b.batches, event.Records)
	b.mu.Unlock()
	text, err := answer(ctx, event.Records)
	return []byte(text), err
}

func (b *bench) send(n int) {
	for i := range n {
		b.cloud.SQS.Send(queueName, fmt.Sprintf("message %d", i))
	}
}

// run lets the mapping work until enough is true.
func (b *bench) run(t *testing.T, enough func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b.mapping.Run(ctx)
	}()
	for ctx.Err() == nil {
		b.mu.Lock()
		done := enough()
		b.mu.Unlock()
		if done {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if ctx.Err() != nil {
		t.Error("it took too long")
	}
	cancel()
	<-ended
}

func (b *bench) delivered(n int) func() bool {
	return func() bool { return len(b.deliveries) >= n }
}

func succeed(context.Context, []events.SQSMessage) (string, error) { return "", nil }

func TestWhatTheFunctionHasDoneIsDeleted(t *testing.T) {
	b := newBench(t, succeed)
	b.send(3)
	b.run(t, b.delivered(1))
	if got := b.deliveries[0]; got.Messages != 3 || got.Deleted != 3 || got.Err != nil {
		t.Errorf("the delivery was %+v", got)
	}
	if depth := b.cloud.SQS.Depth(queueName); depth != 0 {
		t.Errorf("%d messages are left", depth)
	}
}

func TestWhatTheFunctionHandsBackComesAgain(t *testing.T) {
	b := newBench(t, func(_ context.Context, batch []events.SQSMessage) (string, error) {
		for _, one := range batch {
			if one.Body == "message 1" && one.Attributes["ApproximateReceiveCount"] == "1" {
				return `{"batchItemFailures":[{"itemIdentifier":"` + one.MessageId + `"}]}`, nil
			}
		}
		return "{}", nil
	})
	b.send(3)
	b.run(t, b.delivered(2))
	if b.deliveries[0].Deleted != 2 || b.deliveries[1].Deleted != 1 {
		t.Errorf("the deliveries were %+v", b.deliveries)
	}
	if again := b.batches[1]; len(again) != 1 || again[0].Body != "message 1" || again[0].Attributes["ApproximateReceiveCount"] != "2" {
		t.Errorf("the second batch was %+v", again)
	}
}

func TestNothingIsDeletedOnAGuess(t *testing.T) {
	for _, c := range []struct {
		name string
		do   do
		want string
	}{
		{"the function fails", func(context.Context, []events.SQSMessage) (string, error) { return "", errors.New("out of memory") }, "out of memory"},
		{"the answer is no JSON", func(context.Context, []events.SQSMessage) (string, error) { return "fine", nil }, ErrAnswer.Error()},
		{"the answer names a stranger", func(_ context.Context, batch []events.SQSMessage) (string, error) {
			return `{"batchItemFailures":[{"itemIdentifier":"` + batch[0].MessageId + `"},{"itemIdentifier":"x"}]}`, nil
		}, "is not in the batch"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, c.do)
			b.send(2)
			b.run(t, b.delivered(1))
			if got := b.deliveries[0]; got.Deleted != 0 || got.Err == nil || !strings.Contains(got.Err.Error(), c.want) {
				t.Errorf("the delivery was %+v", got)
			}
			if depth := b.cloud.SQS.Depth(queueName); depth != 2 {
				t.Errorf("%d messages are left", depth)
			}
		})
	}
}

func TestABatchGathersUntilItIsFull(t *testing.T) {
	b := newBench(t, succeed)
	b.mapping.BatchSize, b.mapping.MaxConcurrency = 20, 1
	b.send(25)
	b.run(t, b.delivered(2))
	if len(b.batches[0]) != 20 || len(b.batches[1]) != 5 {
		t.Errorf("the batches had %d and %d messages", len(b.batches[0]), len(b.batches[1]))
	}
}

func TestABatchTakesWhatComesWhileItsWindowIsOpen(t *testing.T) {
	b := newBench(t, succeed)
	b.mapping.Window = 2 * time.Second
	b.mapping.BatchSize = 2
	b.send(1)
	go func() {
		time.Sleep(50 * time.Millisecond)
		b.send(1)
	}()
	b.run(t, b.delivered(1))
	if len(b.batches[0]) != 2 {
		t.Errorf("the batch had %d messages", len(b.batches[0]))
	}
}

func TestNoMoreRunAtATimeThanAllowed(t *testing.T) {
	running, most := 0, 0
	var mu sync.Mutex
	note := func(change int) {
		mu.Lock()
		defer mu.Unlock()
		running += change
		most = max(most, running)
	}
	b := newBench(t, func(context.Context, []events.SQSMessage) (string, error) {
		note(1)
		defer note(-1)
		time.Sleep(30 * time.Millisecond)
		return "", nil
	})
	b.mapping.BatchSize, b.mapping.MaxConcurrency, b.mapping.Window = 1, 3, 0
	b.send(12)
	b.run(t, b.delivered(12))
	if most != 3 {
		t.Errorf("%d ran at a time", most)
	}
}

func TestStoppingEndsWithTheInvocationsUnderWay(t *testing.T) {
	entered := make(chan struct{})
	b := newBench(t, func(ctx context.Context, _ []events.SQSMessage) (string, error) {
		close(entered)
		<-ctx.Done()
		return "", ctx.Err()
	})
	b.send(1)
	b.run(t, func() bool {
		select {
		case <-entered:
			return true
		default:
			return false
		}
	})
	if len(b.deliveries) != 1 || !errors.Is(b.deliveries[0].Err, context.Canceled) {
		t.Errorf("the deliveries were %+v", b.deliveries)
	}
	if depth := b.cloud.SQS.Depth(queueName); depth != 1 {
		t.Errorf("%d messages are left", depth)
	}
}

func TestAQueueThatCannotBeReadIsReported(t *testing.T) {
	b := newBench(t, succeed)
	b.mapping.QueueURL += "-of-nobody"
	b.run(t, b.delivered(1))
	if err := b.deliveries[0].Err; err == nil || !strings.Contains(err.Error(), "receiving from") {
		t.Errorf("got %v", err)
	}
}

// The messages of a lost answer stay hidden until the queue shows them again.
func TestALostAnswerOfTheQueueIsToldAndWhatWasThereIsDelivered(t *testing.T) {
	b := newBench(t, succeed)
	b.mapping.BatchSize, b.mapping.MaxConcurrency, b.mapping.Window = 30, 1, time.Second
	b.cloud.Fault(fakeaws.Fault{Service: "sqs", Action: "ReceiveMessage", Nth: 2, Kind: fakeaws.DropAfter})
	b.send(30)
	b.run(t, func() bool { return b.cloud.SQS.Depth(queueName) == 0 })
	if first := b.deliveries[0]; first.Err == nil || !strings.Contains(first.Err.Error(), "receiving from") {
		t.Errorf("the first delivery was %+v, want the lost answer told", first)
	}
	if second := b.deliveries[1]; second.Messages != 10 || second.Deleted != 10 || len(b.batches) < 2 {
		t.Errorf("then %+v, in %d batches; want the ten that had come, and the others later", second, len(b.batches))
	}
}

func TestBatchesGatherBesideEachOther(t *testing.T) {
	b := newBench(t, func(context.Context, []events.SQSMessage) (string, error) {
		time.Sleep(50 * time.Millisecond)
		return "", nil
	})
	b.mapping.BatchSize, b.mapping.MaxConcurrency, b.mapping.Window = 1000, 4, 200*time.Millisecond
	b.send(400)
	b.run(t, func() bool { return b.cloud.SQS.Depth(queueName) == 0 })
	if len(b.batches) < 3 || len(b.batches[0]) > 200 {
		t.Errorf("%d batches, the first of %d messages; want the messages shared out among four", len(b.batches), len(b.batches[0]))
	}
}
