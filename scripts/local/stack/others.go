package stack

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// others is how much of what happened beside the function was handed out.
type others struct {
	puts        int            // of all that KMS accepted
	deadLetters map[string]int // by queue
}

// An ObjectChange is an object of the policy bucket that was stored or deleted.
type ObjectChange struct {
	Object  string
	Deleted bool
}

// ObjectChanges returns what happened in the bucket since the last call, in
// order, whoever did it.
func (s *Stack) ObjectChanges() ([]ObjectChange, error) {
	var changes []ObjectChange
	for _, body := range s.drain(bucketQueue) {
		var e struct {
			DetailType string `json:"detail-type"`
			Detail     struct {
				Object struct{ Key string }
			}
		}
		if err := json.Unmarshal(body, &e); err != nil {
			return nil, err
		}
		changes = append(changes, ObjectChange{e.Detail.Object.Key, e.DetailType == "Object Deleted"})
	}
	return changes, nil
}

// ByFunction reports whether keysmith's function put a policy.
func (s *Stack) ByFunction(put fakeaws.KeyPut) bool { return put.Caller == s.sessionARN(s.first()) }

// PutsSince returns every PutKeyPolicy that KMS accepted after the first n, and
// how many there are now.
func (s *Stack) PutsSince(n int) ([]fakeaws.KeyPut, int) {
	all := s.Cloud.KMS.Puts()
	return all[min(n, len(all)):], len(all)
}

// PutsByOthers returns every PutKeyPolicy since the last call that KMS accepted
// from somebody else than the function.
func (s *Stack) PutsByOthers() []fakeaws.KeyPut {
	var puts []fakeaws.KeyPut
	puts, s.others.puts = s.PutsSince(s.others.puts)
	return slices.DeleteFunc(slices.Clone(puts), s.ByFunction)
}

// A DeadLetter is a message that was delivered too often, or not at all.
type DeadLetter struct {
	Queue    string // name of the dead-letter queue
	Body     string
	Receives int // deliveries after which SQS gives a message up; zero where a rule could not deliver it
}

// deadQueues returns the dead-letter queues, each with the number of deliveries
// after which it gets a message.
func (s *Stack) deadQueues() map[string]int {
	queues := map[string]int{}
	for _, q := range s.declared.Queues {
		if dead, ok := s.declared.QueueByARN(q.DeadLetterARN); ok {
			queues[dead.Name] = q.MaxReceiveCount
		}
	}
	for _, rule := range s.declared.Rules {
		for _, target := range rule.Targets {
			if dead, ok := s.declared.QueueByARN(target.DeadLetterARN); ok {
				queues[dead.Name] = max(queues[dead.Name], 0)
			}
		}
	}
	return queues
}

// GivenUp is how many messages lie in dead-letter queues.
func (s *Stack) GivenUp() int {
	n := 0
	for queue := range s.deadQueues() {
		n += s.Cloud.SQS.Depth(queue)
	}
	return n
}

// DeadLetters returns the messages that have come to a dead-letter queue since
// the last call. They stay there.
func (s *Stack) DeadLetters() []DeadLetter {
	if s.others.deadLetters == nil {
		s.others.deadLetters = map[string]int{}
	}
	var letters []DeadLetter
	queues := s.deadQueues()
	for _, queue := range slices.Sorted(maps.Keys(queues)) {
		bodies := s.Cloud.SQS.Bodies(queue)
		for _, body := range bodies[min(s.others.deadLetters[queue], len(bodies)):] {
			letters = append(letters, DeadLetter{queue, body, queues[queue]})
		}
		s.others.deadLetters[queue] = len(bodies)
	}
	return letters
}
