package setspace

// part takes the next step of the run for one key.
func (m *machine) part(s state, w, i int) {
	k := &s.runs[w].keys[i]
	switch k.at {
	case look:
		m.look(s, w, i)
		return
	case ballot:
		return // it waits
	}
	// The others are calls of KMS in the key's Region.
	ok, broken := m.call(&s, w)
	key := &s.keys[i]
	switch {
	case !ok, key.down:
		m.fails(s, w, i, Failed, "the Region is in trouble")
	case broken != 0:
		m.did(s, w, broken, "calls KMS %s with the credentials of another account", regionName(i))
	case key.refuses:
		m.fails(s, w, i, Final, "the Region refuses")
	case k.at == compare:
		m.compare(s, w, i)
	case k.at == put:
		m.put(s, w, i)
	case k.at == prove:
		m.prove(s, w, i)
	}
}

func (m *machine) fails(s state, w, i int, word Word, why string) {
	if !m.keeps(triesEach) {
		for j := range s.runs[w].keys {
			if k := &s.runs[w].keys[j]; k.at != idle {
				*k = part{version: k.version, word: word}
			}
		}
	}
	m.ends(s, w, i, word, why)
}

// ends is the end of the run for one key.
func (m *machine) ends(s state, w, i int, word Word, why string) {
	s.runs[w].keys[i] = s.runs[w].keys[i].ended(word)
	m.did(s, w, 0, "%s: %v (%s)", regionName(i), word, why)
}

// ended forgets what nobody will ask for.
func (k part) ended(word Word) part {
	e := part{word: word, version: k.version, resolved: k.resolved, proven: k.proven}
	if word == Drifted {
		e.over = k.over
	}
	return e
}

// look reads the status and then the object, and asks the key which others there are.
func (m *machine) look(s state, w, i int) {
	r := &s.runs[w]
	k := &r.keys[i]
	stands := m.stands(&s, r, i)
	knew := s.status.version == s.version && s.status.outcome == Applied && s.done[i] == s.version
	*k = part{at: ballot, version: s.version, refused: s.refused&(1<<i) != 0, drift: knew && s.touched[i] && r.msg.kind != upload && !k.puts, puts: k.puts}
	if stands == InSync && !k.puts {
		k.at = compare
	}
	switch {
	case s.gone:
		m.ends(s, w, i, Gone, "there is no object")
		return
	case s.keys[i].down:
		m.fails(s, w, i, Failed, "the Region is in trouble")
		return
	case stands == Ended && !k.puts:
		m.ends(s, w, i, Ended, "the version has its outcome")
		return
	case m.keeps(holdsEachView) && s.members() != r.members():
		m.ends(s, w, i, HandsBack, "the key names other members")
		if !m.stale || s.known() != r.members() {
			return
		}
	case s.members() != r.members():
		k.warned = m.noTarget
	}
	m.did(s, w, 0, "%s: reads version %d", regionName(i), k.version)
}

// members are the keys that a run works on.
func (r *run) members() (list [regions]bool) {
	for i := range r.keys {
		list[i] = r.keys[i].at != idle || r.keys[i].word != 0
	}
	return list
}

// stands is what the status says of a key: Ended where nothing is put, InSync where it is
// compared, 0 where it is handled like an upload.
func (m *machine) stands(s *state, r *run, i int) Word {
	st := &s.status
	switch {
	case r.msg.kind == upload, st.version != s.version, st.outcome == Failed && m.keeps(retries):
		return 0
	case st.outcome == Applied && m.covers(st, i):
		return InSync
	case st.outcome == Applied:
		return 0
	}
	return Ended
}

func (m *machine) covers(st *status, i int) bool {
	switch {
	case !m.keeps(coversEach):
		return true
	case !m.keeps(coversDrift):
		return st.rows[i].good()
	}
	return Covers(st.rows[i])
}

// Covers reports whether a key whose row in an Applied status has this word has got the
// version. One that is new has no row.
func Covers(row Word) bool { return row.good() || row == Drifted }

func (m *machine) compare(s state, w, i int) {
	m.judge(s, w, i, s.keys[i].now)
	if key := s.keys[i]; m.stale && key.before != key.now {
		m.judge(s, w, i, key.before)
	}
}

// judge compares what is in force.
func (m *machine) judge(s state, w, i int, p policy) {
	k := &s.runs[w].keys[i]
	k.over, k.drift = p, false
	switch {
	case !m.keeps(knowsThePrimary) && s.status.primary != s.primary:
		m.ends(s, w, i, Drifted, "another key is the primary one")
	case p == wanted(k.version):
		k.proven, k.resolved = true, s.status.found[i] != 0
		m.ends(s, w, i, InSync, "in force already")
	case p < foreign && s.keys[i].put && s.runs[w].msg.kind == late:
		k.at, k.over = ballot, 0
		m.did(s, w, 0, "%s: finds an older version, which it has put itself", regionName(i))
	case p < foreign && s.keys[i].put:
		m.ends(s, w, i, HandsBack, "keysmith has replaced what it reads a moment ago")
	default:
		m.ends(s, w, i, Drifted, p.String())
	}
}

// ballot lets a run put when no other key's refuses the version. It waits for them,
// unless a Region is in trouble. Runs that have come with different versions read the
// object again.
func (m *machine) ballot(s *state, w, i int) {
	r := &s.runs[w]
	k := &r.keys[i]
	waits, trouble := false, false
	for j := range r.keys {
		other := &r.keys[j]
		switch {
		case j == i || *other == part{}:
		case !m.keeps(agreesFirst):
		case other.version == k.version && other.word == Rejected:
			*k = k.ended(Rejected)
			return
		case other.at == ballot && other.version != k.version:
			*k, *other = part{at: look, puts: k.puts}, part{at: look, puts: other.puts}
			return
		}
		trouble = trouble || s.keys[j].down || other.word == Failed || s.noRole
		waits = waits || other.at == look || other.at == compare || other.at != idle && other.version != k.version
	}
	if !waits || trouble || !m.keeps(agreesFirst) {
		k.at = put
	}
}

func (m *machine) put(s state, w, i int) {
	r := &s.runs[w]
	k := &r.keys[i]
	key := &s.keys[i]
	var broken promise
	switch {
	case m.noTarget && s.keys[regions-1].there && (s.keys[regions-1].knew || k.warned):
		broken = putsInTargets
	case k.drift:
		broken = leavesDrift
	case m.refusedElsewhere(&s, r, i):
		broken = putsTogether
	}
	if p := wanted(k.version); key.now != p {
		key.before, key.now = key.now, p
	}
	s.touched[i], key.put = false, true
	k.at, k.drift, k.puts = prove, false, false
	if m.keeps(reminds) && r.msg.kind != late && (r.msg.kind != upload || r.msg.again) {
		s.add(message{kind: late})
	}
	m.did(s, w, broken, "%s: puts version %d", regionName(i), k.version)
}

// refusedElsewhere reports whether the version is refused for another key, and no
// Region was in trouble.
func (m *machine) refusedElsewhere(s *state, r *run, i int) bool {
	refused := false
	for j := range r.keys {
		if r.keys[j] == (part{}) {
			continue
		}
		if s.keys[j].down || s.noRole || r.keys[j].word == Failed || r.keys[j].version != r.keys[i].version {
			return false
		}
		refused = refused || r.keys[j].word == Rejected
	}
	return refused
}

// prove reads the object again, and then the policy, so many equal times; that may be
// stale. A run that reads what was replaced reads on.
func (m *machine) prove(s state, w, i int) {
	k := &s.runs[w].keys[i]
	if s.version != k.version || s.gone {
		*k = part{at: look, puts: true}
		m.did(s, w, 0, "%s: sees that the object has changed", regionName(i))
		return
	}
	at := i
	if !m.keeps(provesEach) {
		at = int(s.primary)
	}
	want := wanted(k.version)
	shows := func(r int) bool { return s.keys[r].now == want || m.stale && s.keys[r].before == want }
	if shows(at) {
		proven := s
		proven.runs[w].keys[i].proven = shows(i)
		m.ends(proven, w, i, Applied, "proven")
	}
	switch {
	case s.keys[at].now == want:
	case s.keys[at].now >= foreign:
		m.ends(s, w, i, Final, "somebody has put another policy")
	default:
		m.ends(s, w, i, Failed, "another worker has put an older version")
	}
}
