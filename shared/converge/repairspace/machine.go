package repairspace

import "github.com/keysmith/keysmith/shared/converge/walk"

// A scenario bounds an exploration.
type scenario struct {
	actions []deed // in this order, at any time
	workers int
	stale   bool
	crashes byte
	twice   byte // events of CloudTrail that come twice
	days    byte // that may pass
	tokens  byte // 0: there is no brake
	expects policy
}

type deed byte

const (
	uploads deed = iota
	widens
	narrows
	holds
	releases
)

// rounds of a fight are repaired; with three there would be more states, but no other
// ways to go wrong.
const rounds = 2

type machine struct {
	protocol
	scenario
	out []move
}

// A move leads to a state; the rest tells a reader how.
type move = walk.Move[state, promise]

func (m *machine) happens(s state, format string, args ...any) {
	m.out = append(m.out, move{To: s, Text: format, Args: args})
}

func (m *machine) did(s state, w int, broken promise, format string, args ...any) {
	m.out = append(m.out, move{To: s, Who: w + 1, Text: format, Args: args, Broken: broken})
}

func (m *machine) start() state {
	return state{now: original, before: original, swept: true, tokens: m.tokens, crashes: m.crashes, twice: m.twice, days: m.days}
}

func (m *machine) moves(s *state) []move {
	m.out = m.out[:0]
	for w := range m.workers {
		if s.runs[w].at == idle {
			m.receive(s, w)
			continue
		}
		m.step(*s, w)
		m.crash(*s, w)
	}
	if int(s.next) < len(m.actions) {
		m.act(*s, m.actions[s.next])
	}
	m.time(*s)
	return m.out
}

func (m *machine) act(s state, d deed) {
	s.next++
	switch d {
	case uploads:
		s.version++
		s.fought, s.repaired, s.excused, s.lost = 0, 0, 0, false
		s.add(message{kind: upload})
		m.happens(s, "somebody uploads version %d", s.version)
	case widens:
		m.byHand(s, wider)
	case narrows:
		m.byHand(s, narrower)
	case holds:
		s.onHold = true
		m.happens(s, "somebody puts the key on hold")
	case releases:
		s.onHold = false
		s.add(message{kind: sweep})
		m.happens(s, "somebody ends the hold")
	}
}

func (m *machine) byHand(s state, p policy) {
	s.clock++
	s.before, s.now, s.touched, s.swept = s.now, p, true, false
	s.fought++
	for w := range s.runs {
		s.runs[w].touched = true
	}
	s.add(message{kind: trail, time: s.clock})
	m.happens(s, "somebody puts %v by hand", p)
}

// time adds what happens while nobody works.
func (m *machine) time(s state) {
	if s.runs != [2]run{} {
		return
	}
	later := s
	later.before, later.old = s.now, s.copies
	later.status.aged = true
	if m.tokens > 0 {
		later.tokens = m.tokens
	}
	if s.status.drift == pending {
		later.add(message{kind: sweep})
	}
	m.happens(later, "a quarter of an hour passes")
	if s.days > 0 {
		later.days--
		later.ancient = s.copies
		m.happens(later, "a day passes")
	}
	if s.queue[0] == (message{}) && !s.swept {
		later.swept = true
		later.add(message{kind: sweep})
		m.happens(later, "the sweep comes")
	}
}

// brokenBy returns what a state at rest breaks by being as it is.
func (m *machine) brokenBy(s *state) promise {
	if !s.atRest() || int(s.next) < len(m.actions) || s.version == 0 {
		return 0
	}
	switch st := s.status; {
	case s.onHold:
		return 0
	case st.version != s.version || st.outcome != applied && st.outcome != stale:
		return converges
	case st.outcome == applied && s.now != wanted(s.version) && st.drift != held && st.drift != contested:
		return tellsDrift
	}
	return 0
}
