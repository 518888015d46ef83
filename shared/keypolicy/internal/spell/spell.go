// Package spell finds the name that somebody probably meant.
package spell

import (
	"math/bits"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

const (
	longest  = 64 // longer words are not typing errors of anything we know
	furthest = 3
)

// Closest returns the candidate nearest to word, without regard to case, and ""
// where none is near. A tie goes to the earlier candidate.
func Closest(word string, candidates func(yield func(string) bool)) string {
	best, distance := "", limit(word)+1
	if len(word) > longest {
		return ""
	}
	letters := lettersOf(word)
	candidates(func(c string) bool {
		// An error changes two letters at most, so most candidates are out at a glance.
		if bits.OnesCount64(letters^lettersOf(c)) > 2*(distance-1) {
			return true
		}
		if d := within(word, c, distance-1); d < distance {
			best, distance = c, d
		}
		return distance > 0
	})
	return best
}

// lettersOf has a bit for each letter that a word has, the case left aside.
func lettersOf(word string) uint64 {
	letters := uint64(0)
	for i := range len(word) {
		letters |= 1 << (wildcard.Lower(word[i]) & 63)
	}
	return letters
}

// limit allows one error in about three letters.
func limit(word string) int { return min(furthest, (len(word)+2)/3) }

// within returns the edit distance of a and b (swapped neighbours count once),
// or something larger than most as soon as it must be.
func within(a, b string, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most || len(b) > longest {
		return most + 1
	}
	var rows [3][longest + 1]int
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		if fill(&rows, a, b, i) > most {
			return most + 1
		}
	}
	return rows[len(a)%3][len(b)]
}

// fill computes one row of the table and returns its smallest entry.
func fill(rows *[3][longest + 1]int, a, b string, i int) int {
	row, up, upup := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
	row[0] = i
	least := i
	for j := 1; j <= len(b); j++ {
		x, y := wildcard.Lower(a[i-1]), wildcard.Lower(b[j-1])
		d := up[j-1]
		if x != y {
			d = min(d, up[j], row[j-1]) + 1
		}
		if i > 1 && j > 1 && x == wildcard.Lower(b[j-2]) && y == wildcard.Lower(a[i-2]) {
			d = min(d, upup[j-2]+1)
		}
		row[j] = d
		least = min(least, d)
	}
	return least
}
