package setspace

import "github.com/keysmith/keysmith/shared/converge/walk"

// explore walks through every state that a protocol can reach. With alive, it also looks
// for states without a way to rest.
func explore(p protocol, sc scenario, alive bool) walk.Result[promise] {
	m := &machine{protocol: p, scenario: sc}
	model := walk.Model[state, promise]{
		Start: m.start(), Moves: m.moves, Broken: m.brokenBy,
		AtRest: func(s *state) bool { return s.atRest() && int(s.next) == len(sc.actions) },
	}
	if alive {
		model.Stranded = comesToRest
	}
	return walk.Through(model)
}
