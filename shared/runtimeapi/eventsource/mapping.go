// Package eventsource carries messages from an SQS queue to a function, as
// Lambda's event source mapping does.
//
// Between a queue and a function stands a part of Lambda that has rules of its
// own: what a batch is, which messages are deleted afterwards, what an answer
// with an unknown id means. Whether an upload can be lost depends on them, so
// the local stack keeps to them instead of handing messages over directly.
package eventsource

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// queue is the part of *sqs.Client that a mapping calls.
type queue interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
}

// function is whatever answers one invocation, such as a *runtimeapi.Pool.
type function interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// A Mapping connects one queue with one function.
type Mapping struct {
	Queue    queue
	Function function

	QueueURL, QueueARN string
	Region             string

	BatchSize          int           // at most this many messages in one invocation; 10 where zero
	Window             time.Duration // how long a batch that is not full waits for more
	MaxConcurrency     int           // invocations at a time; 2, Lambda's least, where zero
	ReportItemFailures bool          // the function answers with batchItemFailures

	// Observe is called after each invocation, from several goroutines. It may
	// be nil.
	Observe func(Delivery)
}

// A Delivery is one invocation and the outcome of its messages.
type Delivery struct {
	Messages int
	Deleted  int
	Took     time.Duration
	Err      error // of the invocation, of its answer, or of the deletion
}

// retryPause keeps a queue that cannot be read from being asked in a tight loop.
const retryPause = 200 * time.Millisecond

// Run carries messages until ctx ends, then waits for the invocations under
// way, which end with ctx as well. What was received and not deleted becomes
// visible again when the queue says so: nothing is lost by stopping.
func (m Mapping) Run(ctx context.Context) {
	m = m.withDefaults()
	var pollers sync.WaitGroup
	for range m.MaxConcurrency {
		pollers.Go(func() { m.poll(ctx) })
	}
	pollers.Wait()
}

// poll receives only when it is free to deliver: a message that waits for a
// sandbox outside the queue would use up its receive count for nothing. All
// pollers gather at the same time, as Lambda's do, so that the last messages of
// many come in batches of one size.
func (m Mapping) poll(ctx context.Context) {
	for ctx.Err() == nil {
		batch, err := m.collect(ctx)
		m.complain(ctx, err)
		if len(batch) == 0 {
			continue
		}
		for _, part := range m.parts(batch) {
			m.deliver(ctx, part)
		}
	}
}

func (m Mapping) withDefaults() Mapping {
	if m.BatchSize == 0 {
		m.BatchSize = 10
	}
	if m.MaxConcurrency == 0 {
		m.MaxConcurrency = 2
	}
	if m.Observe == nil {
		m.Observe = func(Delivery) {}
	}
	return m
}

func (m Mapping) complain(ctx context.Context, err error) {
	if err == nil || ctx.Err() != nil {
		return
	}
	m.Observe(Delivery{Err: fmt.Errorf("receiving from %s: %w", m.QueueURL, err)})
	select {
	case <-ctx.Done():
	case <-time.After(retryPause):
	}
}

func (m Mapping) deliver(ctx context.Context, batch []message) {
	begin := time.Now()
	answer, err := m.Function.Invoke(ctx, m.event(batch))
	d := Delivery{Messages: len(batch), Took: time.Since(begin), Err: err}
	if err == nil {
		d.Deleted, d.Err = m.settle(ctx, batch, answer)
	}
	m.Observe(d)
}

// settle deletes what the function has done. The deletion is tried although ctx
// may be ending, because the work behind it is finished.
func (m Mapping) settle(ctx context.Context, batch []message, answer []byte) (int, error) {
	failed, err := m.failures(batch, answer)
	if err != nil {
		return 0, err
	}
	var done []message
	for _, one := range batch {
		if !failed[*one.MessageId] {
			done = append(done, one)
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return m.remove(ctx, done)
}

// ErrAnswer reports that the function's answer cannot be understood. As on
// Lambda, the whole batch then counts as failed.
var ErrAnswer = errors.New("the answer of the function is no batch response")
