package setspace

import "slices"

// A result is what an exploration saw.
type result struct {
	states int
	rests  int
	broken promise
	trace  []string // the shortest way there, one move a line
}

type seenState struct {
	state  state
	parent int32
}

// An exploration is the walk through every state that a protocol can reach.
type exploration struct {
	machine
	seen  []seenState
	known map[state]int32
	edges [][2]int32 // only if asked for
}

// explore walks nearest first, and stops at the first broken promise: its trace is a
// shortest one. With alive, it also looks for states without a way to rest.
func explore(p protocol, sc scenario, alive bool) result {
	e := &exploration{machine: machine{protocol: p, scenario: sc}, known: map[state]int32{}}
	e.visit(e.start(), -1)
	rests := []int32{}
	for i := int32(0); int(i) < len(e.seen); i++ {
		s := e.seen[i].state
		if broken := e.brokenBy(&s); broken != 0 {
			return result{len(e.seen), len(rests), broken, e.way(i)}
		}
		if s.atRest() && int(s.next) == len(sc.actions) {
			rests = append(rests, i)
		}
		for _, mv := range e.moves(&s) {
			if mv.broken != 0 {
				return result{len(e.seen), len(rests), mv.broken, append(e.way(i), mv.line())}
			}
			to := e.visit(mv.to, i)
			if alive {
				e.edges = append(e.edges, [2]int32{to, i})
			}
		}
	}
	if alive {
		if i := e.stuck(rests); i >= 0 {
			return result{len(e.seen), len(rests), comesToRest, e.way(i)}
		}
	}
	return result{states: len(e.seen), rests: len(rests)}
}

func (e *exploration) visit(s state, parent int32) int32 {
	if i, ok := e.known[s]; ok {
		return i
	}
	i := int32(len(e.seen)) //nolint:gosec // bounded by memory
	e.known[s] = i
	e.seen = append(e.seen, seenState{s, parent})
	return i
}

// stuck is the first state from which no way leads to rest; -1 if there is none.
func (e *exploration) stuck(rests []int32) int32 {
	first := make([]int32, len(e.seen)+1) // where the ways into a state begin
	for _, edge := range e.edges {
		first[edge[0]+1]++
	}
	for i := range e.seen {
		first[i+1] += first[i]
	}
	from, filled := make([]int32, len(e.edges)), slices.Clone(first)
	for _, edge := range e.edges {
		from[filled[edge[0]]] = edge[1]
		filled[edge[0]]++
	}
	alive := make([]bool, len(e.seen))
	for _, i := range rests {
		alive[i] = true
	}
	for todo := rests; len(todo) > 0; {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, before := range from[first[i]:first[i+1]] {
			if !alive[before] {
				alive[before] = true
				todo = append(todo, before)
			}
		}
	}
	return int32(slices.Index(alive, false)) //nolint:gosec // bounded by memory
}

// way tells how a state was reached, by making the moves again.
func (e *exploration) way(i int32) []string {
	parent := e.seen[i].parent
	if parent < 0 {
		return nil
	}
	lines := e.way(parent)
	for _, mv := range e.moves(&e.seen[parent].state) {
		if mv.to == e.seen[i].state {
			return append(lines, mv.line())
		}
	}
	return lines
}
