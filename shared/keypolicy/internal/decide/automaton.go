package decide

import (
	"encoding/binary"
	"slices"
	"unicode"
	"unicode/utf8"
)

// automaton finds the shortest text that some groups of patterns match and
// others do not. Each pattern is a chain of positions, one bit each; a group is
// the bits of its patterns, and the state of the whole is one string of bits.
// The product of all groups is walked breadth first, so the first text that is
// accepted is a shortest one.
type automaton struct {
	groups   []group
	start    []uint64
	ends     []uint64 // the last position of each pattern
	steps    []uint64 // scratch
	alphabet []rune
	advance  [][]uint64 // by character: positions that it moves on from
	stay     [][]uint64 // by character: positions at a star that stands for it
	refused  *trie      // texts that do not count
}

// group is a union of patterns that must match, or must not.
type group struct {
	patterns [][]elem
	wanted   bool
	bits     []uint64 // its positions
}

// newAutomaton lays out the positions.
func newAutomaton(groups []group, refused *trie, spend func(int) bool) *automaton {
	a := &automaton{groups: groups, refused: refused}
	size := 0
	for _, g := range groups {
		for _, p := range g.patterns {
			size += length(p) + 1
		}
	}
	words := (size + 63) / 64
	a.start, a.ends, a.steps = make([]uint64, words), make([]uint64, words), make([]uint64, words)
	a.alphabet = alphabet(groups, refused)
	if !spend(size*len(a.alphabet)/2 + refused.size()) {
		return a
	}
	a.advance, a.stay = make([][]uint64, len(a.alphabet)), make([][]uint64, len(a.alphabet))
	for i := range a.alphabet {
		a.advance[i], a.stay[i] = make([]uint64, words), make([]uint64, words)
	}
	at := 0
	for i := range a.groups {
		g := &a.groups[i]
		g.bits = make([]uint64, words)
		for _, p := range g.patterns {
			at = a.lay(g, p, at)
		}
	}
	return a
}

// length counts the elements that are one character.
func length(elems []elem) int {
	n := 0
	for _, e := range elems {
		if e.kind != many {
			n++
		}
	}
	return n
}

// lay gives a pattern its positions, from at on, and returns the next free one.
func (a *automaton) lay(g *group, elems []elem, at int) int {
	set(a.start, at)
	set(g.bits, at)
	for _, e := range elems {
		for i, r := range a.alphabet {
			switch {
			case e.kind == many && (r != e.r || e.r == 0):
				set(a.stay[i], at)
			case e.kind != many && e.fits(r):
				set(a.advance[i], at)
			}
		}
		if e.kind != many {
			at++
			set(g.bits, at)
		}
	}
	set(a.ends, at)
	return at + 1
}

func set(bits []uint64, i int) { bits[i/64] |= 1 << (i % 64) }

// alphabet returns the characters that patterns tell apart: those that they
// name, and one of each kind that they do not.
func alphabet(groups []group, refused *trie) []rune {
	named := map[rune]bool{}
	for _, g := range groups {
		for _, p := range g.patterns {
			for _, e := range p {
				if e.r != 0 {
					named[e.r] = true
				}
			}
		}
	}
	refused.each(func(r rune) { named[r] = true })
	var out []rune
	for _, kind := range [...]string{"abcdefghijklmnopqrstuvwxyz", "9876543210", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "_-.,=+@~!"} {
		for _, r := range kind {
			if !named[r] && !named[lowest(r)] {
				out = append(out, r)
				break
			}
		}
	}
	for r := rune(0x100); len(out) == 0; r++ { // all of ASCII is named
		if !named[r] && !named[lowest(r)] {
			out = append(out, r)
		}
	}
	rest := make([]rune, 0, 2*len(named))
	for r := range named {
		rest = append(rest, r)
		if up := unicode.ToUpper(r); up != r {
			rest = append(rest, up)
		}
	}
	slices.Sort(rest)
	for _, r := range slices.Compact(rest) {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// node is a state that was reached, and how.
type node struct {
	parent int32
	symbol int32
	refuse int32 // node of the trie
}

// shortest returns a shortest text of at least least characters that is
// accepted. spend is asked for leave before each state; where it says no, the
// search ends without an answer.
func (a *automaton) shortest(least int, spend func(int) bool) (text string, found, ended bool) {
	if a.advance == nil { // there was no work left to lay it out
		return "", false, false
	}
	words := len(a.start)
	nodes := []node{{-1, 0, 0}}
	states := slices.Clone(a.start)
	seen := map[string]bool{}
	depth, levelEnd := 0, 1
	for i := 0; i < len(nodes); i++ {
		if i == levelEnd {
			depth, levelEnd = depth+1, len(nodes)
		}
		state := states[i*words : (i+1)*words]
		if depth >= least && a.accepts(state, nodes[i].refuse) {
			return a.spell(nodes, int32(i)), true, true
		}
		if !spend(len(a.alphabet) * (4*words + len(a.groups)*words + 8)) {
			return "", false, false
		}
		for c := range a.alphabet {
			next, refuse, alive := a.step(states[i*words:(i+1)*words], nodes[i].refuse, c)
			if !alive {
				continue
			}
			key := a.key(next, refuse, least-depth-1)
			if seen[key] {
				continue
			}
			seen[key] = true
			nodes = append(nodes, node{int32(i), int32(c), refuse})
			states = append(states, next...)
		}
	}
	return "", false, true
}

// key names a state, and how many characters are lacking yet.
func (a *automaton) key(state []uint64, refuse int32, lacking int) string {
	b := make([]byte, 0, 8*len(state)+5)
	for _, w := range state {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(refuse))
	return string(append(b, byte(max(lacking, 0))))
}

// step reads one character. The state is dead where a wanted group has no
// position left.
func (a *automaton) step(state []uint64, refuse int32, c int) ([]uint64, int32, bool) {
	next, carry := a.steps, uint64(0)
	for w, bits := range state {
		moved := bits & a.advance[c][w]
		next[w] = moved<<1 | carry | bits&a.stay[c][w]
		carry = moved >> 63
	}
	for i := range a.groups {
		if a.groups[i].wanted && !meets(next, a.groups[i].bits) {
			return nil, 0, false
		}
	}
	refuse = a.refused.next(refuse, a.alphabet[c])
	return next, refuse, !a.refused.dead(refuse)
}

func meets(a, b []uint64) bool {
	for i := range a {
		if a[i]&b[i] != 0 {
			return true
		}
	}
	return false
}

// accepts reports whether the text read so far is one that is looked for.
func (a *automaton) accepts(state []uint64, refuse int32) bool {
	if a.refused.refuses(refuse) {
		return false
	}
	for i := range a.groups {
		g := &a.groups[i]
		matched := false
		for w := range state {
			matched = matched || state[w]&a.ends[w]&g.bits[w] != 0
		}
		if matched != g.wanted {
			return false
		}
	}
	return true
}

func (a *automaton) spell(nodes []node, at int32) string {
	var runes []rune
	for ; nodes[at].parent >= 0; at = nodes[at].parent {
		runes = append(runes, a.alphabet[nodes[at].symbol])
	}
	slices.Reverse(runes)
	b := make([]byte, 0, len(runes))
	for _, r := range runes {
		b = utf8.AppendRune(b, r)
	}
	return string(b)
}
