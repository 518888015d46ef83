package repairspace

// A result is what an exploration saw.
type result struct {
	states int
	broken promise
	trace  []string // the shortest way there, one move a line
}

type seenState struct {
	state  state
	parent int32
}

// explore walks through every state that p can reach in sc, nearest first, and stops
// at the first broken promise: its trace is a shortest one.
func explore(p protocol, sc scenario) result {
	m := &machine{protocol: p, scenario: sc}
	seen := []seenState{{m.start(), -1}}
	known := map[state]struct{}{seen[0].state: {}}
	for i := 0; i < len(seen); i++ {
		s := seen[i].state
		if broken := m.brokenBy(&s); broken != 0 {
			return result{len(seen), broken, m.way(seen, int32(i))} //nolint:gosec // bounded by memory
		}
		for _, mv := range m.moves(&s) {
			if mv.broken != 0 {
				return result{len(seen), mv.broken, append(m.way(seen, int32(i)), mv.line())} //nolint:gosec // bounded by memory
			}
			if _, ok := known[mv.to]; !ok {
				known[mv.to] = struct{}{}
				seen = append(seen, seenState{mv.to, int32(i)}) //nolint:gosec // bounded by memory
			}
		}
	}
	return result{states: len(seen)}
}

// way tells how a state was reached, by making the moves again.
func (m *machine) way(seen []seenState, i int32) []string {
	parent := seen[i].parent
	if parent < 0 {
		return nil
	}
	lines := m.way(seen, parent)
	for _, mv := range m.moves(&seen[parent].state) {
		if mv.to == seen[i].state {
			return append(lines, mv.line())
		}
	}
	return lines
}
