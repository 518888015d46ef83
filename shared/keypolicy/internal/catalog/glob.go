package catalog

import "github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"

// glob is a pattern ready to be compared with the names of actions. It exists
// because wildcard.Match takes, for a pattern built to be slow, as many steps as the
// pattern is long times the name: this one takes a step for each letter of the name.
// Bit i stands for "the first i letters of the pattern are matched".
type glob struct {
	takes [classes]uint64 // by class of a letter: where the pattern takes it next
	stays uint64          // where a star stands
	end   uint64
}

// longestName bounds what any action is called, so that a longer pattern matches none.
const longestName = 63

// Classes of the bytes that names of actions are made of.
const (
	colon   = 26
	classes = 27
)

func classOf(c byte) int {
	if c == ':' {
		return colon
	}
	return int(wildcard.Lower(c)) - 'a'
}

// read takes a pattern apart; false where no name can match it.
func (g *glob) read(pattern string) bool {
	n := 0
	for i := range len(pattern) {
		switch c := pattern[i]; {
		case c == '*':
			g.stays |= 1 << n
			continue
		case n == longestName:
			return false
		case c == '?':
			for class := range g.takes {
				g.takes[class] |= 1 << n
			}
		default:
			class := classOf(c)
			if class < 0 || class >= classes {
				return false
			}
			g.takes[class] |= 1 << n
		}
		n++
	}
	g.end = 1 << n
	return true
}

// matches reports whether the pattern stands for the name, which is in small letters.
func (g *glob) matches(name string) bool {
	at := uint64(1)
	for i := range len(name) {
		at = at&g.takes[classOf(name[i])]<<1 | at&g.stays
		if at == 0 {
			return false
		}
	}
	return at&g.end != 0
}
