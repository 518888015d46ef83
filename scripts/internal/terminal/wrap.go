package terminal

import (
	"strings"
	"unicode"
)

// A cell is a character with its style.
type cell struct {
	char  rune
	style Style
}

// longestWord is how much of a text without a blank is shown: an ARN or a URL
// whole, a policy without white space in part.
const longestWord = 400

// words cuts spans at white space. A word may be of several spans.
func words(spans []Span) [][]cell {
	var all [][]cell
	var word []cell
	end := func() {
		if len(word) > longestWord {
			word = append(word[:longestWord:longestWord], cell{'…', Plain})
		}
		if len(word) > 0 {
			all = append(all, word)
		}
		word = nil
	}
	for _, span := range spans {
		for _, char := range span.Text {
			if unicode.IsSpace(char) {
				end()
			} else {
				word = append(word, cell{tame(char), span.Style})
			}
		}
	}
	end()
	return all
}

// wrap puts words into lines. A word that is longer than a line is left whole,
// so that it can be copied; the terminal breaks it.
func wrap(spans []Span, width int) [][]cell {
	var lines [][]cell
	var line []cell
	used := 0
	for _, word := range words(spans) {
		size := 0
		for _, c := range word {
			size += widthOf(c.char)
		}
		if used > 0 && used+1+size > width {
			lines = append(lines, line)
			line, used = nil, 0
		}
		if used > 0 {
			line = append(line, blankBetween(line[len(line)-1], word[0]))
			used++
		}
		line = append(line, word...)
		used += size
	}
	return append(lines, line)
}

// blankBetween keeps a style up between two words that both have it.
func blankBetween(before, after cell) cell {
	if before.style == after.style {
		return cell{' ', before.style}
	}
	return cell{' ', Plain}
}

// join writes cells, with one escape sequence for each run of a style.
func (s *Screen) join(line []cell) string {
	var out, run strings.Builder
	style := Plain
	for _, c := range line {
		if c.style != style {
			out.WriteString(s.paint(style, run.String()))
			run.Reset()
			style = c.style
		}
		run.WriteRune(c.char)
	}
	out.WriteString(s.paint(style, run.String()))
	return out.String()
}
