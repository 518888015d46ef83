package stack

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

// What the template does not declare, because a deployment has it from
// elsewhere: the identities of the functions and of the person, and queues that
// take the result events and those of the bucket.
const (
	functionKey = "AKIAFUNCTION" // and the name of the function
	watcherKey  = "AKIAWATCHER"  // an administrator, who looks on
	resultQueue = "local-results"
	bucketQueue = "local-bucket"
)

// make brings the declared resources about, with their policies. Queues come
// first, since rules point to them.
func (s *Stack) make(visibility time.Duration) error {
	for _, q := range s.declared.Queues {
		q.Visibility = cmp.Or(visibility, q.Visibility)
		s.Cloud.SQS.CreateQueue(q.Name, queueAttributes(q))
	}
	for _, b := range s.declared.Buses {
		s.Cloud.Events.CreateBus(b.Name)
		s.Cloud.Events.SetPolicy(b.Name, b.Policy)
	}
	for _, rule := range s.declared.Rules {
		if err := s.makeRule(rule); err != nil {
			return err
		}
	}
	bucket := s.declared.Buckets[0]
	s.Cloud.S3.CreateBucket(bucket.Name, bucket.Versioned)
	s.Cloud.S3.NotifyEventBridge(bucket.Name, bucket.EventBridge)
	s.Cloud.S3.SetPolicy(bucket.Name, bucket.Policy)
	return s.listen()
}

func queueAttributes(q samtemplate.Queue) map[string]string {
	attributes := map[string]string{"VisibilityTimeout": strconv.Itoa(int(q.Visibility / time.Second))}
	if q.Policy != "" {
		attributes["Policy"] = q.Policy
	}
	if q.RedriveAllow != "" {
		attributes["RedriveAllowPolicy"] = q.RedriveAllow
	}
	if q.DeadLetterARN != "" {
		attributes["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, q.DeadLetterARN, q.MaxReceiveCount)
	}
	return attributes
}

func (s *Stack) makeRule(rule samtemplate.Rule) error {
	if !rule.Enabled {
		return nil
	}
	targets := make([]fakeaws.Target, len(rule.Targets))
	for i, t := range rule.Targets {
		targets[i] = fakeaws.Target{ARN: t.ARN, DeadLetter: t.DeadLetterARN}
	}
	return s.Cloud.Events.PutRule(rule.Name, rule.Bus, string(rule.Pattern), targets...)
}

// listen keeps the result events and the events of the bucket: rules send them
// to queues of this stack's own.
func (s *Stack) listen() error {
	results := s.Cloud.SQS.CreateQueue(resultQueue, nil)
	bus := samtemplate.BusName(s.first().Environment["RESULT_BUS"])
	if err := s.Cloud.Events.PutRule(resultQueue, bus, `{"source":["keysmith"]}`, fakeaws.Target{ARN: results}); err != nil {
		return err
	}
	objects := s.Cloud.SQS.CreateQueue(bucketQueue, nil)
	return s.Cloud.Events.PutRule(bucketQueue, "default", `{"source":["aws.s3"]}`, fakeaws.Target{ARN: objects})
}
