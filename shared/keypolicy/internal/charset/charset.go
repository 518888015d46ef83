// Package charset tells texts that are made of some ASCII characters from others.
//
// It exists because a list of the characters is easier to read, and harder to get
// wrong by one, than comparisons with the ends of ranges.
package charset

// Lists of characters to make sets of.
const (
	Digits   = "0123456789"
	Small    = "abcdefghijklmnopqrstuvwxyz"
	Capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	Letters  = Small + Capitals
)

// Set is a set of ASCII characters.
type Set [256]bool

// Of returns the set of the characters of a text.
func Of(chars string) *Set {
	var s Set
	for i := range len(chars) {
		s[chars[i]] = true
	}
	return &s
}

// Has reports whether all characters of a text are in the set. An empty text has none.
func (s *Set) Has(text string) bool {
	for i := range len(text) {
		if !s[text[i]] {
			return false
		}
	}
	return true
}
