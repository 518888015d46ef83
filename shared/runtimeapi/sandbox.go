package runtimeapi

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"
)

// stopPatience is how long a process told to end may take before it is killed.
const stopPatience = 500 * time.Millisecond

// A Sandbox is one running process of the function. It handles one invocation
// at a time; its methods may be called from several goroutines.
type Sandbox struct {
	cfg     Config
	host    *host
	server  *http.Server
	cmd     *exec.Cmd
	init    time.Duration
	turn    chan struct{} // holds a token while nobody invokes
	exited  chan struct{} // closed once the process is gone
	stopped atomic.Bool
}

// Start runs the bootstrap and returns once it has asked for its first
// invocation. ctx bounds only this wait: the sandbox lives until Stop or Kill,
// or until it dies by itself. A function that fails to start is reported as a
// *FunctionError.
func Start(ctx context.Context, cfg Config) (*Sandbox, error) {
	cfg = cfg.withDefaults()
	bootstrap, err := filepath.Abs(cfg.Bootstrap)
	if err != nil {
		return nil, fmt.Errorf("finding the bootstrap: %w", err)
	}
	cfg.Bootstrap = bootstrap
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("opening a port for the Runtime API: %w", err)
	}
	s := &Sandbox{cfg: cfg, host: newHost(), turn: make(chan struct{}, 1), exited: make(chan struct{})}
	s.server = &http.Server{Handler: s.host.handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(listener) }()
	if err := s.launch(ctx, listener.Addr().String()); err != nil {
		_ = s.server.Close()
		return nil, err
	}
	s.turn <- struct{}{}
	return s, nil
}

func (s *Sandbox) launch(ctx context.Context, address string) error {
	s.cmd = exec.Command(s.cfg.Bootstrap)
	s.cmd.Env = s.cfg.environment(address)
	s.cmd.Dir = filepath.Dir(s.cfg.Bootstrap)
	s.cmd.Stdout, s.cmd.Stderr = s.cfg.Stdout, s.cfg.Stderr
	s.cmd.WaitDelay = stopPatience // a grandchild that keeps the pipes open must not keep us
	begin := time.Now()
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("starting the bootstrap: %w", err)
	}
	go s.reap()
	err := s.awaitInit(ctx)
	s.init = time.Since(begin)
	if err != nil {
		s.Kill()
	}
	return err
}

// reap waits for the process and closes what belonged to it.
func (s *Sandbox) reap() {
	_ = s.cmd.Wait()
	_ = s.server.Close()
	close(s.exited)
}

func (s *Sandbox) awaitInit(ctx context.Context) error {
	timer := time.NewTimer(s.cfg.InitTimeout)
	defer timer.Stop()
	select {
	case <-s.host.polled:
		return nil
	case failed := <-s.host.initErr:
		return failed
	case <-s.exited:
		return s.diedInInit()
	case <-timer.C:
		return &FunctionError{Type: TypeTimedOut, Message: fmt.Sprintf("the runtime asked for no work within %v", s.cfg.InitTimeout)}
	case <-ctx.Done():
		return fmt.Errorf("waiting for the runtime to start: %w", context.Cause(ctx))
	}
}

// diedInInit prefers what the runtime said to how it ended: a runtime that
// reports its failure exits right after, and both may be seen at once.
func (s *Sandbox) diedInInit() error {
	select {
	case failed := <-s.host.initErr:
		return failed
	default:
		return &FunctionError{Type: TypeExit, Message: fmt.Sprintf("the runtime ended before it asked for work: %v", s.cmd.ProcessState)}
	}
}

// InitDuration is the time from the start of the process until it first asked
// for work.
func (s *Sandbox) InitDuration() time.Duration { return s.init }

// PID is the process id, also after the process has ended.
func (s *Sandbox) PID() int { return s.cmd.Process.Pid }

// Alive reports whether the process runs and may be invoked.
func (s *Sandbox) Alive() bool {
	select {
	case <-s.exited:
		return false
	default:
		return !s.stopped.Load()
	}
}

// Stop asks the process to end, kills it where it does not, and returns once it
// is gone.
func (s *Sandbox) Stop() {
	s.stopped.Store(true)
	if s.cmd.Process.Signal(syscall.SIGTERM) == nil {
		select {
		case <-s.exited:
			return
		case <-time.After(stopPatience):
		}
	}
	s.Kill()
}

// Kill ends the process at once, in the middle of whatever it does, and returns
// once it is gone. An invocation under way fails as on Lambda.
func (s *Sandbox) Kill() {
	_ = s.cmd.Process.Kill() // the one error says that it has ended already
	<-s.exited
}
