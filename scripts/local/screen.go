package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// A screen writes for a person, in colour where the terminal can.
type screen struct {
	w      io.Writer
	colour bool
}

const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

// newScreen leaves colour away where the output is no terminal, and where
// https://no-color.org asks for it.
func newScreen(f *os.File) screen {
	info, err := f.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	return screen{w: f, colour: terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

func (s screen) paint(colour, text string) string {
	if !s.colour {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

func (s screen) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(s.w, format, args...)
}

func (s screen) title(text string) { s.printf("\n%s\n", s.paint(bold, text)) }

// say explains; do tells what is done now.
func (s screen) say(text string) { s.wrapped(dim, "  ", text) }

func (s screen) do(text string) { s.printf("  %s %s\n", s.paint(cyan, "→"), text) }

func (s screen) good(text string) { s.printf("  %s %s\n", s.paint(green, "✔"), text) }

func (s screen) refused(text string) { s.printf("  %s %s\n", s.paint(yellow, "✘"), text) }

func (s screen) failed(text string) { s.printf("  %s %s\n", s.paint(red, "✘"), text) }

func (s screen) detail(text string) { s.wrapped("", "    ", text) }

// width is where lines end: that of a small terminal.
const width = 100

func (s screen) wrapped(colour, indent, text string) {
	line := indent
	for _, word := range strings.Fields(text) {
		if line != indent && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			s.line(colour, line)
			line = indent
		}
		if line != indent {
			line += " "
		}
		line += word
	}
	s.line(colour, line)
}

func (s screen) line(colour, text string) {
	if colour != "" {
		text = s.paint(colour, text)
	}
	s.printf("%s\n", text)
}

// caret shows a line of a document with a mark under a column; both count from
// one, and a column is a character.
func (s screen) caret(text string, line, column int) {
	lines := strings.Split(text, "\n")
	if line < 1 || line > len(lines) || column < 1 {
		return
	}
	number := fmt.Sprintf("%4d", line)
	shown := strings.TrimRight(lines[line-1], "\r")
	s.printf("    %s %s\n", s.paint(dim, number+" |"), shown)
	s.printf("    %s %s%s\n", s.paint(dim, "     |"), margin(shown, column-1), s.paint(red, "^"))
}

// margin is as wide as the first n characters of a line; tabs stay tabs.
func margin(line string, n int) string {
	var out strings.Builder
	for _, r := range line {
		if n--; n < 0 {
			break
		}
		if r != '\t' {
			r = ' '
		}
		out.WriteRune(r)
	}
	return out.String()
}
