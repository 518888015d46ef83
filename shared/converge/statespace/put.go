package statespace

// The put, and what goes right before and after it.

func (m *machine) keepHistory(s state, w int) {
	r := &s.runs[w]
	r.at = Put
	was := r.inForce
	if was == r.policy || r.own&(1<<was) != 0 && m.breaks(recordsEachPut) || m.breaks(keepsHistoryFirst) {
		m.did(s, w, KeepHistory, "has nothing to keep", 0, 0)
		return
	}
	m.keep(&s, was, r.policy)
	m.did(s, w, KeepHistory, "stores {p} in history/", 0, was)
}

// keep stores a copy of was in history/, because p is going to be put.
func (m *machine) keep(s *state, was, p policy) {
	s.kept |= 1 << was
	if m.breaks(recordsEachPut) {
		return
	}
	s.namedTwice |= s.named & (1 << p)
	s.named |= 1 << p
}

func (m *machine) put(s state, w int) {
	r := &s.runs[w]
	reminds := m.remindsFirst(r.msg)
	if reminds {
		s.remind(latePutReconcile)
	}
	if r.policy == refused {
		m.refuse(r, refusedKMS)
		m.did(s, w, Put, "KMS refuses {p}", 0, refused)
		return
	}
	broken := m.brokenByPut(&s, r)
	m.putUnknown(s, w, broken)
	r.unsure, r.inForce, r.over = false, 0, 0
	m.hasPut(&s, w)
	s.putLands(r.policy)
	if m.remindsOfSweeps(r.msg) {
		s.remindAgain()
	}
	m.did(s, w, Put, "puts {p} (version {v})", r.version, r.policy).broken = broken
}

// remindsFirst reports whether a run for msg sends a reconcile before it puts, as
// an earlier run for it may have been killed with its put under way.
func (m *machine) remindsFirst(msg message) bool {
	return msg.again() && m.keeps(reconcilesWhenHandedBack) && m.keeps(reconcilesAfterLatePuts) || m.remindsOfSweeps(msg)
}

// remindsOfSweeps reports whether a run for a sweep's reconcile sends a late-put
// reconcile before it puts.
func (m *machine) remindsOfSweeps(msg message) bool {
	return m.statuses && msg.trigger() == sweepReconcile && m.keeps(remindsBeforeASweepPuts)
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
	s.late[i] = latePut{flying: r.policy}
	if m.breaks(sendsOnce) {
		s.putLands(r.policy)
		m.did(s, w, Put, "sends {p}, the connection drops, the SDK sends it again: done", 0, r.policy)
		return
	}
	if m.keeps(reconcilesAfterLatePuts) {
		s.late[i].reconcile = latePutReconcile
	}
	if r.at = m.beginning(r.msg); m.breaks(putsUntilConfirmed) {
		r.over, r.at = r.inForce, readBack
	}
	r.unsure, r.inForce = true, 0
	m.did(s, w, Put, "sends {p} (version {v}) and does not learn the result", r.version, r.policy).broken = broken
	if m.keeps(putsUntilConfirmed) {
		m.noRound(s, w)
	}
}

func (m *machine) hasPut(s *state, w int) {
	r := &s.runs[w]
	r.putVersion, r.putPolicy, r.served = r.version, r.policy, true
	r.everPut = r.msg.reconciles()
	r.own |= 1 << r.policy
	r.forgetReads()
	r.at = ReReadObject
	if m.breaks(reReads) {
		r.at = Prove
	}
}

func (r *run) forgetReads() { r.early, r.lastRead, r.reads, r.row = 0, 0, 0, 0 }

// readBack is for a protocol that takes reads for the confirmation of a put. If
// they do not show it, the run starts over and puts what is the newest then.
func (m *machine) readBack(s state, w int) {
	m.reads(&s, func(p policy) {
		s := s
		r := &s.runs[w]
		r.at = m.beginning(r.msg)
		if p == r.putPolicy && m.telling(&s, r) {
			r.at = ReReadObject
		}
		m.did(s, w, Put, readText(p, &s)+" back", 0, p)
	})
	m.noRound(s, w)
}

// noRound ends the patience of a run whose puts get no answer.
func (m *machine) noRound(s state, w int) {
	if s.silent == 0 {
		return
	}
	s.silent--
	r := &s.runs[w]
	r.at, r.back = Prove, m.keeps(comesBackUnread)
	m.did(s, w, Put, "KMS does not answer: gives up", 0, 0)
}

// telling reports whether equal reads of what was put prove that put.
func (m *machine) telling(s *state, r *run) bool {
	switch {
	case !r.unsure || m.breaks(putsUntilConfirmed) && m.breaks(doubtsUnknownResults):
		return true
	case m.keeps(putsUntilConfirmed):
		return false
	case r.over == r.putPolicy:
		return false
	}
	return (s.kept|s.namedTwice)&(1<<r.putPolicy) == 0
}

// past reports whether reads may show p because keysmith put or replaced it.
func (m *machine) past(s *state, p policy) bool {
	return m.keeps(knowsThePast) && (s.kept|s.named)&(1<<p) != 0
}
