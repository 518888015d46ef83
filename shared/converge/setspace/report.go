package setspace

// result is what the runs for the keys came to.
func (m *machine) result(s *state, w int) Verdict {
	keys := make([]Key, regions)
	for i, k := range s.runs[w].keys {
		keys[i] = Key{
			Word: k.word, Version: k.version, News: s.status.found[i] != k.over || s.status.version != k.version,
			Resolved: k.resolved, Open: s.status.found[i] != 0,
		}
		if !m.keeps(waitsForAll) && k.word == 0 && k.version != 0 {
			keys[i].Word = InSync
		}
	}
	return m.combine(keys)
}

func (m *machine) report(s state, w int) {
	r := &s.runs[w]
	if !m.keeps(reportsFirst) && !r.told && r.msg != (message{}) {
		r.msg, r.told = message{}, true
		m.did(s, w, 0, "acknowledges the message")
		return
	}
	v := m.result(&s, w)
	if len(v.Chapters) == 0 {
		m.unreported(s, w, v)
		return
	}
	var broken promise
	r.told = true
	text := ""
	for _, c := range v.Chapters {
		broken |= m.tell(&s, w, c)
		text += " " + c.text()
	}
	r.at = record
	m.did(s, w, broken, "reports%s", text)
}

func (c Chapter) text() string {
	text := c.Word.String() + " ("
	for i, w := range c.Rows {
		if w != 0 {
			text += regionName(i) + " " + w.String() + ", "
		}
	}
	return text[:len(text)-2] + ")"
}

// unreported ends a run that has nothing to report.
func (m *machine) unreported(s state, w int, v Verdict) {
	r := &s.runs[w]
	switch {
	case v.Back:
		m.back(s, w, "not every key has a result")
	case r.keys[s.first(r)].word == Gone:
		if s.gone {
			s.status = status{outcome: Gone}
		}
		m.end(s, w, 0, "finds no object, and acknowledges the message")
	default:
		m.end(s, w, m.silent(r), "has nothing to report, and acknowledges the message")
	}
}

func (m *machine) silent(r *run) promise {
	if r.msg.kind == upload {
		return answersEach
	}
	return 0
}

func (s *state) first(r *run) int {
	for i := range r.keys {
		if r.keys[i].word != 0 {
			return i
		}
	}
	return 0
}

// tell notes what an event says, and returns what it breaks.
func (m *machine) tell(s *state, w int, c Chapter) (broken promise) {
	r := &s.runs[w]
	var found [regions]policy
	for i, word := range c.Rows {
		k := &r.keys[i]
		switch {
		case word.good() && (!k.proven || k.version != c.Version && c.Word != Drifted && c.Word != InSync):
			broken |= tellsTrue
		case word.good():
			s.done[i] = k.version
		case word == Drifted && k.over < foreign:
			broken |= driftIsReal
		case word == Drifted:
			found[i] = k.over
		}
	}
	switch {
	case c.Word == Drifted && found == s.told && found != [regions]policy{} && m.workers == 1 && m.crashes == 0 && m.losses == 0:
		broken |= tellsOnce
	case c.Word == Drifted, c.Word == InSync:
		s.told = found
	case c.Word == Applied:
		for i := range found {
			if c.Rows[i].good() {
				s.told[i] = 0
			}
		}
	}
	return broken
}

// record writes the status, which may fail, and acknowledges the message or hands it back.
func (m *machine) record(s state, w int) {
	v := m.result(&s, w)
	if s.losses > 0 {
		lost := s
		lost.losses--
		m.unwritten(lost, w)
	}
	for _, c := range v.Chapters {
		if c.Version == s.version && !s.gone {
			m.write(&s, &s.runs[w], c)
		}
	}
	if v.Back && m.keeps(retries) && s.runs[w].msg != (message{}) {
		m.back(s, w, "some of it is tried again; the status is written")
		return
	}
	m.end(s, w, 0, "writes the status, and acknowledges the message")
}

func (m *machine) unwritten(s state, w int) {
	if !s.runs[w].msg.again {
		m.back(s, w, "the status is not written")
		return
	}
	s.add(message{kind: sweep})
	m.end(s, w, 0, "cannot write the status once more, and queues a reconcile")
}

func (m *machine) write(s *state, r *run, c Chapter) {
	st := &s.status
	known := st.version == c.Version
	switch c.Word {
	case Drifted, InSync:
		if known {
			st.found = m.found(st.found, r, c)
			st.primary = s.primary
		}
		return
	case Failed:
		if known && r.msg.kind != upload && st.outcome == Applied {
			return // it could not be compared, which is no other outcome
		}
	case Applied:
		if m.keeps(keepsOpenDrift) {
			st.found = m.found(st.found, r, c)
		} else {
			st.found = [regions]policy{}
		}
	}
	next := status{version: c.Version, outcome: c.Word, found: st.found, primary: s.primary}
	if !m.keeps(retries) && c.Word == Failed {
		next.outcome = Final
	}
	copy(next.rows[:], c.Rows)
	*st = next
}

// found is the drift of each key after a chapter. Of a key that the chapter knows
// nothing about, it stays.
func (m *machine) found(found [regions]policy, r *run, c Chapter) [regions]policy {
	for i, word := range c.Rows {
		switch {
		case word == Drifted:
			found[i] = r.keys[i].over
			if !m.keeps(remembersEach) {
				return [regions]policy{found[i], found[i], found[i]}
			}
		case word.good(), word == 0:
			found[i] = 0
		}
	}
	return found
}
