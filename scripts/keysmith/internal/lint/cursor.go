package lint

import (
	"bytes"
	"unicode/utf8"
)

// cursor finds places in a text. Findings come in the order of the text, so each
// search goes on where the one before ended: a plan of Terraform is one line of
// megabytes.
type cursor struct {
	text         []byte
	at           int
	line, column int // of at; 0 before the first search
}

// find returns the offset of a place, and false where the text has none.
func (c *cursor) find(line, column int) (int, bool) {
	if c.line == 0 || line < c.line || line == c.line && column < c.column {
		c.at, c.line, c.column = 0, 1, 1
	}
	for c.line < line {
		end := bytes.IndexByte(c.text[c.at:], '\n')
		if end < 0 {
			return 0, false
		}
		c.at, c.line, c.column = c.at+end+1, c.line+1, 1
	}
	for c.column < column && c.at < len(c.text) && c.text[c.at] != '\n' {
		_, size := utf8.DecodeRune(c.text[c.at:])
		c.at, c.column = c.at+size, c.column+1
	}
	return c.at, true
}

// near is how much of a line is looked at, on either side of a place.
const near = 2048

// around returns the part of the line around a place, and the column of the
// place in that part.
func (c *cursor) around(line, column int) (part string, at int, ok bool) {
	offset, ok := c.find(line, column)
	if !ok {
		return "", 0, false
	}
	before := c.text[max(0, offset-near):offset]
	before = before[bytes.LastIndexByte(before, '\n')+1:]
	for len(before) > 0 && !utf8.RuneStart(before[0]) {
		before = before[1:]
	}
	after, _, _ := bytes.Cut(c.text[offset:min(len(c.text), offset+near)], []byte("\n"))
	beyond := column - c.column // a place behind the end of its line
	return string(before) + string(after), utf8.RuneCount(before) + 1 + beyond, true
}
