package simulation

import (
	"github.com/keysmith/keysmith/shared/functest"

	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/outcome"
)

// breaks notes a broken promise, unless it is kept.
func (s *sim) breaks(promise string, kept bool, format string, args ...any) {
	if kept {
		return
	}
	text := fmt.Sprintf("seed %d breaks %q: %s", s.seed, promise, fmt.Sprintf(format, args...))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fresh = append(s.fresh, s.line("~", "!!", text))
	s.broken = append(s.broken, text)
}

// A line of the history. What several goroutines did at one moment is put in
// an order that does not depend on which of them was faster.
type line struct {
	at   time.Duration
	lane string
	text string
}

func (s *sim) line(lane, who, text string) line {
	at := time.Since(s.begin)
	return line{at, lane, fmt.Sprintf("%10.3fs  %-8s  %s", at.Seconds(), who, text)}
}

// tell adds a line of the run's own doing, while everything stands still.
func (s *sim) tell(who, format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flush()
	s.history = append(s.history, s.line("", who, fmt.Sprintf(format, args...)).text)
}

// note adds a line about a call, from its worker's goroutine.
func (s *sim) note(c *call, format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fresh = append(s.fresh, s.line(c.worker.who()+c.key.name(), c.worker.who(), fmt.Sprintf(format, args...)))
}

// noteEnd adds a line about the end of a call. One that took its time may end
// together with another of its worker about the same key.
func (s *sim) noteEnd(c *call, begin time.Time, format string, args ...any) {
	lane := c.worker.who() + c.key.name()
	if time.Now().After(begin) {
		lane += c.action
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fresh = append(s.fresh, s.line(lane, c.worker.who(), fmt.Sprintf(format, args...)))
}

// flush brings what the workers did since the last time into the history; the
// caller holds the lock.
func (s *sim) flush() {
	slices.SortStableFunc(s.fresh, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.lane, b.lane))
	})
	for _, l := range s.fresh {
		s.history = append(s.history, l.text)
	}
	s.fresh = nil
}

func (s *sim) story() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flush()
	head := fmt.Sprintf("seed %d: %d keys, %+v", s.seed, len(s.keys), s.plan)
	return head + "\n" + strings.Join(s.history, "\n")
}

// Write is the workers' log.
func (s *sim) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(b)
}

// events are the result events that the bus took, in their order.
func (s *sim) events() []outcome.Event {
	var list []outcome.Event
	for _, entry := range s.cloud.Events.Entries("default") {
		if entry.Source != outcome.Source {
			continue
		}
		list = append(list, functest.ReadEvent(s.T, entry.DetailType, entry.Detail))
	}
	return list
}
