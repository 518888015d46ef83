package stack

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"sync"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/runtimeapi"
	"github.com/keysmith/keysmith/shared/runtimeapi/eventsource"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

// A function of the template as it runs here.
type function struct {
	samtemplate.Function
	key       string // access key that it calls AWS with
	bootstrap string
	limit     int // of instances at a time

	mu   sync.Mutex
	pool *runtimeapi.Pool // another one after each deployment
}

// Invoke runs the function once, as it is deployed now.
func (f *function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return f.instances().Invoke(ctx, payload)
}

func (f *function) instances() *runtimeapi.Pool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pool
}

// deploy makes instances with this environment, and returns those before them.
func (f *function) deploy(cfg Config, endpoint string, environment map[string]string) (before *runtimeapi.Pool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	before = f.pool
	f.pool = runtimeapi.NewPool(runtimeapi.Config{
		Bootstrap:   f.bootstrap,
		Env:         runtimeapi.Environment(endpoint, f.key, cfg.unpacked(environment)),
		FunctionARN: f.ARN,
		Timeout:     f.Timeout,
		MemoryMB:    f.MemoryMB,
		Stdout:      cfg.Log,
		Stderr:      cfg.Log,
	}, cmp.Or(f.limit, defaultConcurrency))
	return before
}

// defaultConcurrency is for an event source that names none.
const defaultConcurrency = 10

func concurrency(source samtemplate.EventSource) int {
	return cmp.Or(source.MaximumConcurrency, defaultConcurrency)
}

// run prepares the functions. Each binary lies beside that of the first one, in
// a folder with the function's name: build/apply/bootstrap, build/plan/bootstrap.
func (s *Stack) run(cfg Config, endpoint string) error {
	for i, declared := range s.declared.Functions {
		word := strings.ToLower(strings.TrimSuffix(declared.LogicalID, "Function"))
		f := &function{Function: declared, key: functionKey + strings.ToUpper(word), bootstrap: cfg.Bootstrap}
		if i > 0 {
			f.bootstrap = filepath.Join(filepath.Dir(filepath.Dir(cfg.Bootstrap)), word, "bootstrap")
		}
		for _, source := range f.Sources {
			f.limit += concurrency(source)
		}
		s.deploy(f, cfg, endpoint, f.Environment)
		s.Cloud.SetCredentials(f.key, s.sessionARN(declared))
		s.Cloud.Lambda.Register(f.Name, f.Invoke)
		s.functions = append(s.functions, f)
		if err := s.permit(s.declared, declared); err != nil {
			return err
		}
	}
	s.Cloud.SetStack(Name, s.resources())
	return nil
}

// deploy makes a function run with this environment, and AWS show it; it returns
// the instances before them.
func (s *Stack) deploy(f *function, cfg Config, endpoint string, environment map[string]string) (before *runtimeapi.Pool) {
	environment = maps.Clone(environment)
	for name, value := range cfg.Environment {
		if _, has := environment[name]; has {
			environment[name] = value
		}
	}
	s.Cloud.Lambda.SetEnvironment(f.Name, environment)
	return f.deploy(cfg, endpoint, environment)
}

// resources are the functions as CloudFormation lists them.
func (s *Stack) resources() map[string]fakeaws.StackResource {
	list := map[string]fakeaws.StackResource{}
	for _, f := range s.functions {
		list[f.LogicalID] = fakeaws.StackResource{Type: "AWS::Lambda::Function", PhysicalID: f.Name}
	}
	return list
}

// sessionARN is what AWS sees when a function calls: a session of its role.
func (s *Stack) sessionARN(f samtemplate.Function) string {
	return "arn:aws:sts::" + s.Account() + ":assumed-role/" + f.RoleARN[strings.LastIndexByte(f.RoleARN, '/')+1:] + "/" + f.Name
}

// Invoke runs a function once, by its logical id, and returns its answer. It is
// for what a schedule starts on AWS.
func (s *Stack) Invoke(ctx context.Context, logicalID string, payload []byte) ([]byte, error) {
	f, err := s.function(logicalID)
	if err != nil {
		return nil, err
	}
	return f.Invoke(ctx, payload)
}

func (s *Stack) function(logicalID string) (*function, error) {
	for _, f := range s.functions {
		if f.LogicalID == logicalID {
			return f, nil
		}
	}
	return nil, fmt.Errorf("the template declares no function %s", logicalID)
}

// PeakMemory is how many bytes an instance of a function has taken at most.
func (s *Stack) PeakMemory(logicalID string) (bytes int64, err error) {
	f, err := s.function(logicalID)
	if err != nil {
		return 0, err
	}
	for _, sandbox := range f.instances().Sandboxes() {
		m, err := sandbox.Memory()
		if err != nil {
			return 0, err
		}
		bytes = max(bytes, m.Peak)
	}
	return bytes, nil
}

// carry starts the event source mappings and returns what ends them.
func (s *Stack) carry(cfg Config) (halt func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, f := range s.functions {
		for _, source := range f.Sources {
			if mapping, ok := s.mapping(f, source, cfg); ok {
				running.Go(func() { mapping.Run(ctx) })
			}
		}
	}
	return func() {
		cancel()
		for _, f := range s.functions {
			f.instances().Close()
		}
		running.Wait()
	}
}

func (s *Stack) mapping(f *function, source samtemplate.EventSource, cfg Config) (eventsource.Mapping, bool) {
	queue, ok := s.declared.QueueByARN(source.QueueARN)
	if !ok || !source.Enabled {
		return eventsource.Mapping{}, false
	}
	return eventsource.Mapping{
		Queue:              s.sqsAs(f.key),
		Function:           f,
		QueueURL:           queue.URL,
		QueueARN:           queue.ARN,
		Region:             s.Region(),
		BatchSize:          source.BatchSize,
		Window:             cmp.Or(cfg.Window, source.Window),
		MaxConcurrency:     concurrency(source),
		ReportItemFailures: source.ReportItemFailures,
		Observe:            s.observe,
	}, true
}

// first is the function that applies: the one that settings and the role of the
// stack are asked of.
func (s *Stack) first() samtemplate.Function { return s.declared.Functions[0] }
