package main

import (
	"os/exec"
	"sync"
	"syscall"
	"testing"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// An ending sends a signal to a command when one of its calls to AWS has been done,
// before that is answered.
type ending struct {
	sig syscall.Signal
	at  int // the number of the call

	mu     sync.Mutex
	calls  int
	victim *exec.Cmd
}

// after is for each call of the cloud.
func (e *ending) after(fakeaws.Call) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.calls++; e.calls == e.at && e.victim != nil {
		_ = e.victim.Process.Signal(e.sig)
	}
}

// run runs the command until it ends or is ended. What it returns is nil
// where the command had ended well before its turn came.
func (e *ending) run(t *testing.T, c *exec.Cmd) error {
	t.Helper()
	e.mu.Lock()
	if err := c.Start(); err != nil {
		e.mu.Unlock()
		t.Fatal(err)
	}
	e.victim = c
	e.mu.Unlock()
	err := c.Wait()
	e.mu.Lock()
	e.victim = nil
	e.mu.Unlock()
	return err
}
