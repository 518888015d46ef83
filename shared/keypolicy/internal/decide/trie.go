package decide

// trie holds texts that a search must not end in, and beginnings that it must
// not go through. It takes one number to say how far a text has gone in it,
// however many there are. The root is 0, and -1 is off the tree.
type trie struct {
	nodes []trieNode
}

type trieNode struct {
	r       rune
	child   int32 // the first one; 0 for none
	sibling int32 // the next one; 0 for none
	exact   bool  // a text ends here
	whole   bool  // everything that begins so is refused
}

// add adds a text, or a beginning.
func (t *trie) add(text string, beginning bool) {
	if len(t.nodes) == 0 {
		t.nodes = append(t.nodes, trieNode{})
	}
	at := int32(0)
	for _, r := range text {
		to := t.next(at, r)
		if to < 0 {
			to = int32(len(t.nodes))
			t.nodes = append(t.nodes, trieNode{r: r, sibling: t.nodes[at].child})
			t.nodes[at].child = to
		}
		at = to
	}
	t.nodes[at].exact = true
	t.nodes[at].whole = t.nodes[at].whole || beginning
}

// next reads one character.
func (t *trie) next(at int32, r rune) int32 {
	if t == nil || at < 0 || len(t.nodes) == 0 {
		return -1
	}
	for to := t.nodes[at].child; to != 0; to = t.nodes[to].sibling {
		if t.nodes[to].r == r {
			return to
		}
	}
	return -1
}

func (t *trie) known(at int32) bool { return t != nil && at >= 0 && len(t.nodes) > 0 }

func (t *trie) refuses(at int32) bool { return t.known(at) && t.nodes[at].exact }

func (t *trie) dead(at int32) bool { return t.known(at) && t.nodes[at].whole }

// size is the number of characters in it.
func (t *trie) size() int {
	if t == nil {
		return 0
	}
	return len(t.nodes)
}

// each calls f for the characters that lead on from any place.
func (t *trie) each(f func(rune)) {
	if t == nil {
		return
	}
	for i := 1; i < len(t.nodes); i++ {
		f(t.nodes[i].r)
	}
}

// holds reports whether a text is refused, or begins in a way that is.
func (t *trie) holds(text string) bool {
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
		both.nodes = append(both.nodes, t.nodes...)
	}
	for i := range l.patterns {
		both.add(l.patterns[i].exact, false)
	}
	return both
}
