package runtimeapi

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

func newPool(t *testing.T, limit int) *Pool {
	t.Helper()
	p := NewPool(config("answers"), limit)
	t.Cleanup(p.Close)
	return p
}

func TestASandboxIsUsedAgain(t *testing.T) {
	p := newPool(t, 4)
	for range 3 {
		if got, err := p.Invoke(t.Context(), []byte("x")); err != nil || string(got) != "echo x" {
			t.Fatalf("got %q, %v", got, err)
		}
	}
	if p.Started() != 1 {
		t.Errorf("%d sandboxes were started", p.Started())
	}
}

func TestAPoolNeverRunsMoreThanItsLimit(t *testing.T) {
	p := newPool(t, 2)
	var done sync.WaitGroup
	for range 8 {
		done.Go(func() {
			if _, err := p.Invoke(context.Background(), []byte("x")); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	if p.Started() > 2 {
		t.Errorf("%d sandboxes were started", p.Started())
	}
}

func TestADeadSandboxIsReplaced(t *testing.T) {
	p := newPool(t, 1)
	if _, err := p.Invoke(t.Context(), []byte("exit")); err == nil {
		t.Fatal("the exit was not reported")
	}
	if _, err := p.Invoke(t.Context(), []byte("x")); err != nil {
		t.Fatal(err)
	}
	p.Sandboxes()[0].Kill()
	if _, err := p.Invoke(t.Context(), []byte("x")); err != nil {
		t.Fatal(err)
	}
	if p.Started() != 3 || len(p.Sandboxes()) != 1 {
		t.Errorf("%d were started, %d are held", p.Started(), len(p.Sandboxes()))
	}
}

func TestAPoolThatIsFullWaitsAsLongAsTheCallerDoes(t *testing.T) {
	p := newPool(t, 1)
	busy, cancelBusy := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = p.Invoke(busy, []byte("sleep"))
	}()
	for len(p.Sandboxes()) == 0 {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := p.Invoke(ctx, []byte("x")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	cancelBusy()
	<-ended
}

func TestAClosedPoolStartsNothing(t *testing.T) {
	p := newPool(t, 1)
	if _, err := p.Invoke(t.Context(), []byte("x")); err != nil {
		t.Fatal(err)
	}
	held := p.Sandboxes()
	p.Close()
	if held[0].Alive() {
		t.Error("a sandbox outlived its pool")
	}
	if _, err := p.Invoke(t.Context(), []byte("x")); !errors.Is(err, ErrStopped) {
		t.Errorf("got %v", err)
	}
}

func TestAPoolOfBrokenFunctionsReportsThem(t *testing.T) {
	p := NewPool(config("init error"), 1)
	defer p.Close()
	_, err := p.Invoke(t.Context(), []byte("x"))
	if err == nil || !strings.Contains(err.Error(), "POLICY_BUCKET is not set") {
		t.Errorf("got %v", err)
	}
}
