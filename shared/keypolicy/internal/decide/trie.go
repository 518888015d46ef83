package decide

import "maps"

// trie holds texts that a search must not end in, and beginnings that it must
// not go through. It takes one number to say how far a text has gone in it,
// however many there are. The root is 0, and -1 is off the tree.
type trie struct {
	edges []map[rune]int32
	exact []bool // a text ends here
	whole []bool // everything that begins so is refused
}

// add adds a text, or a beginning.
func (t *trie) add(text string, beginning bool) {
	if len(t.edges) == 0 {
		t.grow()
	}
	at := int32(0)
	for _, r := range text {
		to, found := t.edges[at][r]
		if !found {
			to = t.grow()
			if t.edges[at] == nil {
				t.edges[at] = map[rune]int32{}
			}
			t.edges[at][r] = to
		}
		at = to
	}
	t.exact[at] = true
	t.whole[at] = t.whole[at] || beginning
}

func (t *trie) grow() int32 {
	t.edges, t.exact, t.whole = append(t.edges, nil), append(t.exact, false), append(t.whole, false)
	return int32(len(t.edges) - 1)
}

// next reads one character.
func (t *trie) next(at int32, r rune) int32 {
	if t == nil || at < 0 || len(t.edges) == 0 {
		return -1
	}
	if to, found := t.edges[at][r]; found {
		return to
	}
	return -1
}

func (t *trie) refuses(at int32) bool { return t != nil && at >= 0 && len(t.exact) > 0 && t.exact[at] }

func (t *trie) dead(at int32) bool { return t != nil && at >= 0 && len(t.whole) > 0 && t.whole[at] }

// each calls f for the characters that lead on from any place.
func (t *trie) each(f func(rune)) {
	if t == nil {
		return
	}
	for _, m := range t.edges {
		for r := range m {
			f(r)
		}
	}
}

// holds reports whether a text is refused, or begins in a way that is.
func (t *trie) holds(text string) bool {
	if t == nil {
		return false
	}
	at := int32(0)
	for _, r := range text {
		if at = t.next(at, r); t.dead(at) {
			return true
		}
	}
	return t.refuses(at)
}

// and returns a trie that refuses the texts of a language too.
func (t *trie) and(l *language) *trie {
	both := &trie{}
	if t != nil {
		both.whole, both.exact = append(both.whole, t.whole...), append(both.exact, t.exact...)
		for _, m := range t.edges {
			both.edges = append(both.edges, maps.Clone(m))
		}
	}
	for i := range l.patterns {
		both.add(l.patterns[i].exact, false)
	}
	return both
}
