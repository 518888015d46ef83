package model

// The steps of a run after its put.

func (m *machine) reReadObject(s state, w int) {
	r := &s.runs[w]
	if s.current == r.version {
		r.at = Prove
		if r.unsure {
			r.at = Put
		}
		m.did(s, w, ReReadObject, "still version {v}", r.version, 0)
		return
	}
	m.startOver(&s, w)
}

// startOver takes up the newer object that a re-read found.
func (m *machine) startOver(s *state, w int) {
	r := &s.runs[w]
	r.version, r.policy = s.current, s.content(s.current)
	r.next = none // the newer one's own message will tell
	r.forgetReads()
	r.at = Check
	if m.breaks(checksEachTime) {
		r.at = ReadInForce
	}
	m.did(*s, w, ReReadObject, "sees the newer version {v}: {p}", r.version, r.policy)
}

func (m *machine) prove(s state, w int) {
	m.reads(&s, func(p policy) { m.proofRead(s, w, p) })
	s.runs[w].verdict, s.runs[w].at = unverified, Report
	m.did(s, w, Prove, "the time is over", 0, 0)
}

// proofRead is one read of the proof that returned p.
func (m *machine) proofRead(s state, w int, p policy) {
	text := readText(p, &s)
	r := &s.runs[w]
	r.count(p, m.keeps(countsInARow))
	switch {
	case r.reads < proofReads:
	case p == r.putPolicy:
		r.verdict = applied
		r.at = Report
	case m.unheardOf(&s, r, p):
		r.at = reReadOnMismatch
	}
	m.did(s, w, Prove, text, 0, p)
}

// unheardOf reports whether p must come from somebody else.
func (m *machine) unheardOf(s *state, r *run, p policy) bool {
	if m.adds(knowsThePast) && (s.accepted(p) || s.kept&(1<<p) != 0) {
		return false
	}
	return r.seen&(1<<p) == 0
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
	if s.current != r.version {
		m.startOver(&s, w)
		return
	}
	r.verdict = mismatch
	r.at = Report
	m.did(s, w, ReReadObject, "still version {v}: somebody else's policy is in force", r.version, 0)
}

func (m *machine) report(s state, w int) {
	r := &s.runs[w]
	told, v := r.verdict, r.version
	if told.ofPut() {
		v = r.putVersion
	}
	broken := m.brokenByReport(r)
	if told.ofPut() && m.told {
		s.told |= 1 << v
	}
	r.spoken = true
	r.back = r.back || told == unverified
	if told.ofPut() {
		r.putVersion, r.putPolicy, r.served, r.unsure = 0, 0, false, false
		r.forgetReads()
	}
	r.verdict, r.next = r.next, none
	switch {
	case r.verdict != none && r.verdict != nothing:
	case r.back:
		r.at = handBack
	default:
		*r = run{at: Acknowledge, msg: r.msg, spoken: true}
	}
	m.did(s, w, Report, about(v)+told.String(), v, 0).broken = broken
}

func about(v version) string {
	if v == 0 {
		return "the request: "
	}
	return "version {v}: "
}

func (m *machine) acknowledge(s state, w int) {
	r := s.runs[w]
	s.runs[w] = run{}
	move := m.did(s, w, Acknowledge, "", 0, 0)
	if !r.spoken && !r.msg.looks() && r.verdict != nothing {
		move.broken = m.promises & answersEach
	}
}

func (m *machine) handBack(s state, w int) {
	s.queue.add(s.runs[w].msg.handedBack())
	s.runs[w] = run{}
	m.did(s, w, handBack, "hands the message back", 0, 0)
}
