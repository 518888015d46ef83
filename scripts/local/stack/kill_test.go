package stack_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/scripts/local/stack/stacktest"
	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
)

// A reaper stands between the function and AWS. It kills the function at one of
// its calls, before AWS sees that call or after AWS has done it.
type reaper struct {
	behind http.Handler
	kill   func()
	at     int64 // the call, from one; zero: none
	after  bool
	calls  atomic.Int64
}

func (r *reaper) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if r.calls.Add(1) != r.at {
		r.behind.ServeHTTP(w, request)
		return
	}
	if r.after {
		r.behind.ServeHTTP(httptest.NewRecorder(), request)
	}
	r.kill()
	panic(http.ErrAbortHandler) // nobody is there to be answered
}

// visibility is longer than a whole run of the function on a busy machine: a
// message that becomes visible again during its run is received too often, and
// ends as a dead letter.
const visibility = 5 * time.Second

// mortal is a stack whose function dies once.
func mortal(death *reaper) (*stack.Stack, func(), error) {
	server := httptest.NewUnstartedServer(death)
	cfg := stacktest.Config()
	cfg.AnyPrincipal, cfg.Window, cfg.Visibility = true, 10*time.Millisecond, visibility
	cfg.Endpoint = func(endpoint string) string {
		target, err := url.Parse(endpoint)
		if err != nil {
			panic(err) // the stack's own
		}
		death.behind = httputil.NewSingleHostReverseProxy(target)
		server.Start()
		return server.URL
	}
	s, err := stack.Start(cfg)
	if err != nil {
		return nil, nil, err
	}
	death.kill = s.Kill
	return s, func() { s.Close(); server.Close() }, nil
}

// live uploads a policy and waits, through the death, until all is dealt with.
// It returns what is not as it must be.
func live(ctx context.Context, death *reaper) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	s, end, err := mortal(death)
	if err != nil {
		return err
	}
	defer end()
	story.Furnish(s)
	document := story.Text("orders", s.Account())
	s.Upload(story.Orders.Object(), document)
	for {
		n, err := s.Waiting(ctx)
		if err != nil {
			return errors.Join(fmt.Errorf("the message is still there: %w", err), s.Failures())
		}
		if n == 0 {
			return recovered(s, story.Orders, string(document), death)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func recovered(s *stack.Stack, k story.Key, document string, death *reaper) error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if !keypolicy.SameText(s.Cloud.KMS.Policy(k.ID), document, "aws") {
		fault("in force is %s", s.Cloud.KMS.Policy(k.ID))
	}
	events, err := s.Results()
	if err != nil || len(events) == 0 {
		fault("nothing was reported: %v", err)
	}
	for _, e := range events {
		if e.Type != outcome.Applied {
			fault("%s was reported: %+v", e.Type, e.Detail.Data.Error)
		}
	}
	for _, put := range s.Cloud.KMS.Puts() {
		if put.Policy != document {
			fault("another policy was put: %s", put.Policy)
		}
	}
	if n := s.GivenUp(); n > 0 {
		fault("%d messages were given up", n)
	}
	err = s.Failures()
	if died := err != nil && strings.Contains(err.Error(), "Runtime.ExitError"); died != (death.at > 0) {
		fault("to be killed at call %d, and yet: %v", death.at, err)
	}
	return errors.Join(faults...)
}

// The function is killed at each of its calls in turn. Whatever it was doing:
// afterwards the policy is in force, it was reported, and nothing is lost.
func TestAFunctionThatIsKilledAnywhereLosesNothing(t *testing.T) {
	undisturbed := &reaper{}
	if err := live(t.Context(), undisturbed); err != nil {
		t.Fatal(err)
	}
	calls := undisturbed.calls.Load()
	if calls < 7 {
		t.Fatalf("an upload makes only %d calls", calls)
	}
	// Each of them waits until its message is visible again, and can do so beside
	// the others.
	slots := make(chan struct{}, 12)
	var running sync.WaitGroup
	for i := range 2 * calls {
		death := &reaper{at: 1 + i/2, after: i%2 == 1}
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			if err := live(t.Context(), death); err != nil {
				t.Errorf("killed at call %d (done: %v): %v", death.at, death.after, err)
			}
		})
	}
	running.Wait()
}
