// Package walk goes through every state that a model can reach. It exists so that the
// models of the protocol say what can happen, and not how that is explored.
package walk

import (
	"fmt"
	"slices"
)

// A Move is what can happen next in a state of type S. P is the type of the promises that
// are watched; its zero value means none.
type Move[S, P comparable] struct {
	To     S
	Who    int // the worker that does it, from 1; 0 is the world
	Text   string
	Args   []any // of Text; they are written only where a trace needs it
	Broken P     // the promise that the move breaks
}

func (mv Move[S, P]) String() string {
	who := "world"
	if mv.Who > 0 {
		who = fmt.Sprint("worker ", mv.Who)
	}
	return fmt.Sprintf("%-9s %s", who, fmt.Sprintf(mv.Text, mv.Args...))
}

// A Model is what a walk needs to know.
type Model[S, P comparable] struct {
	Start  S
	Moves  func(*S) []Move[S, P] // valid until the next call
	Broken func(*S) P            // the promise that the state itself breaks
	AtRest func(*S) bool
	// Stranded is the promise that a state breaks from which no way leads to rest; such
	// states are looked for only if it is not zero.
	Stranded P
}

// A Result is what a walk saw.
type Result[P comparable] struct {
	States int
	Rests  int // states at rest
	Broken P   // the promise that does not hold; zero if all do
	Trace  []string
}

type seen[S comparable] struct {
	state  S
	parent int32
}

type walk[S, P comparable] struct {
	Model[S, P]
	seen  []seen[S]
	known map[S]int32
	rests []int32
	edges [][2]int32
}

// Through walks nearest first, and stops at the first broken promise: its trace is a
// shortest way there, one move a line.
func Through[S, P comparable](m Model[S, P]) Result[P] {
	w := &walk[S, P]{Model: m, known: map[S]int32{}}
	w.visit(m.Start, -1)
	var none P
	for i := int32(0); int(i) < len(w.seen); i++ {
		s := w.seen[i].state
		if broken := m.Broken(&s); broken != none {
			return w.result(broken, w.way(i))
		}
		if m.AtRest(&s) {
			w.rests = append(w.rests, i)
		}
		for _, mv := range m.Moves(&s) {
			if mv.Broken != none {
				return w.result(mv.Broken, append(w.way(i), mv.String()))
			}
			to := w.visit(mv.To, i)
			if m.Stranded != none {
				w.edges = append(w.edges, [2]int32{to, i})
			}
		}
	}
	if m.Stranded != none {
		if i := w.stranded(); i >= 0 {
			return w.result(m.Stranded, w.way(i))
		}
	}
	return w.result(none, nil)
}

func (w *walk[S, P]) result(broken P, trace []string) Result[P] {
	return Result[P]{len(w.seen), len(w.rests), broken, trace}
}

func (w *walk[S, P]) visit(s S, parent int32) int32 {
	if i, ok := w.known[s]; ok {
		return i
	}
	i := int32(len(w.seen)) //nolint:gosec // bounded by memory
	w.known[s] = i
	w.seen = append(w.seen, seen[S]{s, parent})
	return i
}

// stranded is the first state from which no way leads to rest; -1 if there is none.
func (w *walk[S, P]) stranded() int32 {
	first := make([]int32, len(w.seen)+1) // where the ways into a state begin
	for _, edge := range w.edges {
		first[edge[0]+1]++
	}
	for i := range w.seen {
		first[i+1] += first[i]
	}
	from, filled := make([]int32, len(w.edges)), slices.Clone(first)
	for _, edge := range w.edges {
		from[filled[edge[0]]] = edge[1]
		filled[edge[0]]++
	}
	alive := make([]bool, len(w.seen))
	for _, i := range w.rests {
		alive[i] = true
	}
	for todo := slices.Clone(w.rests); len(todo) > 0; {
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

// way says how a state was reached, by making the moves again.
func (w *walk[S, P]) way(i int32) []string {
	parent := w.seen[i].parent
	if parent < 0 {
		return nil
	}
	lines := w.way(parent)
	for _, mv := range w.Moves(&w.seen[parent].state) {
		if mv.To == w.seen[i].state {
			return append(lines, mv.String())
		}
	}
	return lines
}
