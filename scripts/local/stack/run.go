package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/runtimeapi/eventsource"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

// Bucket is the name of the policy bucket.
func (s *Stack) Bucket() string { return s.declared.Buckets[0].Name }

// Bus is the name of the bus with this logical id; empty where there is none.
func (s *Stack) Bus(logicalID string) string {
	for _, b := range s.declared.Buses {
		if b.LogicalID == logicalID {
			return b.Name
		}
	}
	return ""
}

// Setting is an environment variable of the function.
func (s *Stack) Setting(name string) string { return s.function.Environment[name] }

// RoleARN is the function's role.
func (s *Stack) RoleARN() string { return s.function.RoleARN }

// Upload stores an object in the policy bucket, as a pipeline would.
func (s *Stack) Upload(object string, text []byte) (version string) {
	return s.Cloud.S3.Put(s.Bucket(), object, text, nil)
}

// carry starts the event source mappings and returns what ends them.
func (s *Stack) carry(cfg Config) (halt func()) {
	ctx, cancel := context.WithCancel(context.Background())
	client := sqs.New(sqs.Options{
		Region:       Region,
		BaseEndpoint: &s.URL,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: functionKey, SecretAccessKey: "none"}, nil
		}),
	})
	var running sync.WaitGroup
	for _, source := range s.function.Sources {
		if mapping, ok := s.mapping(source, cfg.Window); ok {
			mapping.Queue = client
			running.Go(func() { mapping.Run(ctx) })
		}
	}
	return func() {
		cancel()
		s.pool.Close()
		running.Wait()
	}
}

func (s *Stack) mapping(source samtemplate.EventSource, window time.Duration) (eventsource.Mapping, bool) {
	queue, ok := s.declared.QueueByARN(source.QueueARN)
	if !ok || !source.Enabled {
		return eventsource.Mapping{}, false
	}
	if window == 0 {
		window = source.Window
	}
	return eventsource.Mapping{
		Function:           s.pool,
		QueueURL:           queue.URL,
		QueueARN:           queue.ARN,
		Region:             Region,
		BatchSize:          source.BatchSize,
		Window:             window,
		MaxConcurrency:     s.concurrency(),
		ReportItemFailures: source.ReportItemFailures,
		Observe:            s.observe,
	}, true
}

func (s *Stack) observe(d eventsource.Delivery) {
	if d.Err == nil || errors.Is(d.Err, context.Canceled) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = append(s.failures, d.Err)
}

// Failures returns what went wrong between queue and function since the last
// call.
func (s *Stack) Failures() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := errors.Join(s.failures...)
	s.failures = nil
	return err
}

// settlePoll is how often the queues are looked at while the function works.
const settlePoll = 5 * time.Millisecond

// Settle waits until everything that was sent has been dealt with, and returns
// the result events that came of it. It ends at the first invocation that
// fails; a message that is handed back keeps it waiting, until ctx ends.
func (s *Stack) Settle(ctx context.Context) ([]outcome.Event, error) {
	for s.waiting() > 0 {
		if err := s.Failures(); err != nil {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for the queue to empty: %w", context.Cause(ctx))
		case <-time.After(settlePoll):
		}
	}
	return s.Results()
}

func (s *Stack) waiting() int {
	n := 0
	for _, source := range s.function.Sources {
		if queue, ok := s.declared.QueueByARN(source.QueueARN); ok {
			n += s.Cloud.SQS.Depth(queue.Name)
		}
	}
	return n
}

// Results returns the result events that have come since the last call.
func (s *Stack) Results() ([]outcome.Event, error) {
	var events []outcome.Event
	for {
		messages := s.Cloud.SQS.Receive(resultQueue, 10)
		if len(messages) == 0 {
			return events, nil
		}
		for _, m := range messages {
			var e outcome.Event
			if err := json.Unmarshal([]byte(m.Body), &e); err != nil {
				return nil, fmt.Errorf("reading a result event: %w", err)
			}
			events = append(events, e)
			s.Cloud.SQS.Delete(resultQueue, m.Receipt)
		}
	}
}
