package model

// The steps of a run up to its put.

func (m *machine) readObject(s state, w int) {
	r := &s.runs[w]
	r.version = s.current
	if m.breaks(readsTheNewest) && r.msg.trigger() == upload {
		r.version = r.msg.version()
	}
	r.policy = s.content(r.version)
	r.at = Check
	m.did(s, w, ReadObject, "sees version {v}: {p}", r.version, r.policy)
}

func (m *machine) check(s state, w int) {
	r := &s.runs[w]
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
	case r.unsure: // it may not put the older one again to make sure
		r.verdict, r.next = unverified, v
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

func (m *machine) readInForce(s state, w int) {
	m.reads(&s, func(p policy) {
		s := s
		r := &s.runs[w]
		r.inForce = p
		r.seen |= 1 << p
		r.at = KeepHistory
		if m.comparesFirst(r) {
			r.at = Compare
		}
		m.did(s, w, ReadInForce, readText(p, &s), 0, p)
	})
	if r := &s.runs[w]; r.putVersion != 0 && m.breaks(provesItsPut) {
		r.putVersion, r.putPolicy, r.at = r.version, r.policy, Prove
		m.did(s, w, ReadInForce, "KMS does not answer: goes on to prove version {v}", r.version, 0)
	}
}

func readText(p policy, s *state) string {
	if p != s.key.now {
		return "reads {p}, which is stale"
	}
	return "reads {p}"
}

// comparesFirst reports whether what is in force may make the put needless.
func (m *machine) comparesFirst(r *run) bool {
	if m.breaks(uploadsAlwaysPut) {
		return true
	}
	if r.msg.again() && m.keeps(putsWhenHandedBack) || r.everPut && m.keeps(putsAfterPut) {
		return false
	}
	return r.msg.looks()
}

func (m *machine) compare(s state, w int) {
	r := &s.runs[w]
	if r.inForce != r.policy {
		r.at = KeepHistory
		m.did(s, w, Compare, "finds something else than {p}", 0, r.policy)
		return
	}
	if r.msg.looks() && r.putVersion == 0 {
		r.at = Acknowledge
		m.did(s, w, Compare, "finds {p} as it should be: nothing to do", 0, r.policy)
		return
	}
	r.putVersion, r.putPolicy = r.version, r.policy // as if it had put it
	r.at = ReReadObject
	m.did(s, w, Compare, "finds {p} and skips the put", 0, r.policy)
}

func (m *machine) keepHistory(s state, w int) {
	r := &s.runs[w]
	r.at = Put
	was := r.inForce
	r.inForce = 0
	if was == r.policy || m.breaks(keepsHistoryFirst) {
		m.did(s, w, KeepHistory, "has nothing to keep", 0, 0)
		return
	}
	s.kept |= 1 << was
	m.did(s, w, KeepHistory, "stores {p} in history/", 0, was)
}

func (m *machine) put(s state, w int) {
	r := &s.runs[w]
	if r.policy == refused {
		m.refuse(r, refusedKMS)
		m.did(s, w, Put, "KMS refuses {p}", 0, refused)
		return
	}
	broken := m.brokenByPut(&s, r)
	m.putUnknown(s, w, broken)
	r.unsure = false
	m.hasPut(&s, w)
	s.putLands(r.policy)
	m.did(s, w, Put, "puts {p} (version {v})", r.version, r.policy).broken = broken
}

// putUnknown is a put that answers 500, times out or drops its connection.
func (m *machine) putUnknown(s state, w int, broken promise) {
	i, ok := s.freeLatePut()
	if s.unknown == 0 || !ok {
		return
	}
	s.unknown--
	r := &s.runs[w]
	m.hasPut(&s, w)
	r.served = s.key.now == r.policy
	r.unsure = m.adds(putsUntilAnswered)
	s.late[i] = latePut{flying: r.policy}
	if m.breaks(sendsOnce) {
		s.putLands(r.policy)
		m.did(s, w, Put, "sends {p}, the connection drops, the SDK sends it again: done", 0, r.policy)
		return
	}
	if m.keeps(looksAfterLatePuts) {
		s.late[i].look = latePutLook
	}
	m.did(s, w, Put, "sends {p} (version {v}) and does not learn the result", r.version, r.policy).broken = broken
}

func (m *machine) hasPut(s *state, w int) {
	r := &s.runs[w]
	r.putVersion, r.putPolicy, r.served = r.version, r.policy, true
	r.everPut = r.msg.looks()
	r.seen |= 1 << r.policy
	r.forgetReads()
	r.at = ReReadObject
	if m.breaks(reReads) {
		r.at = Prove
	}
}

func (r *run) forgetReads() { r.lastRead, r.reads, r.row = 0, 0, 0 }
