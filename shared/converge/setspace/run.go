package setspace

// A run is one worker with a message in its hands. The zero value is idle.
type run struct {
	at   step
	msg  message
	keys [regions]part
	told bool
}

// A part is the run for one key of the set.
type part struct {
	at       step // idle: there is no such key as far as the run knows, or it has ended
	version  byte
	word     Word   // once it has ended
	over     policy // of a drift
	refused  bool   // our check refuses the version for this key
	resolved bool   // a drift that was reported has ended
	puts     bool   // it has put an older version, and does not compare any more

	// What only somebody knows who sees all:
	proven bool // the version could be read in the key's Region when the word was found
	drift  bool // what is about to be replaced is drift of a key that the status calls good
	warned bool // the key told of other members
}

type step byte

const (
	idle step = iota
	// of a worker
	work
	report
	record
	// of a part
	look
	compare
	ballot
	put
	prove
)

func (m *machine) receive(s *state, w int) {
	for i := range s.queue {
		if s.queue[i] == (message{}) {
			return
		}
		if s.queue[i] == (message{kind: late}) {
			continue // it is delayed until the put has landed and reads have settled
		}
		next := *s
		msg := next.take(i)
		next.runs[w] = run{msg: msg}
		if msg.kind == elsewhere {
			m.putElsewhere(next, w)
			continue
		}
		m.find(next, w)
		if next.twice > 0 && msg.kind == upload {
			next.twice--
			next.add(msg)
			m.find(next, w)
		}
	}
}

// putElsewhere brings a key of another account to its policy, in one step.
func (m *machine) putElsewhere(s state, w int) {
	s.runs[w] = run{}
	s.instances[w].credentials[1] = fresh
	m.did(s, w, 0, "assumes the role of another account for a key there, and is done with it")
}

// back ends a run; its message comes again.
func (m *machine) back(s state, w int, why string) {
	msg := s.runs[w].msg
	msg.again = msg.kind == upload || msg.kind == late || m.losses > 0
	s.runs[w] = run{}
	s.add(msg)
	m.did(s, w, 0, "hands the message back: %s", why)
}

func (m *machine) crash(s state, w int) {
	if s.crashes == 0 || !s.runs[w].leaves() {
		return
	}
	s.crashes--
	s.instances[w] = instance{}
	if s.runs[w].msg == (message{}) { // which only a wrong protocol has acknowledged by now
		s.runs[w] = run{}
		m.did(s, w, answersEach, "is killed, and nothing was reported")
		return
	}
	m.back(s, w, "it is killed")
}

// leaves reports whether a run that is killed now has done anything.
func (r *run) leaves() bool {
	for _, k := range r.keys {
		if k.at == prove || k.word == Applied {
			return true
		}
	}
	return r.at == record || r.msg == (message{})
}

func (m *machine) end(s state, w int, broken promise, text string) {
	s.runs[w] = run{}
	m.did(s, w, broken, text)
}

func (m *machine) step(s state, w int) {
	switch r := &s.runs[w]; r.at {
	case work:
		for i := range r.keys {
			if r.keys[i].at != idle {
				m.part(s, w, i)
			}
		}
	case report:
		m.report(s, w)
	case record:
		m.record(s, w)
	}
}

// find asks a Region that answers which keys the set has.
func (m *machine) find(s state, w int) {
	if !m.keeps(asksEachTime) && s.instances[w].knows {
		m.begin(s, w, s.instances[w].members, "remembers")
		return
	}
	for r := range s.keys {
		if !s.keys[r].there || s.keys[r].down {
			continue
		}
		ok, broken := m.call(&s, w)
		if !ok {
			m.whereNothing(s, w, "the role cannot be assumed")
			return
		}
		if broken != 0 {
			m.did(s, w, broken, "asks for the keys of the set with the credentials of another account")
			return
		}
		m.begin(s, w, s.members(), "finds")
		if m.stale && s.known() != s.members() && s.known()[r] {
			m.begin(s, w, s.known(), "finds, which is stale,")
		}
		return
	}
	m.whereNothing(s, w, "no Region answers")
}

func (s *state) members() (list [regions]bool) {
	for r := range s.keys {
		list[r] = s.keys[r].there
	}
	return list
}

func (s *state) known() (list [regions]bool) {
	for r := range s.keys {
		list[r] = s.keys[r].knew
	}
	return list
}

// whereNothing is the set as one place, whose run tells the trouble.
func (m *machine) whereNothing(s state, w int, why string) {
	r := &s.runs[w]
	r.at = report
	r.keys[0] = part{version: s.version, word: Failed}
	m.did(s, w, 0, "%s", why)
}

func (m *machine) begin(s state, w int, members [regions]bool, how string) {
	r := &s.runs[w]
	r.at = work
	s.instances[w].members, s.instances[w].knows = members, !m.keeps(asksEachTime)
	for i, there := range members {
		if there {
			r.keys[i].at = look
		}
	}
	if m.keeps(keepsToTargets) && members[regions-1] && m.noTarget {
		r.keys = [regions]part{{version: s.version, word: Rejected}}
		r.at = report
		m.did(s, w, 0, "%s a key in a Region that is no target, and refuses the object", how)
		return
	}
	m.did(s, w, 0, "%s the keys %s", how, names(members))
}

func names(members [regions]bool) string {
	text := ""
	for r, there := range members {
		if there {
			text += " " + regionName(r)
		}
	}
	return text[min(1, len(text)):]
}

func regionName(r int) string { return [...]string{"here", "there", "beyond"}[r] }

// call is what each call of KMS needs: credentials of the key's account. ok is false
// where the role cannot be assumed.
func (m *machine) call(s *state, w int) (ok bool, broken promise) {
	if !m.account {
		return true, 0
	}
	c := &s.instances[w].credentials
	switch {
	case c[0] == fresh:
	case !m.keeps(callsAsTheAccount) && c[1] == fresh:
		return true, usesOwnCredentials
	case c[0] == expired && !m.keeps(renews):
		return false, 0
	case s.noRole:
		return false, 0
	}
	c[0] = fresh
	return true, 0
}

// settle takes at once what touches nothing shared: runs for keys that need not wait for
// the others any more go on, and when all have ended, there is a result.
func (m *machine) settle(s *state, w int) {
	r := &s.runs[w]
	if r.at != work {
		return
	}
	for i := range r.keys {
		if k := &r.keys[i]; k.at == ballot && k.refused {
			*k = k.ended(Rejected)
		}
	}
	for i := range r.keys {
		if r.keys[i].at == ballot {
			m.ballot(s, w, i)
		}
	}
	busy := false
	for _, k := range r.keys {
		busy = busy || k.at != idle
	}
	if busy && (m.keeps(waitsForAll) || r.keys[s.primary].word == 0) {
		return
	}
	for i := range r.keys {
		r.keys[i].at = idle
	}
	r.at = report
}
