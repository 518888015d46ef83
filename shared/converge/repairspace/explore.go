package repairspace

import "github.com/keysmith/keysmith/shared/converge/walk"

// explore walks through every state that p can reach in sc.
func explore(p protocol, sc scenario) walk.Result[promise] {
	m := &machine{protocol: p, scenario: sc}
	return walk.Through(walk.Model[state, promise]{Start: m.start(), Moves: m.moves, Broken: m.brokenBy, AtRest: (*state).atRest})
}
