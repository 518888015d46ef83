package statespace

import "slices"

// The steps around the status: what a reconcile reads before the object, and what
// a run writes after its event.

// A record is a status: of a version, its outcome, and what was last
// applied. The zero value is no status.
type record struct {
	version version
	verdict verdict // none where it is tried again
	last    policy
}

// described reports whether the status says what became of the newest version,
// which is p.
func (s *state) described(p policy) bool {
	switch {
	case p == gone:
		return true
	case s.status.version != s.current:
		return false
	case p.passes() && p != refused:
		return s.status.verdict == applied || s.status.verdict == mismatch
	}
	return s.status.verdict == rejected || s.status.verdict == refusedKMS
}

// edits reports whether somebody else writes the status in this scenario.
func (sc *scenario) edits() bool {
	return slices.ContainsFunc(sc.actions, func(a action) bool { return a.do == forges || a.do == erases })
}

// losesEvents reports whether nobody gets the event of an upload in this scenario.
func (sc *scenario) losesEvents() bool {
	return slices.ContainsFunc(sc.actions, func(a action) bool { return a.do == loses })
}

// beginning is the first step of a round.
func (m *machine) beginning(msg message) Step {
	if m.statuses && msg.reconciles() {
		return ReadStatus
	}
	return ReadObject
}

func (m *machine) readStatus(s state, w int) {
	r := &s.runs[w]
	r.known, r.at = s.status, ReadObject
	m.did(s, w, ReadStatus, "finds version {v}, "+s.status.verdict.String(), s.status.version, 0)
}

// knows reports whether the status that a reconcile has read says v of the version
// that it then found.
func (r *run) knows(v verdict) bool {
	return r.msg.reconciles() && r.known.version != 0 && r.known.version == r.version && r.known.verdict == v
}

// ended reports whether the version that was read was refused or failed for good.
func (m *machine) ended(r *run) bool {
	return m.statuses && r.putVersion == 0 && (r.knows(rejected) || r.knows(refusedKMS) || r.knows(mismatch))
}

// unhandled reports whether a reconcile is to handle a version like its upload.
func (m *machine) unhandled(r *run) bool {
	return m.statuses && r.msg.reconciles() && !r.knows(applied) && !m.ended(r) && m.keeps(handlesTheUnhandled)
}

// wanted is what a reconcile compares with what is in force.
func (m *machine) wanted(r *run) policy {
	if m.ended(r) && r.inForce != r.policy {
		return r.known.last
	}
	return r.policy
}

// recordStatus is the conditional write: it reads which version is the newest and
// starts over if somebody else writes meanwhile, so it is one move.
func (m *machine) recordStatus(s state, w int) {
	if s.unwritten > 0 {
		failed := s
		failed.unwritten--
		r := &failed.runs[w]
		r.told, r.at, r.after = record{}, handBack, idle
		m.did(failed, w, RecordStatus, "fails", 0, 0)
	}
	r := &s.runs[w]
	told := r.told
	m.write(&s, told)
	r.at, r.after, r.told = r.after, idle, record{}
	m.did(s, w, RecordStatus, "writes of version {v}: "+told.verdict.String(), told.version, 0)
}

func (m *machine) write(s *state, told record) {
	switch {
	case told.version == 0 || told.verdict == drift:
		return
	case told.verdict == applied:
		s.status.last = told.last
	}
	if told.version != s.current && m.keeps(recordsTheNewest) {
		return
	}
	s.status.version, s.status.verdict = told.version, told.verdict
	if told.verdict == unverified || told.verdict == trouble {
		s.status.verdict = none
	}
}
