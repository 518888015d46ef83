package runtimeapi

import (
	"context"
	"fmt"
	"io"
	"sync"
)

// A Pool runs as many sandboxes of one function as there are invocations at a
// time, up to a limit, and uses them again, as Lambda does.
type Pool struct {
	cfg   Config
	slots chan struct{}

	mu      sync.Mutex
	idle    []*Sandbox // the one used last is at the end
	all     map[*Sandbox]struct{}
	started int
	closed  bool
}

// NewPool starts nothing yet: the first invocation does.
func NewPool(cfg Config, limit int) *Pool {
	lock := new(sync.Mutex)
	cfg.Stdout, cfg.Stderr = sideBySide(lock, cfg.Stdout), sideBySide(lock, cfg.Stderr)
	return &Pool{cfg: cfg, slots: make(chan struct{}, limit), all: map[*Sandbox]struct{}{}}
}

// Invoke hands payload to an idle sandbox, or to a new one. It waits where the
// limit is reached. Errors are those of Start and of Sandbox.Invoke.
func (p *Pool) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for a free sandbox: %w", context.Cause(ctx))
	}
	s, err := p.take(ctx)
	if err != nil {
		return nil, err
	}
	defer p.giveBack(s)
	return s.Invoke(ctx, payload)
}

func (p *Pool) take(ctx context.Context) (*Sandbox, error) {
	s, err := p.takeIdle()
	if s != nil || err != nil {
		return s, err
	}
	s, err = Start(ctx, p.cfg)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		s.Kill()
		return nil, ErrStopped
	}
	p.started++
	p.all[s] = struct{}{}
	return s, nil
}

func (p *Pool) takeIdle() (*Sandbox, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrStopped
	}
	for len(p.idle) > 0 {
		last := len(p.idle) - 1
		s := p.idle[last]
		p.idle = p.idle[:last]
		if s.Alive() {
			return s, nil
		}
		delete(p.all, s)
	}
	return nil, nil
}

func (p *Pool) giveBack(s *Sandbox) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || !s.Alive() {
		delete(p.all, s)
		return
	}
	p.idle = append(p.idle, s)
}

// Started is the number of sandboxes started so far: the cold starts.
func (p *Pool) Started() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.started
}

// Sandboxes lists those that the pool holds now, idle or at work.
func (p *Pool) Sandboxes() []*Sandbox {
	p.mu.Lock()
	defer p.mu.Unlock()
	held := make([]*Sandbox, 0, len(p.all))
	for s := range p.all {
		held = append(held, s)
	}
	return held
}

// Close stops every sandbox. Invocations under way fail with ErrStopped.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	var done sync.WaitGroup
	for _, s := range p.Sandboxes() {
		done.Go(s.Stop)
	}
	done.Wait()
}

// lockedWriter lets several processes share one log.
type lockedWriter struct {
	mu *sync.Mutex
	w  io.Writer
}

func sideBySide(mu *sync.Mutex, w io.Writer) io.Writer {
	if w == nil {
		return nil
	}
	return lockedWriter{mu: mu, w: w}
}

func (l lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}
