package terminal

import (
	"strings"
	"unicode"

	"github.com/mattn/go-runewidth"
)

// replacement stands for a character that a terminal could act on. A blank
// would hide that there is one.
const replacement = '\uFFFD'

// Tame returns text in which every character is one that a terminal only
// shows: control characters, line ends, invalid UTF-8 and those that change the
// direction of writing are replaced, one by one, so that columns stay the same.
func Tame(text string) string { return strings.Map(tame, text) }

func tame(r rune) rune {
	switch {
	case r == '\t':
		return ' '
	case unicode.IsGraphic(r):
		return r
	}
	return replacement
}

// measure counts the columns of text. Characters of ambiguous width are narrow,
// as in all terminals that are not set to an East Asian language.
func measure() *runewidth.Condition { return &runewidth.Condition{StrictEmojiNeutral: true} }

func widthOf(r rune) int { return measure().RuneWidth(r) }

// Excerpt cuts a line to at most width columns around the character at column,
// which counts from one, and returns the blanks that lead to that character.
func Excerpt(line string, column, width int) (shown, blanks string) {
	chars := []rune(Tame(strings.TrimRight(line, "\r")))
	at := min(max(column, 1)-1, len(chars))
	from, to := window(chars, at, width)
	cut := strings.Builder{}
	if from > 0 {
		cut.WriteRune('…')
	}
	lead := cut.String() + string(chars[from:at])
	cut.WriteString(string(chars[from:to]))
	if to < len(chars) {
		cut.WriteRune('…')
	}
	return cut.String(), strings.Repeat(" ", measure().StringWidth(lead))
}

// window is which characters to show: all, or as many as fit with the place at
// or before the middle.
func window(chars []rune, at, width int) (from, to int) {
	if measure().StringWidth(string(chars)) <= width {
		return 0, len(chars)
	}
	const marks = 2 // one column for each end that is cut
	before := 0
	for from = at; from > 0 && before+widthOf(chars[from-1]) <= (width-marks)/2; from-- {
		before += widthOf(chars[from-1])
	}
	used := before
	for to = at; to < len(chars) && used+widthOf(chars[to]) <= width-marks; to++ {
		used += widthOf(chars[to])
	}
	for ; from > 0 && used+widthOf(chars[from-1]) <= width-marks; from-- {
		used += widthOf(chars[from-1])
	}
	return from, to
}
