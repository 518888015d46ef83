package repairspace

// A run is one worker with a message in its hands. The zero value is idle.
type run struct {
	at        step
	msg       message
	status    status // as it has read it
	version   byte
	over      policy // what it has read of the key
	repairs   bool   // it puts because of drift
	round     byte
	noHold    bool // it has read that there is none
	kept      bool
	mayExpect bool // what it replaces is what the version expects

	touched bool // somebody has put something since keysmith's last put (seen from outside)
}

type step byte

const (
	idle step = iota
	readStatus
	readInForce
	release
	keep
	put
	prove
)

func (m *machine) receive(s *state, w int) {
	for i := range s.queue {
		if s.queue[i] == (message{}) {
			return
		}
		next := *s
		msg := next.take(i)
		next.runs[w] = run{at: readStatus, msg: msg, touched: s.touched}
		m.did(next, w, 0, "receives %v", msg)
		if s.twice > 0 && msg.kind == trail {
			next.twice--
			next.add(msg)
			m.did(next, w, 0, "receives %v, of which a copy stays", msg)
		}
	}
}

// back ends a run; its message comes again.
func (m *machine) back(s state, w int, why string) {
	msg := s.runs[w].msg
	msg.again = true
	s.runs[w] = run{}
	s.add(msg)
	m.did(s, w, 0, "hands the message back: %s", why)
}

func (m *machine) crash(s state, w int) {
	if s.crashes == 0 {
		return
	}
	s.crashes--
	if s.runs[w].kept {
		s.excused++
	}
	m.back(s, w, "it is killed")
}

func (m *machine) end(s state, w int, broken promise, format string, args ...any) {
	s.runs[w] = run{}
	m.did(s, w, broken, format, args...)
}

func (m *machine) step(s state, w int) {
	[...]func(*machine, state, int){
		readStatus: (*machine).readStatus, readInForce: (*machine).readInForce, release: (*machine).release,
		keep: (*machine).keep, put: (*machine).put, prove: (*machine).prove,
	}[s.runs[w].at](m, s, w)
}

// readStatus reads the status, and then the object.
func (m *machine) readStatus(s state, w int) {
	r := &s.runs[w]
	r.status, r.version = s.status, s.version
	r.noHold = !s.onHold
	r.at = readInForce
	m.did(s, w, 0, "reads the status and version %d", r.version)
}

// readInForce is so many equal reads. They may be stale.
func (m *machine) readInForce(s state, w int) {
	m.judge(s, w, s.now)
	if m.stale && s.before != s.now {
		m.judge(s, w, s.before)
	}
}

func (m *machine) judge(s state, w int, p policy) {
	r := &s.runs[w]
	r.over = p
	switch ended := r.status.outcome == stale || r.status.outcome == heldBack; {
	case r.msg.kind == upload, r.status.version != r.version, r.status.outcome == braked,
		r.status.outcome == heldBack && r.noHold && m.keeps(appliesAfterHolds):
		m.handle(s, w)
	case ended:
		m.end(s, w, 0, "finds version %d refused", r.version)
	case r.msg.kind == trail && !m.keeps(comparesFirst):
		r.repairs, r.at = true, release
		m.did(s, w, 0, "believes the event")
	case p == wanted(r.version):
		s.status.drift, s.status.found, s.lost = none, 0, false
		m.end(s, w, 0, "finds what it should")
	default:
		m.drift(s, w)
	}
}

// handle goes on to the put of a version, unless that expects another policy.
func (m *machine) handle(s state, w int) {
	r := &s.runs[w]
	r.mayExpect = true
	if r.version == 2 && m.expects != 0 {
		once := m.keeps(expectsOnce) && (s.status.applied == r.version || s.putBefore(r.version))
		switch r.mayExpect = once || r.over == m.expects || r.over == wanted(r.version); {
		case r.mayExpect, !m.keeps(expects):
		case m.keeps(doubtsOneRead) && s.replacedLately(r.over, 0, 0):
			m.back(s, w, "it has replaced that itself a moment ago")
			return
		default:
			m.refuse(s, w, stale)
			return
		}
	}
	r.at = release
	m.did(s, w, 0, "finds %v and goes on to put version %d", r.over, r.version)
}

// putBefore reports whether the history names a version as what was going to be put.
func (s *state) putBefore(version byte) bool {
	for _, c := range s.history[:s.copies] {
		if c.version == version {
			return true
		}
	}
	return false
}

func (m *machine) refuse(s state, w int, why outcome) {
	r := s.runs[w]
	var broken promise
	switch {
	case why != stale:
	case s.done&(1<<r.version) != 0:
		broken = refusesOnce
	case r.over != s.now && s.now == m.expects && r.over < wider: // KMS has no compare-and-swap
		broken = refusesTruly
	}
	if s.version == r.version {
		s.status.version, s.status.outcome = r.version, why
	}
	m.end(s, w, broken, "refuses version %d (%s)", r.version, [...]string{"", "", "HELD", "STALE", "BRAKE"}[why])
}

// release asks for a token and for holds.
func (m *machine) release(s state, w int) {
	r := &s.runs[w]
	var broken promise
	free := !s.onHold
	if !m.keeps(readsHoldsLast) {
		free = r.noHold
	}
	changes := r.over != wanted(r.version) && m.tokens > 0
	switch {
	case changes && s.tokens == 0 && m.keeps(takesTokens):
		if !m.keeps(handsBackBraked) {
			m.end(s, w, 0, "has no token, and acknowledges the message")
			return
		}
		if r.msg.kind == upload && s.version == r.version {
			s.status.version, s.status.outcome = r.version, braked
		}
		m.back(s, w, "it has no token")
		return
	case !free && r.repairs:
		s.status.drift = held
		m.end(s, w, 0, "finds a hold")
		return
	case !free:
		m.refuse(s, w, heldBack)
		return
	case s.onHold:
		broken = keepsToHolds
	case changes && s.tokens == 0:
		broken = keepsToTheBrake
	case changes:
		s.tokens--
	}
	r.at = keep
	m.did(s, w, broken, "finds no hold")
}

func (m *machine) keep(s state, w int) {
	r := &s.runs[w]
	r.at, r.kept = put, true
	if r.over != wanted(r.version) {
		s.clock++
		s.history[s.copies] = replaced{r.over, s.clock, r.round, r.version}
		s.copies++
	}
	m.did(s, w, 0, "keeps %v in the history", r.over)
}

func (m *machine) put(s state, w int) {
	r := &s.runs[w]
	var broken promise
	if r.repairs {
		s.repaired++
		broken = m.brokenByRepair(&s, r)
	}
	if !r.mayExpect && !r.repairs {
		broken |= replacesTheExpected
	}
	s.touched = s.touched && s.now != r.over // KMS has no compare-and-swap
	if p := wanted(r.version); s.now != p {
		s.before, s.now = s.now, p
	}
	s.clock++
	r.at = prove
	m.did(s, w, broken, "puts version %d", r.version)
}

func (m *machine) brokenByRepair(s *state, r *run) promise {
	switch {
	case !r.touched && !r.msg.again: // whose earlier run may have put it
		return leavesSync
	case s.repaired > rounds+s.excused+(m.crashes-s.crashes) && m.days == 0 && m.workers == 1 && r.version == s.version:
		return endsFights
	case s.lost && r.version == s.version && m.workers == 1:
		return staysContested
	case r.over == narrower:
		return leavesTheRest
	}
	return 0
}

// prove ends with a report and the status, unless the object or the key changed.
func (m *machine) prove(s state, w int) {
	r := s.runs[w]
	switch {
	case s.version != r.version:
		s.excused++
		m.back(s, w, "a newer version has come")
		return
	case s.now != wanted(r.version):
		s.excused++
		m.back(s, w, "the put is not verified")
		return
	}
	s.clock++
	s.done |= 1 << r.version
	s.status = status{version: r.version, outcome: applied, applied: r.version, at: s.clock}
	m.end(s, w, 0, "verifies version %d", r.version)
}
