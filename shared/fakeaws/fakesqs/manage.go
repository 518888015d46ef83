package fakesqs

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

var defaults = map[string]string{
	"DelaySeconds":                  "0",
	"MaximumMessageSize":            "1048576",
	"MessageRetentionPeriod":        "345600",
	"ReceiveMessageWaitTimeSeconds": "0",
	"VisibilityTimeout":             "30",
}

type createQueueInput struct {
	QueueName  string
	Attributes map[string]string
}

func (s *Service) createQueue(_ context.Context, call *wire.Call, in createQueueInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call.Resource = s.arn(in.QueueName)
	if in.QueueName == "" || strings.HasSuffix(in.QueueName, ".fifo") {
		return nil, refuse("InvalidParameterValue", "InvalidParameterValue", "the fake has standard queues only")
	}
	if err := s.checkAttributes(in.QueueName, in.Attributes); err != nil {
		return nil, err
	}
	s.create(in.QueueName, in.Attributes)
	return map[string]string{"QueueUrl": s.url(call, in.QueueName)}, nil
}

// create is idempotent, as CreateQueue is.
func (s *Service) create(name string, attrs map[string]string) {
	if s.queues[name] != nil {
		return
	}
	q := &queue{name: name, created: s.opts.Now(), attrs: maps.Clone(defaults), changed: make(chan struct{})}
	maps.Copy(q.attrs, attrs)
	s.queues[name] = q
}

type queueInput struct{ QueueUrl string }

func (s *Service) deleteQueue(_ context.Context, call *wire.Call, in queueInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.target(call, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	delete(s.queues, q.name)
	q.wake()
	return struct{}{}, nil
}

func (s *Service) purgeQueue(_ context.Context, call *wire.Call, in queueInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.target(call, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	q.messages = nil
	return struct{}{}, nil
}

type getQueueURLInput struct{ QueueName string }

func (s *Service) getQueueURL(_ context.Context, call *wire.Call, in getQueueURLInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.target(call, in.QueueName)
	if err != nil {
		return nil, err
	}
	return map[string]string{"QueueUrl": s.url(call, q.name)}, nil
}

type listQueuesInput struct{ QueueNamePrefix string }

func (s *Service) listQueues(_ context.Context, call *wire.Call, in listQueuesInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call.Resource = "*"
	urls := []string{}
	for _, name := range slices.Sorted(maps.Keys(s.queues)) {
		if strings.HasPrefix(name, in.QueueNamePrefix) {
			urls = append(urls, s.url(call, name))
		}
	}
	return map[string]any{"QueueUrls": urls}, nil
}

// listDeadLetterSourceQueues names the queues whose dead letters go to one.
// The answer's member is in lower case, as in the API.
func (s *Service) listDeadLetterSourceQueues(_ context.Context, call *wire.Call, in queueInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	dead, err := s.target(call, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	urls := []string{}
	for _, name := range slices.Sorted(maps.Keys(s.queues)) {
		if target, limit := s.queues[name].redrive(); limit > 0 && target == s.arn(dead.name) {
			urls = append(urls, s.url(call, name))
		}
	}
	return map[string]any{"queueUrls": urls}, nil
}

type getQueueAttributesInput struct {
	QueueUrl       string
	AttributeNames []string
}

func (s *Service) getQueueAttributes(_ context.Context, call *wire.Call, in getQueueAttributesInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.target(call, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(q.attrs)
	visible, inFlight, delayed := q.counts(s.opts.Now())
	maps.Copy(all, map[string]string{
		"QueueArn":                              s.arn(q.name),
		"CreatedTimestamp":                      strconv.FormatInt(q.created.Unix(), 10),
		"ApproximateNumberOfMessages":           strconv.Itoa(visible),
		"ApproximateNumberOfMessagesNotVisible": strconv.Itoa(inFlight),
		"ApproximateNumberOfMessagesDelayed":    strconv.Itoa(delayed),
	})
	if !slices.Contains(in.AttributeNames, "All") {
		maps.DeleteFunc(all, func(name, _ string) bool { return !slices.Contains(in.AttributeNames, name) })
	}
	return map[string]any{"Attributes": all}, nil
}

type setQueueAttributesInput struct {
	QueueUrl   string
	Attributes map[string]string
}

func (s *Service) setQueueAttributes(_ context.Context, call *wire.Call, in setQueueAttributesInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.target(call, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if err := s.checkAttributes(q.name, in.Attributes); err != nil {
		return nil, err
	}
	maps.Copy(q.attrs, in.Attributes)
	return struct{}{}, nil
}
