package simulation

import (
	"github.com/keysmith/keysmith/shared/functest"

	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
)

// A thread is what one turn did about one key, as seen at the gate.
type thread struct {
	newest  int    // index of the newest version that a read of the object returned; -1: none yet
	version string // of the last GetObject
	body    string
	gone    bool // the object is deleted, as far as the turn knows
	wasGone bool // it was, when the turn read it at some time

	reads   []string // policies that GetKeyPolicy returned since the last put, in order
	last    string   // the last of them, whenever
	tried   int      // GetKeyPolicy calls since the last put, answered or not
	put     *sentPut // the last put that KMS did not refuse
	told    bool     // an event reported its outcome
	applied string   // version that was reported as Applied
	events  int      // that the bus took
	status  *status.Status
	// described: there is a status, of whatever content.
	described bool
	calls     int
	// retryable: an event said that keysmith itself tries again.
	retryable bool
}

type sentPut struct {
	version, text string
	unknown       bool // its caller knows no result
	newest        int  // index of the newest version when it had ended
}

func (t *turn) thread(k *managedKey) *thread {
	if t.threads[k] == nil {
		t.threads[k] = &thread{newest: -1}
	}
	return t.threads[k]
}

func (s *sim) threadOf(c *call) *thread {
	if c.key == nil {
		return &thread{newest: -1}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return c.turn.thread(c.key)
}

// observed sends a call to the cloud and notes what it does and what came back.
func (s *sim) observed(c *call) (*http.Response, error) {
	th := s.threadOf(c)
	th.calls++
	switch c.action {
	case "PutKeyPolicy":
		s.checkPut(c, th)
	case "PutEvents":
		s.checkEvents(c, th)
	case "GetKeyPolicy":
		th.tried++
	}
	before, begin := len(s.cloud.Events.Entries("default")), time.Now()
	answer, err := s.cloud.Transport().RoundTrip(c.r)
	body, readErr := drain(answer)
	s.noteEnd(c, begin, "%s → %s%s", c, result(answer, err, readErr), s.contentOf(c, body))
	s.learn(c, th, answer, body, err == nil && readErr == nil)
	if c.action == "PutEvents" {
		s.answered(c, th, s.cloud.Events.Entries("default")[before:])
	}
	return answer, err
}

// drain reads an answer's body and puts it back, its broken end included.
func drain(r *http.Response) (body []byte, err error) {
	if r == nil || r.Body == nil {
		return nil, nil
	}
	body, err = io.ReadAll(r.Body)
	r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), brokenEnd{err}))
	return body, err
}

type brokenEnd struct{ err error }

func (b brokenEnd) Read([]byte) (int, error) {
	if b.err == nil {
		return 0, io.EOF
	}
	return 0, b.err
}

func result(r *http.Response, err, readErr error) string {
	switch {
	case err != nil:
		return "no answer"
	case readErr != nil:
		return "half an answer"
	case r.StatusCode >= 300:
		return r.Status + " " + r.Header.Get("X-Amzn-Errortype")
	}
	return "ok"
}

// contentOf names the policy in an answer, for the history.
func (s *sim) contentOf(c *call, body []byte) string {
	switch c.action {
	case "GetKeyPolicy":
		var out struct{ Policy string }
		if json.Unmarshal(body, &out) == nil && out.Policy != "" {
			return " " + functest.IDOf(out.Policy)
		}
	case "GetObject":
		return " " + s.docOf(string(body)).name
	}
	return ""
}

// settled: the status says of the version that the turn has read what became of
// it, and that is reported already.
func (th *thread) settled() bool {
	s := th.status
	if s == nil || s.VersionID != th.version || !s.Final() {
		return false
	}
	return s.Outcome == status.Rejected || s.Outcome == status.Failed || s.Drift != nil
}

func (c *call) history() bool { return strings.Contains(c.r.URL.Path, "/history/") }

// learn notes what the turn now knows.
func (s *sim) learn(c *call, th *thread, r *http.Response, body []byte, whole bool) {
	ok := whole && r.StatusCode < 300
	switch c.action {
	case "PutKeyPolicy":
		s.learnPut(c, th, r, whole)
	case "GetKeyPolicy":
		if ok {
			var out struct{ Policy string }
			_ = json.Unmarshal(body, &out)
			th.reads, th.last = append(th.reads, out.Policy), out.Policy
		}
	case "GetObject", "HeadObject":
		if c.history() || c.key == nil {
			return
		}
		s.learnObject(c, th, r, body, whole)
	case getStatus:
		th.described = ok
		if th.status = nil; ok && c.key != nil {
			th.status, _ = status.Parse(body, c.key.object)
		}
	case "PutObject":
		if ok && strings.Contains(c.r.URL.Path, "/policies/") {
			s.checkStored(c)
		}
	}
}

func (s *sim) learnObject(c *call, th *thread, r *http.Response, body []byte, whole bool) {
	if !whole || r.StatusCode != http.StatusOK && r.Header.Get("X-Amz-Delete-Marker") != "true" {
		return
	}
	version := r.Header.Get("X-Amz-Version-Id")
	th.newest = max(th.newest, s.indexOf(c.key, version))
	th.gone = r.StatusCode != http.StatusOK
	th.wasGone = th.wasGone || th.gone
	if c.action == "GetObject" && !th.gone {
		th.version, th.body = version, string(body)
	}
}

// learnPut forgets a put that KMS refused: it changed nothing.
func (s *sim) learnPut(c *call, th *thread, r *http.Response, whole bool) {
	switch {
	case whole && r.StatusCode >= 400 && r.StatusCode < 500:
		return
	case whole && r.StatusCode == http.StatusOK:
		th.put = s.sent(c, th)
	default:
		th.put = s.sent(c, th)
		th.put.unknown = true
	}
	th.told, th.reads, th.tried = false, nil, 0
}

// sent is a put that has ended.
func (s *sim) sent(c *call, th *thread) *sentPut {
	return &sentPut{version: th.version, text: c.put(), newest: len(s.versions(c.key)) - 1}
}

// put is the policy that a PutKeyPolicy carries.
func (c *call) put() string {
	var in struct{ Policy string }
	_ = json.Unmarshal(c.body, &in)
	return in.Policy
}

// answered notes the events of a call that the bus took; entries are those that
// it took of all calls meanwhile.
func (s *sim) answered(c *call, th *thread, entries []fakeaws.Entry) {
	taken := map[string]bool{}
	for _, entry := range entries {
		taken[functest.ReadEvent(s.T, entry.DetailType, entry.Detail).Detail.Metadata.ID] = true
	}
	for _, e := range s.eventsOf(c) {
		if taken[e.Detail.Metadata.ID] {
			s.checkSilent(c)
			s.took(c, th, e)
		}
	}
}

func (s *sim) took(c *call, th *thread, e outcome.Event) {
	th.events++
	th.retryable = th.retryable || e.Detail.Data.Error != nil && e.Detail.Data.Error.Retryable
	s.note(c, "tells %s of version %s of %s", functest.Say(e), short(functest.VersionOf(e)), c.key.name())
	s.mu.Lock()
	c.turn.answers[e.Detail.Metadata.CorrelationID] = true
	s.mu.Unlock()
	if e.Type == outcome.Applied {
		th.applied = functest.VersionOf(e)
	}
	if th.put != nil && isProof(e) && functest.VersionOf(e) == th.put.version {
		th.told = true
	}
}

// isProof reports whether e says what became of a put.
func isProof(e outcome.Event) bool {
	code := outcome.Code("")
	if e.Detail.Data.Error != nil {
		code = e.Detail.Data.Error.Code
	}
	return e.Type == outcome.Applied || code == outcome.Unverified || code == outcome.VerifyMismatch
}

func (s *sim) eventsOf(c *call) (events []outcome.Event) {
	var in struct {
		Entries []struct{ DetailType, Detail string }
	}
	if err := json.Unmarshal(c.body, &in); err != nil || len(in.Entries) == 0 {
		s.breaks("sends events", false, "%v %s", err, c.body)
	}
	for _, e := range in.Entries {
		events = append(events, functest.ReadEvent(s.T, e.DetailType, []byte(e.Detail)))
	}
	return events
}

// versions of a key's object, oldest first, delete markers included.
func (s *sim) versions(k *managedKey) []fakeaws.Object {
	return s.cloud.S3.Versions(functest.Bucket, k.object)
}

func (s *sim) indexOf(k *managedKey, version string) int {
	for i, o := range s.versions(k) {
		if o.VersionID == version {
			return i
		}
	}
	return -1
}

// acceptable reports whether this deployment takes a version.
func (s *sim) acceptable(o fakeaws.Object) bool {
	d := s.docOf(string(o.Body))
	return !o.DeleteMarker && d.refusal == "" && !d.kmsRefuses
}

// digestOf is the canonical digest of a served policy.
func digestOf(text string) string {
	p, _ := keypolicy.Parse([]byte(text))
	return p.Canonical("aws").Text
}
