package statespace

import (
	"fmt"
	"strings"
)

// A machine knows every move that is possible in a state.
type machine struct {
	protocol
	scenario
	promises promise // those that are watched
	plain    bool    // no state is left out and no two are taken for one
	out      []move
}

// A move leads to a state; the rest tells a reader how.
type move struct {
	to     state
	worker int // 1, 2; 0 is the world
	step   Step
	text   string // {v}, {p} and {m} stand for these:
	v      version
	p      policy
	m      message
	broken promise // the promise that this very move breaks
	swap   bool    // the workers changed places after it
}

// line tells the move; swapped says that the workers have changed places.
func (m move) line(swapped bool) string {
	who := "world"
	switch {
	case m.worker == 0:
	case swapped:
		who = fmt.Sprintf("worker %d", 3-m.worker)
	default:
		who = fmt.Sprintf("worker %d", m.worker)
	}
	text := strings.NewReplacer("{v}", string('0'+rune(m.v)), "{p}", m.p.String(), "{m}", m.m.String()).Replace(m.text)
	return strings.TrimRight(fmt.Sprintf("%-9s %-12s %s", who, m.step, text), " ")
}

// moves returns every move out of s; the slice is valid until the next call.
func (m *machine) moves(s *state) []move {
	m.out = m.out[:0]
	m.collect(s)
	for i := range m.out {
		mv := &m.out[i]
		if !m.plain {
			m.forget(&mv.to)
			mv.swap = mv.to.order()
		}
	}
	return m.out
}

// forget clears what nobody will ask for.
func (m *machine) forget(s *state) {
	if !m.stale {
		s.key.before = s.key.now
	}
	s.named &^= s.kept
	s.namedTwice &^= s.kept
	if m.keeps(putsUntilConfirmed) || s.unknown == 0 && !s.runs[0].unsure && !s.runs[1].unsure {
		s.namedTwice = 0
	}
	for i := range s.runs {
		m.forgetOf(s, &s.runs[i])
	}
}

func (m *machine) forgetOf(s *state, r *run) {
	if m.promises&appliedWasInForce == 0 {
		r.served = false
	}
	if m.promises&driftIsReal == 0 {
		r.held = 0
	}
	switch r.at {
	case ReadObject, Check, ReadInForce, Compare, watch, reReadOnDrift:
	default:
		r.known = record{}
	}
	if (m.keeps(putsUntilConfirmed) || !r.unsure && s.unknown == 0) && r.at == Put {
		r.inForce = 0
	}
	if m.keeps(knowsThePast) {
		r.own &^= s.kept
		r.seen &^= s.kept | s.named
	}
	r.seen &^= r.own
}

func (m *machine) collect(s *state) {
	for w := range s.runs {
		// A step that touches nothing shared is taken at once: no order of the
		// others' moves can make a difference to it, or it to them.
		if m.local(s, &s.runs[w]) && !m.plain {
			m.step(*s, w)
			m.crash(*s, w)
			return
		}
	}
	for w := range s.runs {
		if s.runs[w].at != idle {
			m.step(*s, w)
			m.crash(*s, w)
		}
	}
	m.world(s)
}

// local reports whether the next step of r touches nothing that another
// worker's steps depend on.
func (m *machine) local(s *state, r *run) bool {
	if r.at == KeepHistory {
		after := *s
		m.keep(&after, r.inForce, r.policy)
		m.forget(&after)
		return r.inForce == r.policy || after == *s
	}
	return r.at.local() || r.at == ReadInForce && r.early != 0 && s.silent == 0
}

func (m *machine) step(s state, w int) {
	steps := [...]func(*machine, state, int){
		ReadObject: (*machine).readObject, Check: (*machine).check,
		ReadInForce: (*machine).readInForce, Compare: (*machine).compare,
		KeepHistory: (*machine).keepHistory, Put: (*machine).put,
		ReReadObject: (*machine).reReadObject, Prove: (*machine).prove,
		reReadOnMismatch: (*machine).reReadOnMismatch, Report: (*machine).report,
		readBack: (*machine).readBack, watch: (*machine).watch, reReadOnDrift: (*machine).reReadOnDrift,
		Acknowledge: (*machine).acknowledge, handBack: (*machine).handBack,
		StoreRequest: (*machine).judgeRequest, storeNow: (*machine).storeRequest,
		ReadStatus: (*machine).readStatus, RecordStatus: (*machine).recordStatus,
		checkRequest: (*machine).checkRequest, raiseFence: (*machine).raiseFence,
	}
	steps[s.runs[w].at](m, s, w)
}

// uploaded returns the message about version v. Which version that is matters
// only to a protocol that believes it.
func (m *machine) uploaded(v version) message {
	if m.breaks(readsTheNewest) || m.plain {
		return newMessage(upload, v)
	}
	return newMessage(upload, 0)
}

// did adds the move of worker w into s, which the caller has changed.
func (m *machine) did(s state, w int, step Step, text string, v version, p policy) *move {
	m.out = append(m.out, move{to: s, worker: w + 1, step: step, text: text, v: v, p: p})
	return &m.out[len(m.out)-1]
}

func (m *machine) happens(s state, text string, v version, p policy) {
	m.out = append(m.out, move{to: s, text: text, v: v, p: p})
}

// reads calls f with each policy that a read may return now.
func (m *machine) reads(s *state, f func(policy)) {
	f(s.key.now)
	if m.stale && s.key.before != s.key.now {
		f(s.key.before)
	}
}
