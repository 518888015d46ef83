package statespace

// The steps of a run up to its put.

func (m *machine) readObject(s state, w int) {
	m.readAhead(s, w, ReadInForce)
	r := &s.runs[w]
	r.version = s.current
	if m.breaks(readsTheNewest) && (r.msg.trigger() == upload || r.msg.trigger() == storedUpload) {
		r.version = r.msg.version()
	}
	r.policy = s.content(r.version)
	r.at = Check
	if m.isTheRequests(r) {
		r.at, r.spoken = Acknowledge, true // by the event that answers the request
		m.did(s, w, ReadObject, "sees version {v}, which the request stored and answers for", r.version, 0)
		return
	}
	m.did(s, w, ReadObject, "sees version {v}: {p}", r.version, r.policy)
}

// isTheRequests reports whether the run is for the upload by which the request
// itself stored its policy, and finds that very version. The request's message
// comes again until that is put and told, so the upload has nothing to do.
func (m *machine) isTheRequests(r *run) bool {
	switch {
	case r.putVersion != 0 || r.msg.again():
		return false
	case m.breaks(knowsTheRequests):
		return (r.msg.trigger() == upload || r.msg.trigger() == storedUpload) && r.policy == m.requested() && r.policy != gone
	}
	return r.msg.trigger() == storedUpload && r.version == r.msg.version()
}

func (m *machine) check(s state, w int) {
	r := &s.runs[w]
	if m.ended(r) {
		r.at = ReadInForce
		m.did(s, w, Check, "knows what became of version {v}", r.version, 0)
		return
	}
	if r.policy.passes() {
		r.at = ReadInForce
		if m.breaks(needsNoFence) {
			r.at = raiseFence
		}
		m.did(s, w, Check, "accepts {p}", 0, r.policy)
		return
	}
	if r.policy == gone {
		m.refuse(r, nothing)
		m.did(s, w, Check, "has nothing to check: version {v} is a deletion", r.version, 0)
		return
	}
	m.refuse(r, rejected)
	m.did(s, w, Check, "refuses version {v}: {p}", r.version, r.policy)
}

// refuse ends the run with v, but not before an event told of what it has put.
func (m *machine) refuse(r *run, v verdict) {
	r.verdict, r.at = v, Report
	switch {
	case r.putVersion == 0 && v == nothing:
		r.at = Acknowledge
	case r.putVersion == 0 || m.breaks(provesBeforeRefusal):
	case v == nothing && m.breaks(tellsBeforeEveryEnd):
		r.at = Acknowledge
	default:
		r.verdict, r.next, r.at = none, v, Prove
	}
}

func (m *machine) raiseFence(s state, w int) {
	r := &s.runs[w]
	if s.fence > r.version {
		r.at, r.spoken = Acknowledge, true
		m.did(s, w, raiseFence, "the fence stands at version {v}: nothing to do", s.fence, 0)
		return
	}
	s.fence = r.version
	r.at = ReadInForce
	m.did(s, w, raiseFence, "raises the fence to version {v}", r.version, 0)
}

// readAhead is a read of the key policy that is answered before the object is,
// beside which it was asked for. Its step, which names it, is taken later.
func (m *machine) readAhead(s state, w int, step Step) {
	if s.runs[w].early != 0 {
		return
	}
	m.reads(&s, func(p policy) {
		s := s
		s.runs[w].early = p
		m.did(s, w, step, readText(p, &s)+" ahead", 0, p)
	})
}

// answers calls f with what a read that was asked for ahead has returned, or
// with each policy that one may return now.
func (m *machine) answers(s state, w int, f func(state, policy)) {
	if p := s.runs[w].early; p != 0 {
		s.runs[w].early = 0
		f(s, p)
		return
	}
	m.reads(&s, func(p policy) { f(s, p) })
}

func (m *machine) readInForce(s state, w int) {
	m.answers(s, w, func(s state, p policy) {
		r := &s.runs[w]
		r.inForce = p
		r.seen |= 1 << p
		r.at = KeepHistory
		if m.comparesFirst(r) {
			r.at = Compare
		}
		m.did(s, w, ReadInForce, readText(p, &s), 0, p)
	})
	m.noAnswer(s, w)
}

// noAnswer ends the patience of a run that has put, with the proof of its put.
func (m *machine) noAnswer(s state, w int) {
	r := &s.runs[w]
	if s.silent == 0 || r.putVersion == 0 {
		return
	}
	s.silent--
	switch {
	case m.breaks(provesItsPut):
		r.putVersion, r.putPolicy, r.at = r.version, r.policy, Prove
	case r.putVersion == r.version:
		r.at = Prove
	default:
		m.refuse(r, trouble)
	}
	m.did(s, w, ReadInForce, "KMS does not answer: gives up", 0, 0)
}

func readText(p policy, s *state) string {
	if p != s.key.now {
		return "reads {p}, which is stale"
	}
	return "reads {p}"
}
