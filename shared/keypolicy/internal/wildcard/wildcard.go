// Package wildcard matches text against IAM's * and ?, and compares names
// without regard to the case of ASCII letters, in bounded time and without
// allocating.
package wildcard

import "strings"

// Match reports whether s matches pattern: * is any text, ? any one byte. Without a
// question mark the work grows with the lengths of the two; with one it is bounded by
// their product.
func Match(pattern, s string) bool {
	if strings.Contains(pattern, "?") {
		return matchMarks(pattern, s)
	}
	return matchStars(pattern, s)
}

// matchStars looks for what stands between the stars, each at its first place after
// the one before: a later place would leave less for the rest.
func matchStars(pattern, s string) bool {
	first, rest, starred := strings.Cut(pattern, "*")
	if !starred {
		return pattern == s
	}
	s, found := strings.CutPrefix(s, first)
	if !found {
		return false
	}
	for {
		segment, more, starred := strings.Cut(rest, "*")
		if !starred {
			return strings.HasSuffix(s, segment)
		}
		i := strings.Index(s, segment)
		if i < 0 {
			return false
		}
		s, rest = s[i+len(segment):], more
	}
}

// matchMarks goes back to the last star only, which is enough: an earlier star can
// never need to take more.
func matchMarks(pattern, s string) bool {
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// Has reports whether s holds a wildcard.
func Has(s string) bool { return Index(s) >= 0 }

// Index returns the offset of the first wildcard, -1 where there is none.
func Index(s string) int {
	for i := 0; i < len(s); i++ {
		if s[i] == '*' || s[i] == '?' {
			return i
		}
	}
	return -1
}

// Lower turns an ASCII capital into its small letter.
func Lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// ToLower turns ASCII capitals into small letters. Unlike strings.ToLower it leaves
// letters beyond ASCII alone: the Kelvin sign is no k to IAM.
func ToLower(s string) string {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for j := i; j < len(b); j++ {
				b[j] = Lower(b[j])
			}
			return string(b)
		}
	}
	return s
}

// CompareFold orders names by their lower-case form.
func CompareFold(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] == b[i] {
			continue
		}
		if x, y := Lower(a[i]), Lower(b[i]); x != y {
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}

// EqualFold reports whether the names differ in the case of letters at most.
func EqualFold(a, b string) bool { return len(a) == len(b) && CompareFold(a, b) == 0 }

// Covers reports whether everything that matches narrow also matches wide.
// It may say no where the answer is yes, never the other way round.
func Covers(wide, narrow string) bool {
	if strings.Contains(narrow, "?") {
		return wide == narrow || wide == "*"
	}
	// A star of narrow can only be matched by a star of wide, because the byte
	// '*' is compared as itself and ? must not stand for it.
	return !strings.Contains(wide, "?") && Match(wide, narrow)
}
