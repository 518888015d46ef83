package statespace

import "slices"

// A result is what an exploration saw.
type result struct {
	states int
	rests  map[rest]struct{}

	broken promise  // the promise that does not hold; 0 if all do
	trace  []string // the shortest way there, one move a line
}

// A rest is what is left when everything is at rest.
type rest struct {
	object  [maxVersions]policy
	current version
	inForce policy
}

// seenState is a state that was reached, and from which one first.
type seenState struct {
	state  state
	parent int32
}

// explore walks through every state that p can reach in sc, nearest first, and
// stops at the first broken promise: its trace is a shortest one.
func explore(p protocol, sc scenario, promises promise) result {
	m := &machine{protocol: p, scenario: sc, promises: promises}
	return m.explore()
}

func (m *machine) explore() result {
	seen := []seenState{{state: m.start(), parent: -1}}
	known := map[state]int32{seen[0].state: 0}
	res := result{rests: map[rest]struct{}{}}
	for i := int32(0); int(i) < len(seen); i++ {
		s := seen[i].state
		moves := m.moves(&s)
		if s.atRest() {
			res.rests[rest{s.object, s.current, s.key.now}] = struct{}{}
		}
		if broken := m.brokenBy(&s, len(moves) == 0); broken != 0 {
			lines, _ := m.trace(seen, i)
			return res.breaks(broken, append(lines, s.summary()))
		}
		for _, mv := range moves {
			if mv.broken != 0 {
				lines, swapped := m.trace(seen, i)
				return res.breaks(mv.broken, append(lines, mv.line(swapped)))
			}
			if _, ok := known[mv.to]; !ok {
				known[mv.to] = int32(len(seen))
				seen = append(seen, seenState{mv.to, i})
			}
		}
		res.states = len(seen)
	}
	if i := m.stranded(seen, known); i >= 0 {
		lines, _ := m.trace(seen, i)
		return res.breaks(comesToRest, lines)
	}
	return res
}

func (m *machine) start() state {
	return state{
		key:     keyPolicy{now: m.first(), before: m.first()},
		crashes: m.crashes, dups: m.duplicates, unknown: m.unknown, silent: m.silent, unwritten: m.unwritten, unlisted: m.unlisted,
	}
}

func (r result) breaks(p promise, trace []string) result {
	r.broken, r.trace = p, trace
	return r
}

// trace tells how state i was reached, by making the moves again, and whether
// the workers have changed places on the way.
func (m *machine) trace(seen []seenState, i int32) (lines []string, swapped bool) {
	if seen[i].parent < 0 {
		return nil, false
	}
	lines, swapped = m.trace(seen, seen[i].parent)
	for _, mv := range m.moves(&seen[seen[i].parent].state) {
		if mv.to == seen[i].state {
			return append(lines, mv.line(swapped)), swapped != mv.swap
		}
	}
	return lines, swapped
}

// stranded returns a state from which no way leads to rest, or -1.
func (m *machine) stranded(seen []seenState, known map[state]int32) int32 {
	if m.promises&comesToRest == 0 {
		return -1
	}
	home := make([]bool, len(seen))
	leads := func(mv move) bool { return home[known[mv.to]] }
	for more := true; more; {
		more = false
		for i := len(seen) - 1; i >= 0; i-- {
			s := seen[i].state
			if !home[i] && (s.atRest() || slices.ContainsFunc(m.moves(&s), leads)) {
				home[i], more = true, true
			}
		}
	}
	return int32(slices.Index(home, false))
}
