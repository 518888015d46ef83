package main

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// Ended at each call in turn, before it takes effect and after.
func TestNoLetterIsLostWhereverTheProgramIsKilled(t *testing.T) {
	want := []string{"one", "three", "two"}
	for _, before := range []bool{true, false} {
		for k := int64(1); ; k++ {
			s := newScene(t)
			s.bury(want...)
			if done := s.killedAt(k, before); done {
				if k < 8 {
					t.Errorf("it makes only %d calls", k-1)
				}
				break
			}
			all := append(s.cloud.SQS.Bodies("dead"), s.cloud.SQS.Bodies("work")...)
			slices.Sort(all)
			if each := slices.Compact(slices.Clone(all)); !slices.Equal(each, want) || len(all) > len(want)+1 {
				t.Errorf("killed at call %d (before %v): left are %v", k, before, all)
			}
		}
	}
}

// killedAt runs a redrive whose k-th call is its last; it reports whether
// there were fewer.
func (s *scene) killedAt(k int64, before bool) (done bool) {
	ctx, kill := context.WithCancel(s.Context())
	defer kill()
	var calls atomic.Int64
	dead := func() bool { return calls.Load() > k || before && calls.Load() == k }
	s.cloud.BeforeEach(func(fakeaws.Call) {
		if calls.Add(1); dead() {
			kill()
			panic(http.ErrAbortHandler) // it never arrived
		}
	})
	s.cloud.AfterEach(func(fakeaws.Call) {
		if calls.Load() >= k {
			kill()
		}
	})
	_ = run(ctx, []string{"redrive", "-wait", "0", "-dead", s.queue("dead"), "-all"}, &strings.Builder{})
	s.cloud.BeforeEach(nil)
	s.cloud.AfterEach(nil)
	return calls.Load() < k
}

func TestASendThatIsRefusedLosesNothingAndIsSaid(t *testing.T) {
	s := newScene(t)
	s.bury("one", "two", "three")
	s.cloud.Fault(fakeaws.Fault{Service: "sqs", Action: "SendMessage", Nth: 2, Kind: fakeaws.Refuse, Code: "AccessDenied"})
	out, err := s.run("redrive", "-dead", s.queue("dead"), "-all")
	if err == nil || !strings.Contains(out, "1 sent back, 2 not sent back") {
		t.Errorf("%v\n%s", err, out)
	}
	if sent, kept := s.bodies("work"), s.bodies("dead"); len(sent) != 1 || len(kept) != 2 {
		t.Errorf("sent %v, kept and visible %v", sent, kept)
	}
}
