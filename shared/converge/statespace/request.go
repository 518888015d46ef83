package statespace

// An inline request becomes the object, if nothing newer is there.

func (m *machine) checkRequest(s state, w int) {
	r, p := &s.runs[w], m.requested()
	r.at = StoreRequest
	switch {
	case p.passes():
		m.did(s, w, Check, "accepts {p}", 0, p)
	case m.breaks(checksRequests):
		m.did(s, w, Check, "is left for later", 0, 0)
	default:
		r.verdict, r.at = rejected, Report
		m.did(s, w, Check, "refuses {p}", 0, p)
	}
}

// judgeRequest looks at the object and at the times.
func (m *machine) judgeRequest(s state, w int) {
	r := &s.runs[w]
	r.version = s.current
	if m.coarse {
		m.judged(s, w, m.breaks(doubtsEqualTimes), "finds version {v} as old as the request")
	}
	switch {
	case s.current <= r.msg.version():
		m.judged(s, w, true, "finds version {v} older than the request")
	case m.breaks(knowsReplays):
		m.judged(s, w, true, "does not ask how old version {v} is")
	case m.breaks(knowsDeletions) && s.content(s.current) == gone:
		m.judged(s, w, true, "takes the deletion for a key without an object")
	default:
		m.judged(s, w, false, "finds version {v} newer than the request")
	}
}

func (m *machine) judged(s state, w int, store bool, text string) {
	r := &s.runs[w]
	v := r.version
	r.at = storeNow
	if !store {
		r.at, r.version = ReadObject, 0
		text += ": only reconciles"
	}
	m.did(s, w, StoreRequest, text, v, 0)
}

// storeRequest is the conditional write.
func (m *machine) storeRequest(s state, w int) {
	r := &s.runs[w]
	if !m.unchanged(&s, r.version) {
		r.version = 0
		r.at = StoreRequest
		m.did(s, w, StoreRequest, "the object has changed: starts again", 0, 0)
		return
	}
	p := m.requested()
	var broken promise
	if s.current > r.msg.version() {
		broken |= overwritesNothing
	}
	if !p.passes() {
		broken |= storesAcceptable
	}
	v := s.store(p)
	s.queue.add(newMessage(storedUpload, v)) // the bucket tells of it as of any upload
	r.version = 0
	r.at = ReadObject
	m.did(s, w, StoreRequest, "stores {p} as version {v}", v, p).broken = broken & m.promises
}

// unchanged reports whether the object passes for the version that was seen.
func (m *machine) unchanged(s *state, seen version) bool {
	if m.breaks(storesIfUnchanged) {
		return true
	}
	if m.breaks(tagsTellVersions) {
		return s.content(s.current) == s.content(seen)
	}
	return s.current == seen
}
