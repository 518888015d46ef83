package samtemplate

import (
	"encoding/json"
	"strings"
	"time"
)

// A Stack is what a deployment of the template consists of, in the template's
// own order.
type Stack struct {
	Parameters map[string]string // as they are in force
	Outputs    map[string]string

	Buckets   []Bucket
	Buses     []Bus
	Queues    []Queue
	Rules     []Rule
	Functions []Function
	Roles     []Role
	Others    []Resource // of every other type
}

// A Resource is what all resources have.
type Resource struct {
	LogicalID  string
	Type       string
	Name, ARN  string         // empty where the type has none that is known here
	Properties map[string]any // resolved
}

// A Bucket is an AWS::S3::Bucket.
type Bucket struct {
	Resource
	Versioned   bool
	EventBridge bool   // its notifications go to EventBridge
	Policy      string // JSON; empty where there is none
}

// A Bus is an AWS::Events::EventBus.
type Bus struct {
	Resource
	Policy string // JSON; empty where there is none
}

// A Queue is an AWS::SQS::Queue.
type Queue struct {
	Resource
	URL             string
	Visibility      time.Duration
	MaxReceiveCount int    // zero where there is no dead-letter queue
	DeadLetterARN   string // empty where there is none
	RedriveAllow    string // its RedriveAllowPolicy, JSON; empty where there is none
	Policy          string // JSON; empty where there is none
}

// A Rule is an AWS::Events::Rule.
type Rule struct {
	Resource
	Bus     string // name, not ARN
	Enabled bool
	Pattern json.RawMessage
	Targets []Target
}

// A Target is where a rule sends its events.
type Target struct {
	ID            string
	ARN           string
	DeadLetterARN string // empty where there is none
}

// A Function is an AWS::Serverless::Function.
type Function struct {
	Resource
	RoleARN     string
	Environment map[string]string
	Timeout     time.Duration
	MemoryMB    int
	Layers      []string // ARNs of layer versions, those of the stack as its first deployment makes them
	Sources     []EventSource
}

// An EventSource is a function's event of type SQS.
type EventSource struct {
	QueueARN           string
	Enabled            bool
	BatchSize          int
	Window             time.Duration
	MaximumConcurrency int // zero where it is not limited
	ReportItemFailures bool
}

// A Role is an AWS::IAM::Role with what its inline policies say, those that are
// resources of their own (AWS::IAM::Policy) included.
type Role struct {
	Resource
	Statements []Statement
	Trust      string // its AssumeRolePolicyDocument, JSON
}

// A Statement is one statement of an IAM policy; a value that the template
// gives alone is a list of one.
type Statement struct {
	Sid          string
	Effect       string
	Actions      []string
	NotActions   []string
	Resources    []string
	NotResources []string
	Conditions   map[string]map[string][]string // operator, key, values
}

// BusName is the name in a name or ARN of an event bus.
func BusName(nameOrARN string) string {
	if _, name, ok := strings.Cut(nameOrARN, ":event-bus/"); ok {
		return name
	}
	return nameOrARN
}

// RoleByARN finds a role of the stack.
func (s *Stack) RoleByARN(arn string) (Role, bool) {
	for _, r := range s.Roles {
		if r.ARN == arn {
			return r, true
		}
	}
	return Role{}, false
}

// QueueByARN finds a queue of the stack.
func (s *Stack) QueueByARN(arn string) (Queue, bool) {
	for _, q := range s.Queues {
		if q.ARN == arn {
			return q, true
		}
	}
	return Queue{}, false
}
