package decide

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// matches reports whether the pattern matches a value, and adds to the steps that
// it took.
func (p *pattern) matches(value string, steps *int) bool {
	*steps++
	switch p.shape {
	case constant:
		return p.exact == value
	case folded:
		return strings.EqualFold(p.exact, value)
	}
	return matchGlob(p.elems, value, steps)
}

// matchGlob matches what comes before the first star, then what comes after the
// last one, then between them. There it goes back to the last star only, which is
// enough: an earlier star that stands for the same characters can never need to take
// more, and one that stands for no colon ends at the colon of its own part.
func matchGlob(elems []elem, value string, steps *int) bool {
	for len(elems) > 0 && elems[0].kind != many {
		r, size := utf8.DecodeRuneInString(value)
		if *steps++; size == 0 || !elems[0].fits(r) {
			return false
		}
		elems, value = elems[1:], value[size:]
	}
	if len(elems) == 0 {
		return value == ""
	}
	for elems[len(elems)-1].kind != many {
		r, size := utf8.DecodeLastRuneInString(value)
		if *steps++; size == 0 || !elems[len(elems)-1].fits(r) {
			return false
		}
		elems, value = elems[:len(elems)-1], value[:len(value)-size]
	}
	return matchBetween(elems, value, steps)
}

// matchBetween matches elements that begin and end with a star.
func matchBetween(elems []elem, value string, steps *int) bool {
	e, i, star, mark := 0, 0, -1, 0
	for i < len(value) {
		*steps++
		r, size := utf8.DecodeRuneInString(value[i:])
		switch {
		case e < len(elems) && elems[e].kind == many:
			star, mark = e, i
			e++
		case e < len(elems) && elems[e].fits(r):
			e++
			i += size
		default:
			r, size = utf8.DecodeRuneInString(value[mark:])
			if r == elems[star].r && r != 0 {
				return false
			}
			mark += size
			e, i = star+1, mark
		}
	}
	for e < len(elems) && elems[e].kind == many {
		e++
	}
	return e == len(elems)
}

// fits reports whether an element that is one character stands for r.
func (e elem) fits(r rune) bool {
	switch e.kind {
	case literal:
		return r == e.r
	case either:
		return lowest(r) == e.r
	case digit:
		return strings.ContainsRune("0123456789", r)
	}
	return r != e.r || r == 0
}

// lowest names a character and its other cases alike.
func lowest(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	if 'A' <= least && least <= 'Z' {
		return unicode.ToLower(least)
	}
	return least
}
