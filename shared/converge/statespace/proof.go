package statespace

// The steps of a run after its put.

func (m *machine) reReadObject(s state, w int) {
	m.readAhead(s, w, Prove)
	r := &s.runs[w]
	m.noObject(s, w)
	if s.current == r.version {
		r.at = Prove
		m.did(s, w, ReReadObject, "still version {v}", r.version, 0)
		return
	}
	m.startOver(&s, w)
}

// noObject ends the patience of a run that cannot read the object again.
func (m *machine) noObject(s state, w int) {
	if s.silent == 0 {
		return
	}
	s.silent--
	r := &s.runs[w]
	r.at, r.back = Prove, m.keeps(comesBackUnread)
	m.did(s, w, ReReadObject, "S3 does not answer: gives up", 0, 0)
}

// startOver takes up the newer object that a re-read found.
func (m *machine) startOver(s *state, w int) {
	r := &s.runs[w]
	r.forgetReads()
	r.at = m.beginning(r.msg)
	if m.breaks(checksEachTime) {
		r.version, r.policy = s.current, s.content(s.current)
		r.at = ReadInForce
	}
	m.did(*s, w, ReReadObject, "sees the newer version {v}: {p}", s.current, s.content(s.current))
}

func (m *machine) prove(s state, w int) {
	m.answers(s, w, func(s state, p policy) { m.proofRead(s, w, p) })
	s.runs[w].verdict, s.runs[w].at = unverified, Report
	m.did(s, w, Prove, "the time is over", 0, 0)
}

// proofRead is one read of the proof that returned p.
func (m *machine) proofRead(s state, w int, p policy) {
	text := readText(p, &s)
	r := &s.runs[w]
	r.count(p, m.keeps(countsInARow))
	if r.reads == proofReads && p != r.putPolicy && (r.seen|r.own)&(1<<p) == 0 {
		m.noHistory(s, w, reReadOnMismatch, run{at: Report, verdict: unverified})
	}
	switch {
	case r.reads < proofReads:
	case p == r.putPolicy:
		r.verdict, r.at = applied, Report
		if !m.telling(&s, r) {
			r.verdict = unverified
		}
	case m.unheardOf(&s, r, p):
		r.at = reReadOnMismatch
	}
	m.did(s, w, Prove, text, 0, p)
}

// unheardOf reports whether p must come from somebody else.
func (m *machine) unheardOf(s *state, r *run, p policy) bool {
	return (r.seen|r.own)&(1<<p) == 0 && !m.past(s, p)
}

// count counts a read. Where inARow is broken, the reads of what is hoped for
// add up, whatever lies between them.
func (r *run) count(p policy, inARow bool) {
	if p == r.putPolicy {
		r.row = min(r.row+1, proofReads)
	} else {
		r.row = 0
	}
	if p != r.lastRead && inARow {
		r.reads = 0
	}
	if p == r.putPolicy || inARow {
		r.lastRead = p
		r.reads = min(r.reads+1, proofReads)
	}
}

func (m *machine) reReadOnMismatch(s state, w int) {
	r := &s.runs[w]
	beside := r.version
	if r.next != none && m.breaks(comparesWithTheRefused) {
		beside = r.putVersion
	}
	switch {
	case s.current == beside:
	case r.next == none:
		m.startOver(&s, w)
		return
	default:
		m.leaveIt(s, w)
		return
	}
	r.verdict = mismatch
	r.at = Report
	m.did(s, w, ReReadObject, "still version {v}: somebody else's policy is in force", r.version, 0)
}
