package statespace

import "slices"

// world adds what happens around the workers.
func (m *machine) world(s *state) {
	if int(s.next) < len(m.actions) {
		m.act(*s, m.actions[s.next])
	}
	m.deliver(s)
	for i := range s.late {
		m.latePuts(*s, i)
	}
}

func (m *machine) act(s state, a action) {
	s.next++
	switch a.do {
	case uploads:
		v := s.store(a.policy)
		s.queue.add(m.uploaded(v))
		m.happens(s, "somebody uploads version {v}: {p}", v, a.policy)
	case loses:
		v := s.store(a.policy)
		m.happens(s, "somebody uploads version {v}: {p}, and its event is lost", v, a.policy)
	case forges:
		s.status = record{s.current, applied, s.content(s.current)}
		m.happens(s, "somebody writes into the status that version {v} was applied", s.current, 0)
	case erases:
		s.status = record{}
		m.happens(s, "somebody deletes the status", 0, 0)
	case deletes:
		v := s.store(gone)
		m.happens(s, "somebody deletes the object (version {v})", v, gone)
	case requests:
		s.queue.add(newMessage(request, s.current))
		m.happens(s, "somebody requests {p} while version {v} is the newest", s.current, a.policy)
	case sweeps:
		s.queue.add(newMessage(sweepReconcile, 0))
		m.happens(s, "the sweep sends a reconcile", 0, 0)
	case reminds:
		s.queue.add(newMessage(latePutReconcile, 0))
		m.happens(s, "a late-put reconcile is due", 0, 0)
	case putsByHand:
		i, _ := s.freeLatePut()
		s.late[i] = latePut{reconcile: sweepReconcile, quiet: true}
		s.putLands(a.policy)
		s.late[i].quiet = true
		m.happens(s, "somebody puts {p} by hand", 0, a.policy)
	}
}

// deliver hands any message to the idle worker; the first where both are, as
// they are alike.
func (m *machine) deliver(s *state) {
	for w := range m.workerCount() {
		if s.runs[w].at != idle {
			continue
		}
		for i, msg := range s.queue {
			if msg != 0 && (i == 0 || s.queue[i-1] != msg) {
				m.receive(*s, w, i)
			}
		}
		return
	}
}

func (m *machine) workerCount() int {
	if m.workers != 0 {
		return m.workers
	}
	return 2
}

func (m *machine) receive(s state, w, i int) {
	msg := s.queue[i]
	start := m.beginning(msg)
	if msg.trigger() == request {
		start = checkRequest
	}
	s.runs[w] = run{at: start, msg: msg}
	s.runs[w].hold(s.key.now)
	if s.dups > 0 {
		twice := s
		twice.dups--
		m.did(twice, w, idle, "receives {m}, of which a copy stays", 0, 0).m = msg
	}
	s.queue.remove(i)
	m.did(s, w, idle, "receives {m}", 0, 0).m = msg
}

// crash kills worker w where it stands; its message comes again.
func (m *machine) crash(s state, w int) {
	if s.crashes == 0 {
		return
	}
	s.crashes--
	r := s.runs[w]
	s.runs[w] = run{}
	var broken promise
	if m.keeps(acknowledgesLast) {
		m.send(&s, m.handedBack(r.msg))
	} else if !r.spoken {
		broken = m.promises & answersEach
	}
	m.did(s, w, idle, "is killed", 0, 0).broken = broken
	if i, ok := s.freeLatePut(); ok && r.at == Put && s.unknown > 0 && r.policy != refused {
		s.unknown--
		s.late[i] = latePut{flying: r.policy}
		if m.remindsFirst(r.msg) {
			s.late[i].reconcile = latePutReconcile
		} // else nobody lived to send a reconcile: the worker that gets the message again does
		m.did(s, w, Put, "sends {p} (version {v}) and is killed", r.version, r.policy).broken = broken
	}
}

// latePuts adds what may become of late put i.
func (m *machine) latePuts(s state, i int) {
	l := &s.late[i]
	switch {
	case l.flying != 0:
		p := l.flying
		*l = latePut{reconcile: l.reconcile, quiet: l.reconcile != 0}
		m.happens(s, "the late put of {p} is lost", 0, p)
		s.putLands(p)
		l.quiet = l.reconcile != 0
		m.happens(s, "the late put of {p} lands", 0, p)
	case l.reconcile != 0:
		m.reconcile(s, i)
	}
}

// send puts a message into the queue. With statuses a reconcile can lead to others
// without end; one that waits already sees all that another one would.
func (m *machine) send(s *state, msg message) {
	if !m.statuses || !msg.reconciles() || !slices.Contains(s.queue[:], msg) {
		s.queue.add(msg)
	}
}

// reconcile sends the one that is due after late put i. By then the put has landed
// or will never, and the reads of what it did have settled.
func (m *machine) reconcile(s state, i int) {
	if s.late[i].quiet {
		s.key.before = s.key.now
	}
	m.send(&s, newMessage(s.late[i].reconcile, 0))
	s.late[i] = latePut{}
	m.happens(s, "15 minutes pass: a reconcile is due", 0, 0)
}
