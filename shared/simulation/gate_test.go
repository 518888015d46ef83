package simulation

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing/synctest"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// A call is an API request that waits at the gate.
type call struct {
	worker  *worker
	turn    *turn
	service string
	action  string
	key     *managedKey // nil where it is about none
	body    []byte
	r       *http.Request
	open    chan struct{}
	lost    bool // its worker was killed before it was sent

	lingered bool
	until    time.Time // not before
}

var errKilled = errors.New("the process is gone")

// RoundTrip holds a worker's request until the run lets it through.
func (w *worker) RoundTrip(r *http.Request) (*http.Response, error) {
	s := w.sim
	c, err := w.read(r)
	if err != nil {
		return nil, err
	}
	if !s.park(c) {
		return nil, errKilled
	}
	select {
	case <-c.open:
	case <-r.Context().Done():
		s.giveUp(c)
		return nil, r.Context().Err()
	}
	if c.lost {
		return nil, errKilled
	}
	answer, err := s.perform(c)
	if w.isDead() {
		return nil, errKilled
	}
	return answer, err
}

func (s *sim) perform(c *call) (*http.Response, error) {
	send := func() (*http.Response, error) { return s.observed(c) }
	if s.variant != nil {
		return s.variant(c, send)
	}
	return send()
}

func (w *worker) read(r *http.Request) (*call, error) {
	c := &call{worker: w, r: r, open: make(chan struct{}), turn: w.turn}
	if r.Body != nil {
		var err error
		if c.body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close()
		r.Body = io.NopCloser(bytes.NewReader(c.body))
	}
	prefix, action, isJSON := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	c.action = action
	switch {
	case !isJSON:
		c.service, c.action = "s3", s3Action(r)
	case prefix == "TrentService":
		c.service = "kms"
	case prefix == "AWSEvents":
		c.service = "events"
	default:
		c.service = "sqs"
	}
	c.key = w.sim.keyIn(r.URL.Path + r.URL.Query().Get("prefix") + " " + string(c.body))
	return c, nil
}

// Statuses and holds have action names of their own: no check of what a run knows of
// an object must take one of them for it.
const (
	getStatus = "GetStatus"
	putStatus = "PutStatus"
	// getVersion reads a version that is no longer the newest.
	getVersion = "GetObjectVersion"
	// getHold reads what freezes a key, which is no object that is applied.
	getHold = "GetHold"
)

// api is the action as the cloud knows it.
func (c *call) api() string {
	switch c.action {
	case getStatus, getVersion, getHold:
		return "GetObject"
	case putStatus:
		return "PutObject"
	}
	return c.action
}

func s3Action(r *http.Request) string {
	if r.Method == http.MethodGet && r.URL.Query().Has("versionId") {
		return getVersion // says nothing of the newest one
	}
	status := strings.Contains(r.URL.Path, "/status/")
	switch {
	case status && r.Method == http.MethodPut:
		return putStatus
	case status && r.Method == http.MethodGet:
		return getStatus
	case strings.Contains(r.URL.Path, "/holds/"):
		return getHold
	case r.Method == http.MethodHead:
		return "HeadObject"
	case r.Method == http.MethodPut:
		return "PutObject"
	case r.URL.Query().Has("versions"):
		return "ListObjectVersions"
	case r.URL.Query().Has("list-type"):
		return "ListObjectsV2"
	}
	return "GetObject"
}

// park makes c wait; it reports false where its worker is dead already.
func (s *sim) park(c *call) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.worker.dead {
		return false
	}
	s.parked = append(s.parked, c)
	return true
}

func (s *sim) unpark(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parked = slices.DeleteFunc(s.parked, func(o *call) bool { return o == c })
}

// giveUp is a call that waited too long: it never reached the cloud, which its
// caller cannot know.
func (s *sim) giveUp(c *call) {
	s.unpark(c)
	s.noteEnd(c, time.Time{}, "%s → given up, never sent", c)
	if c.worker.isDead() {
		return
	}
	switch th := s.threadOf(c); c.action {
	case "GetKeyPolicy":
		th.tried++
	case "PutKeyPolicy":
		th.put = s.sent(c, th)
		th.put.unknown = true
		th.told, th.reads, th.tried = false, nil, 0
	}
}

// waiting are the calls at the gate, in an order that does not depend on which
// goroutine was faster. One turn has at most one call about a key at a time.
func (s *sim) waiting() []*call {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	list := slices.DeleteFunc(slices.Clone(s.parked), func(c *call) bool { return now.Before(c.until) })
	slices.SortFunc(list, func(a, b *call) int {
		return cmp.Or(cmp.Compare(a.worker.number, b.worker.number), cmp.Compare(a.key.name(), b.key.name()), cmp.Compare(a.action, b.action))
	})
	return list
}

// letThrough lets one call reach the cloud, with a fault or without, and waits
// until everything stands still again.
func (s *sim) letThrough(c *call) {
	f := s.fate(c)
	if f.Kind == "" {
		s.pass(c)
		return
	}
	s.faults++
	f.Service, f.Action, f.Times = c.service, c.api(), 1
	s.tell(c.worker.who(), "%s: %s", c, describeFault(f))
	end := s.cloud.Fault(f)
	s.pass(c)
	end()
}

func describeFault(f fakeaws.Fault) string {
	words := string(f.Kind)
	if f.Code != "" {
		words += " " + f.Code
	}
	if f.Delay > 0 {
		words += " " + f.Delay.String()
	}
	return "will go wrong (" + words + ")"
}

func (s *sim) pass(c *call) {
	s.unpark(c)
	close(c.open)
	synctest.Wait()
	if c.action == "PutKeyPolicy" {
		s.watchKeys()
	}
}

// String names a call as the history does.
func (c *call) String() string {
	words := fmt.Sprintf("%-15s %s", c.action, c.key.name())
	switch {
	case c.history():
		words += " (history)"
	case c.action == "PutKeyPolicy":
		words += " " + c.worker.sim.docOf(c.put()).name
	}
	return words
}
