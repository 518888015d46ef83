package fakeevents

import (
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// A Sender takes the events that a rule, named by its ARN, sends to queues. It
// reports false for a queue that does not exist, does not take the body, or
// does not let the rule send.
type Sender interface {
	Send(rule, queue, body string) bool
}

// Options are what the service needs to know of its surroundings. All fields
// are required.
type Options struct {
	Account string
	Region  string
	Now     func() time.Time
	Source  *wire.Source
	Queues  Sender
}

// A Service holds the buses. Its methods may be called from many goroutines.
type Service struct {
	opts    Options
	actions wire.Table

	mu     sync.Mutex
	buses  map[string]*bus
	lost   []Lost
	logged map[string][]Entry // by ARN of the log group
}

type bus struct {
	name    string
	policy  string // JSON; empty where there is none
	rules   map[string]*rule
	entries []Entry
}

// An Entry is an event that a bus accepted.
type Entry struct {
	ID         string          `json:"id"`
	Source     string          `json:"source"`
	DetailType string          `json:"detail-type"`
	Account    string          `json:"account"`
	Region     string          `json:"region"`
	Time       time.Time       `json:"time"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

// Lost is an event that no queue took: neither the target nor its
// dead-letter queue.
type Lost struct {
	Rule   string
	Target string
	Entry  Entry
}

// New returns a service with the default bus.
func New(o Options) *Service {
	s := &Service{opts: o, buses: map[string]*bus{}, logged: map[string][]Entry{}}
	s.CreateBus("default")
	s.actions = wire.Table{
		"CreateEventBus":    wire.Handle(s.createEventBus),
		"DeleteEventBus":    wire.Handle(s.deleteEventBus),
		"DeleteRule":        wire.Handle(s.deleteRule),
		"DescribeEventBus":  wire.Handle(s.describeEventBus),
		"DescribeRule":      wire.Handle(s.describeRule),
		"DisableRule":       wire.Handle(s.disableRule),
		"EnableRule":        wire.Handle(s.enableRule),
		"ListEventBuses":    wire.Handle(s.listEventBuses),
		"ListRules":         wire.Handle(s.listRules),
		"ListTargetsByRule": wire.Handle(s.listTargetsByRule),
		"PutEvents":         wire.Handle(s.putEvents),
		"PutPermission":     wire.Handle(s.putPermission),
		"PutRule":           wire.Handle(s.putRule),
		"PutTargets":        wire.Handle(s.putTargets),
		"RemoveTargets":     wire.Handle(s.removeTargets),
		"TestEventPattern":  wire.Handle(s.testEventPattern),
	}
	return s
}

// Actions returns what answers the API.
func (s *Service) Actions() wire.Table { return s.actions }

func baseName(nameOrARN string) string {
	return nameOrARN[strings.LastIndex(nameOrARN, "/")+1:]
}

func (s *Service) arn(kind, name string) string {
	return "arn:aws:events:" + s.opts.Region + ":" + s.opts.Account + ":" + kind + "/" + name
}

// lookup finds a bus by name or ARN; the caller holds the lock.
func (s *Service) lookup(nameOrARN string) (*bus, error) {
	if nameOrARN == "" {
		nameOrARN = "default"
	}
	b, ok := s.buses[baseName(nameOrARN)]
	if !ok {
		return nil, wire.Errorf("ResourceNotFoundException", "Event bus %s does not exist.", baseName(nameOrARN))
	}
	return b, nil
}
