package statespace

// The end of a run.

// leaveIt ends the proof of a superseded put, since a newer version has come
// whose own message will tell.
func (m *machine) leaveIt(s state, w int) {
	r := &s.runs[w]
	var broken promise
	if s.current == r.version {
		broken = m.promises & tellsInOrder
	}
	r.goOn()
	m.did(s, w, ReReadObject, "sees version {v}: has nothing to tell of an older one", s.current, 0).broken = broken
}

func (m *machine) report(s state, w int) {
	r := &s.runs[w]
	told, v := r.verdict, r.version
	if told.ofPut() {
		v = r.putVersion
	}
	broken := m.brokenByReport(r)
	s.told |= m.tells(r)
	r.spoken = true
	r.back = r.back || told == trouble || told == unverified
	r.told = record{v, told, r.putPolicy}
	if r.goOn(); m.statuses {
		r.after, r.at = r.at, RecordStatus
	}
	m.did(s, w, Report, about(v)+told.String(), v, 0).broken = broken
}

// tells returns what the report adds to what events have told.
func (m *machine) tells(r *run) byte {
	switch {
	case r.lastRead == foreign && (r.verdict == drift || r.verdict == mismatch):
		return 1
	case r.verdict.ofPut() && m.told:
		return 1 << r.putVersion
	}
	return 0
}

// goOn takes up what is reported after the outcome of the put.
func (r *run) goOn() {
	r.putVersion, r.putPolicy, r.over, r.served, r.unsure = 0, 0, 0, false, false
	r.forgetReads()
	r.verdict, r.next = r.next, none
	switch {
	case r.verdict != none && r.verdict != nothing:
		r.at = Report
	case r.back:
		r.at = handBack
	default:
		*r = run{at: Acknowledge, msg: r.msg, told: r.told, spoken: r.spoken, verdict: r.verdict}
	}
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
	if !r.spoken && !r.msg.reconciles() && r.verdict != nothing {
		move.broken = m.promises & answersEach
	}
	if r.putVersion != 0 {
		move.broken |= m.promises & tellsInOrder
	}
}

func (m *machine) handBack(s state, w int) {
	m.send(&s, m.handedBack(s.runs[w].msg))
	s.runs[w] = run{}
	m.did(s, w, handBack, "hands the message back", 0, 0)
}
