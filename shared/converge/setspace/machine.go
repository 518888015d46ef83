package setspace

import "github.com/keysmith/keysmith/shared/converge/walk"

// A scenario bounds an exploration.
type scenario struct {
	actions  []deed // in this order, at any time
	workers  int
	keys     int  // of the set at the start
	account  bool // the set is in another account
	noTarget bool // the last Region is no target
	stale    bool // reads may show what was before
	sweeps   byte // sweeps in between
	crashes  byte
	expires  byte    // times that credentials expire
	losses   byte    // statuses that cannot be written
	twice    byte    // messages that come twice
	late     promise // servesLate where that is watched
}

// A deed is what somebody does, or what happens to AWS.
type deed byte

const (
	uploads deed = iota
	uploadsRefusedThere
	deletes
	replicates
	changesPrimary
	putsHere
	putsThere
	putsAnotherThere
	putsBackThere
	goesDownHere
	goesDownThere
	comesBack
	refusesThere
	removesRole
	deploysRole
	uploadsElsewhere
)

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
	m.settle(&s, w)
	m.out = append(m.out, move{To: s, Who: w + 1, Text: format, Args: args, Broken: broken})
}

func (m *machine) start() state {
	s := state{swept: true, sweeps: m.sweeps, crashes: m.crashes, expires: m.expires, losses: m.losses, twice: m.twice}
	for i := range m.scenario.keys {
		s.keys[i] = region{there: true, knew: true, now: original, before: original}
	}
	return s
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
	m.expire(s)
	m.time(*s)
	for i := range m.out {
		m.out[i].To.order()
	}
	return m.out
}

func (m *machine) act(s state, d deed) {
	s.next++
	switch d {
	case uploads, uploadsRefusedThere, deletes:
		m.changeObject(s, d)
	case replicates:
		i := m.scenario.keys
		s.keys[i] = region{there: true, now: original, before: original}
		s.swept = false
		s.add(message{kind: trail})
		m.happens(s, "somebody makes a replica %s", regionName(i))
	case changesPrimary:
		s.primary = 1 - s.primary
		s.swept = false
		s.add(message{kind: trail})
		m.happens(s, "somebody makes the key %s the primary one", regionName(int(s.primary)))
	case putsHere, putsThere, putsAnotherThere, putsBackThere:
		m.byHand(s, d)
	case goesDownHere, goesDownThere:
		i := int(d - goesDownHere)
		s.keys[i].down = true
		m.happens(s, "the Region %s goes down", regionName(i))
	case comesBack:
		s.keys[0].down, s.keys[1].down = false, false
		m.happens(s, "every Region is there again")
	case refusesThere:
		s.keys[1].refuses = true
		m.happens(s, "the Region there refuses from now on")
	case removesRole, deploysRole:
		s.noRole = d == removesRole
		for w := range s.instances { // which ends its sessions
			if c := &s.instances[w].credentials; c[0] == fresh {
				c[0] = expired
			}
		}
		m.happens(s, "%s", [...]string{"somebody removes the role", "somebody deploys the role again"}[d-removesRole])
	case uploadsElsewhere:
		s.add(message{kind: elsewhere})
		m.happens(s, "somebody uploads a policy for a key of another account")
	}
}

func (m *machine) changeObject(s state, d deed) {
	s.version++
	s.refused, s.gone, s.swept = 0, d == deletes, false
	if d == uploadsRefusedThere {
		s.refused = 1 << 1
	}
	s.add(message{kind: upload})
	m.happens(s, "somebody %s", [...]string{"uploads a version", "uploads a version that is refused for the key there", "deletes the object"}[d])
}

func (m *machine) byHand(s state, d deed) {
	i, p := 1, foreign
	switch d {
	case putsHere:
		i = 0
	case putsAnotherThere:
		p = another
	case putsBackThere:
		p = wanted(s.version)
	}
	key := &s.keys[i]
	key.before, key.now = key.now, p
	s.touched[i], s.swept = p >= foreign, false
	s.add(message{kind: trail})
	m.happens(s, "somebody puts %v %s", p, regionName(i))
}

// expire adds that credentials expire.
func (m *machine) expire(s *state) {
	if s.expires == 0 {
		return
	}
	for w := range m.workers {
		if s.instances[w].credentials[0] == fresh {
			later := *s
			later.expires--
			later.instances[w].credentials[0] = expired
			m.happens(later, "credentials of worker %d expire", w+1)
		}
	}
}

// time adds what happens while nobody works. At the end every Region is there that will
// ever be, and a last sweep comes.
func (m *machine) time(s state) {
	if s.runs != [workers]run{} {
		return
	}
	later := s
	for i := range later.keys {
		k := &later.keys[i]
		k.before, k.knew = k.now, k.there
	}
	later.due()
	if later != s {
		m.happens(later, "a quarter of an hour passes")
	}
	if s.queue[0] != (message{}) {
		return
	}
	switch {
	case later.sweeps > 0:
		later.sweeps--
	case !later.swept && int(s.next) == len(m.actions):
		later.swept = true
	default:
		return
	}
	later.add(message{kind: sweep})
	m.happens(later, "the sweep comes")
}

// due makes the reconciles after puts ones that come.
func (s *state) due() {
	for i, m := range s.queue {
		if m == (message{kind: late}) {
			s.take(i)
			s.add(message{kind: late, again: true})
			return
		}
	}
}

// brokenBy returns what a state at rest breaks by being as it is.
func (m *machine) brokenBy(s *state) promise {
	if !s.atRest() || int(s.next) < len(m.actions) || s.version == 0 || s.gone || m.noTarget && s.keys[regions-1].there {
		return 0
	}
	refuses := s.refused != 0
	for _, k := range s.keys {
		refuses = refuses || k.refuses
	}
	for i, k := range s.keys {
		if broken := m.brokenAt(s, i, k, refuses); broken != 0 {
			return broken
		}
	}
	return 0
}

func (m *machine) brokenAt(s *state, i int, k region, refuses bool) promise {
	want := wanted(s.version)
	row := s.status.rows[i]
	switch {
	case !k.there:
		return 0
	case row == 0 && s.status.version == s.version && s.status.outcome == Final:
		return m.late
	case s.status.version != s.version, row == 0, row.good() && k.now != want && k.now < foreign:
		return describes
	case s.refused == 0 && !k.refuses && k.now != want && k.now < foreign:
		if refuses {
			return leavesOthers
		}
		return heals
	case s.status.outcome == Applied && k.now >= foreign && s.status.found[i] != k.now:
		return tellsDrift
	}
	return 0
}
