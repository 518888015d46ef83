package statespace

// The steps of a reconcile that has put nothing yet.

// comparesFirst reports whether what is in force may make the put needless.
func (m *machine) comparesFirst(r *run) bool {
	switch {
	case m.ended(r):
		return true
	case m.unhandled(r), m.statuses && r.everPut && m.keeps(putsAfterPut):
		return false
	case m.breaks(uploadsAlwaysPut) || r.msg.trigger() == sweepReconcile:
		return true
	case r.msg.again() && m.keeps(putsWhenHandedBack) || r.everPut && m.keeps(putsAfterPut):
		return false
	}
	return r.msg.reconciles()
}

func (m *machine) compare(s state, w int) {
	r := &s.runs[w]
	wanted := m.wanted(r)
	if wanted == gone || m.breaks(readsWhatIsInForce) && r.knows(applied) {
		r.at = Acknowledge
		m.did(s, w, Compare, "has nothing to compare", 0, 0)
		return
	}
	if r.inForce != wanted {
		r.at = KeepHistory
		if r.msg.trigger() == sweepReconcile || m.ended(r) {
			r.at = watch
		}
		m.did(s, w, Compare, "finds something else than {p}", 0, wanted)
		return
	}
	if r.msg.reconciles() && r.putVersion == 0 {
		r.at = Acknowledge
		m.did(s, w, Compare, "finds {p} as it should be: nothing to do", 0, r.policy)
		return
	}
	r.putVersion, r.putPolicy = r.version, r.policy // as if it had put it
	r.at = ReReadObject
	m.did(s, w, Compare, "finds {p} and skips the put", 0, r.policy)
}

// watch reads on until equal reads in a row tell what is in force.
func (m *machine) watch(s state, w int) {
	m.reads(&s, func(p policy) { m.driftRead(s, w, p) })
	s.runs[w].at = handBack
	m.did(s, w, Compare, "the time is over", 0, 0)
}

func (m *machine) driftRead(s state, w int, p policy) {
	text := readText(p, &s)
	r := &s.runs[w]
	r.count(p, true)
	if r.reads == proofReads && p != m.wanted(r) {
		m.noHistory(s, w, reReadOnDrift, run{at: handBack})
	}
	switch {
	case r.reads < proofReads:
	case p == m.wanted(r), m.ended(r) && m.past(&s, p):
		r.at = Acknowledge
	case !m.past(&s, p):
		r.at = reReadOnDrift
	}
	m.did(s, w, Compare, text, 0, p)
}

// noHistory is a read of history/ that is refused, where equal reads have shown what
// a run does not look for: it can no longer tell keysmith's own puts from others.
func (m *machine) noHistory(s state, w int, believes Step, doubts run) {
	if s.unlisted == 0 {
		return
	}
	s.unlisted--
	r := &s.runs[w]
	if m.breaks(silentWithoutPast) {
		r.at = believes
	} else {
		r.at, r.verdict = doubts.at, doubts.verdict
	}
	step := Compare
	if believes == reReadOnMismatch {
		step = Prove
	}
	m.did(s, w, step, "reads {p}, and history/ may not be read", 0, r.lastRead)
}

func (m *machine) reReadOnDrift(s state, w int) {
	r := &s.runs[w]
	if s.current != r.version {
		m.startOver(&s, w)
		return
	}
	var broken promise
	if s.content(s.current) == r.lastRead {
		broken = m.promises & driftIsReal
	}
	r.verdict, r.at = drift, Report
	m.did(s, w, ReReadObject, "takes {p} for drift", 0, r.lastRead).broken = broken
}

// hold keeps in mind what was in force while a reconcile of the sweep ran.
func (r *run) hold(p policy) {
	if r.msg.trigger() == sweepReconcile {
		r.held |= 1 << p
	}
}
