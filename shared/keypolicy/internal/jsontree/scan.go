package jsontree

import (
	"math/bits"
	"strings"
)

// each has one byte eight times when multiplied by it.
const each = 0x0101010101010101

// eight returns eight bytes of s as one number.
func eight(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// special returns the offset of the first byte from i that is not plain text of
// a string: a quote, a backslash, a control character or what is beyond ASCII.
func special(s string, i int) int {
	for ; i+8 <= len(s); i += 8 {
		x := eight(s, i)
		// A subtraction leaves the top bit of the lowest byte that is too small,
		// and of none below it.
		if m := (x | (x - ' '*each) | (x ^ '"'*each - each) | (x ^ '\\'*each - each)) & (0x80 * each); m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for i < len(s) && s[i] >= ' ' && s[i] < 0x80 && s[i] != '"' && s[i] != '\\' {
		i++
	}
	return i
}

// spaces returns the offset of the first byte from i that is no white space.
func spaces(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\r' || s[i] == '\t') {
		i++
		for strings.HasPrefix(s[i:], "        ") {
			i += 8
		}
	}
	return i
}
