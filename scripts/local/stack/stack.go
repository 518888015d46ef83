// Package stack runs what template.yaml declares on this machine: a fake AWS on
// loopback, and the real function binary behind its queue.
//
// Buckets, buses, rules, queues and the function's environment are taken from
// the template, so what is tried here is the wiring that gets deployed. Only
// the account is invented.
package stack

import (
	"cmp"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/runtimeapi/eventsource"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

// Name is the name of the stack, as CloudFormation knows it.
const Name = "keysmith"

// The account and the Region that the stack is in, where Config names no other.
const (
	Account = "111122223333"
	Region  = "us-east-1"
)

// Config says what to run.
type Config struct {
	Template   string            // path of template.yaml
	Bootstrap  string            // path of the first function's binary, as build/apply/bootstrap; the others lie beside it
	Parameters map[string]string // of the template
	// Environment are values of the functions' variables beside what the template
	// allows: time that runs slower needs longer pauses.
	Environment map[string]string
	Account     string        // 111122223333 where empty
	Region      string        // us-east-1 where empty
	Window      time.Duration // how long a batch waits for more; zero leaves it to the template
	Guardrails  string        // folder of the guardrails; shared/guardrails beside the template where empty
	Log         io.Writer     // takes what the functions write
	Address     string        // of the endpoint; a free port of loopback where empty

	AnyPrincipal bool          // every well-formed role and user exists
	Visibility   time.Duration // of the queues; zero leaves it to the template

	// Endpoint is given the URL of the fake AWS and returns the one that the
	// function gets: a proxy may stand in between. Nil leaves it as it is.
	Endpoint func(url string) string
	// Inspect sees the detail of every result event as it came; its error
	// becomes that of Results. Nil looks at nothing.
	Inspect func(t outcome.Type, detail []byte) error
	// Watch sees every delivery to the function. Nil looks at nothing.
	Watch func(eventsource.Delivery)
}

// A Stack is running from Start until Close.
type Stack struct {
	Cloud *fakeaws.Cloud
	URL   string // of the endpoint, for AWS_ENDPOINT_URL

	cfg       Config
	endpoint  string // that the functions are given
	declared  *samtemplate.Stack
	functions []*function
	stop      func()
	inspect   func(t outcome.Type, detail []byte) error
	watch     func(eventsource.Delivery)
	others    others

	mu       sync.Mutex
	failures []error // of invocations and deliveries, since they were last asked for
}

// Start builds the stack. The first message starts the function.
func Start(cfg Config) (*Stack, error) {
	cfg.Account, cfg.Region = cmp.Or(cfg.Account, Account), cmp.Or(cfg.Region, Region)
	cloud := fakeaws.New(fakeaws.Options{Account: cfg.Account, Region: cfg.Region, AnyPrincipal: cfg.AnyPrincipal})
	url, stop, err := fakeaws.Serve(cloud, cmp.Or(cfg.Address, "127.0.0.1:0"))
	if err != nil {
		return nil, err
	}
	s, err := build(cfg, cloud, url)
	if err != nil {
		stop()
		return nil, err
	}
	halt := s.carry(cfg)
	s.stop = func() {
		halt()
		stop()
	}
	return s, nil
}

// Close stops the function and the fake AWS.
func (s *Stack) Close() { s.stop() }

func build(cfg Config, cloud *fakeaws.Cloud, url string) (*Stack, error) {
	declared, err := declared(cfg, url, nil)
	if err != nil {
		return nil, err
	}
	if len(declared.Functions) == 0 || len(declared.Buckets) != 1 {
		return nil, errors.New("the template must declare one bucket, and the functions, for this stack")
	}
	s := &Stack{Cloud: cloud, URL: url, cfg: cfg, declared: declared, inspect: cfg.Inspect, watch: cfg.Watch}
	if err := s.make(cfg.Visibility); err != nil {
		return nil, err
	}
	s.endpoint = url
	if cfg.Endpoint != nil {
		s.endpoint = cfg.Endpoint(url)
	}
	if err := s.run(cfg, s.endpoint); err != nil {
		return nil, err
	}
	return s, nil
}
