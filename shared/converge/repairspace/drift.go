package repairspace

// drift decides about a policy that an applied version finds in force.
func (m *machine) drift(s state, w int) {
	r := &s.runs[w]
	author := r.msg.kind == trail && r.msg.time > r.status.at
	since := byte(0)
	if author {
		since = r.msg.time
	}
	round := r.status.at<<4 | since&15 | 1<<7
	own := byte(0)
	if r.msg.again {
		own = round
	}
	if r.over != wanted(r.version) && m.keeps(knowsThePast) && s.replacedLately(r.over, since, own) {
		m.back(s, w, "it has replaced that itself since")
		return
	}
	if author && s.replacedAnother(r.over, since) {
		author = false
	}
	r.round = round
	a := m.answer(&s, r, author)
	if a == repair {
		r.repairs, r.at = true, release
		m.did(s, w, 0, "finds %v and repairs it", r.over)
		return
	}
	var broken promise
	if a == contested {
		if s.lost = true; s.fought <= rounds {
			broken = fightsBack
		}
	}
	if s.status.version == r.version {
		if s.status.drift == none || s.status.found != r.over {
			s.status.aged = false
		}
		s.status.drift, s.status.found = a, r.over
	}
	m.end(s, w, broken, "finds %v: %v", r.over, a)
}

func (m *machine) answer(s *state, r *run, author bool) answer {
	seen := r.status.drift != none && r.status.found == r.over
	switch {
	case r.over == narrower && m.keeps(leavesRemovals):
		return held
	case s.onHold && m.keeps(readsHoldsLast), !r.noHold:
		return held
	case m.keeps(countsRounds) && (m.fought(s, r) >= rounds || r.status.drift == contested && m.keeps(keepsContested)):
		return contested
	case !author && !(seen && r.status.aged):
		return pending
	}
	return repair
}

// fought counts the rounds of the fight about a version within a day, without the one
// that a run would repair.
func (m *machine) fought(s *state, r *run) int {
	n, last, at := 0, byte(0), byte(0)
	for i := s.ancient; i < s.copies; i++ {
		c := s.history[i]
		switch {
		case c.round == 0 || c.version != r.version:
		case c.round != last || at < s.old && i >= s.old || !m.keeps(tellsRoundsApart):
			n, last, at = n+1, c.round, i
		}
	}
	if m.keeps(tellsRoundsApart) && last == r.round && n > 0 && at >= s.old {
		n--
	}
	return n
}

// replacedLately reports whether keysmith has replaced p since a time, and so lately that
// reads may still show it; copies of the run's own round do not count.
func (s *state) replacedLately(p policy, since, own byte) bool {
	for _, c := range s.history[s.old:s.copies] {
		if (c.was == p || wanted(c.version) == p) && c.at > since && (own == 0 || c.round != own) {
			return true
		}
	}
	return false
}

// replacedAnother reports whether keysmith has replaced another policy than p since then.
func (s *state) replacedAnother(p policy, since byte) bool {
	for _, c := range s.history[:s.copies] {
		if c.at > since && c.was != p {
			return true
		}
	}
	return false
}
