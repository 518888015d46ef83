package fakelambda

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// Options are what the service needs to know of its surroundings. All fields
// are required.
type Options struct {
	Account string
	Region  string
	Now     func() time.Time
	Source  *wire.Source
}

// A Function answers one invocation. Its error is one that the function ended
// with.
type Function func(ctx context.Context, payload []byte) ([]byte, error)

// An Invocation is one attempt to run a function.
type Invocation struct {
	Function string // name
	ID       string // request id, the same at each attempt
	Payload  string
	Async    bool
	Attempt  int // from 1
	Begin    time.Time
	Err      error // of the function; nil as well while it runs
}

// A Service holds the functions. Its methods may be called from many
// goroutines.
type Service struct {
	opts Options

	mu          sync.Mutex
	functions   map[string]Function
	variables   map[string]map[string]string // of each function
	invocations []*Invocation
	mappings    []*Mapping
}

// New returns a service without functions.
func New(o Options) *Service {
	return &Service{opts: o, functions: map[string]Function{}, variables: map[string]map[string]string{}}
}

// Register makes a function exist, or replaces it.
func (s *Service) Register(name string, f Function) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.functions[name] = f
}

// Invocations are the attempts so far, in the order in which they began.
func (s *Service) Invocations() []Invocation {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Invocation, len(s.invocations))
	for i, one := range s.invocations {
		list[i] = *one
	}
	return list
}

// ARN is that of the function with this name.
func (s *Service) ARN(name string) string {
	return "arn:aws:lambda:" + s.opts.Region + ":" + s.opts.Account + ":function:" + name
}

// Start invokes a function asynchronously, as a schedule does.
func (s *Service) Start(name string, payload []byte) {
	s.mu.Lock()
	f := s.functions[name]
	s.mu.Unlock()
	if f != nil {
		go s.async(f, Invocation{Function: name, ID: s.opts.Source.UUID(), Payload: string(payload)})
	}
}

// retries are the pauses before Lambda tries an asynchronous invocation again
// that the function ended with an error.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
func retries() []time.Duration { return []time.Duration{time.Minute, 2 * time.Minute} }

func (s *Service) async(f Function, one Invocation) {
	one.Async = true
	for _, pause := range append([]time.Duration{0}, retries()...) {
		time.Sleep(pause)
		one.Attempt++
		if _, err := s.run(context.Background(), f, one); err == nil {
			return
		}
	}
}

// run keeps book of one attempt.
func (s *Service) run(ctx context.Context, f Function, one Invocation) ([]byte, error) {
	one.Begin = s.opts.Now()
	s.mu.Lock()
	s.invocations = append(s.invocations, &one)
	s.mu.Unlock()
	out, err := f(WithRequestID(ctx, one.ID), slices.Clone([]byte(one.Payload)))
	s.mu.Lock()
	defer s.mu.Unlock()
	one.Err = err
	return out, err
}

type requestIDKey struct{}

// WithRequestID returns a context that carries the request id of an invocation.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID is the request id of an invocation, for the function itself.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}
