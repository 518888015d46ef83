package terminal

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"
)

// A Style is how a text looks.
type Style string

// The styles.
const (
	Plain  Style = ""
	Bold   Style = "1"
	Dim    Style = "2"
	Red    Style = "31"
	Green  Style = "32"
	Yellow Style = "33"
	Blue   Style = "34"
	Cyan   Style = "36"
)

// A Span is a text in one style.
type Span struct {
	Style Style
	Text  string
}

// Text is a span without a style.
func Text(format string, args ...any) Span { return Span{Text: fmt.Sprintf(format, args...)} }

// A Screen is where a person reads.
type Screen struct {
	out     io.Writer
	columns func() int
	colour  bool
}

// unknownWidth is that of a small terminal, for an output that has no width.
const unknownWidth = 80

// leastWidth is where wrapping ends to be of use.
const leastWidth = 40

// New writes to f, in colour where it is a terminal and neither TERM=dumb nor
// https://no-color.org asks for none. A terminal may change its width at any
// time.
func New(f *os.File) *Screen {
	fd := int(f.Fd()) //nolint:gosec // a file descriptor fits
	s := &Screen{out: f, columns: func() int { return columnsOf(fd) }}
	s.colour = term.IsTerminal(fd) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return s
}

// NewPlain writes to any writer, without colour.
func NewPlain(out io.Writer, columns int) *Screen {
	return &Screen{out: out, columns: func() int { return columns }}
}

// NewStyled writes to any writer, in colour where colour is set.
func NewStyled(out io.Writer, columns int, colour bool) *Screen {
	s := NewPlain(out, columns)
	s.colour = colour
	return s
}

// Shows tells what f is able to show: colours, and how many columns; 0 for what
// is no terminal, such as a file or a pipe.
func Shows(f *os.File) (colour bool, columns int) {
	s := New(f)
	if !term.IsTerminal(int(f.Fd())) { //nolint:gosec // a file descriptor fits
		return false, 0
	}
	return s.colour, s.Columns()
}

func columnsOf(fd int) int {
	if width, _, err := term.GetSize(fd); err == nil && width > 0 {
		return max(width, leastWidth)
	}
	if width, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && width >= leastWidth {
		return width
	}
	return unknownWidth
}

// Columns is how wide the screen is now.
func (s *Screen) Columns() int { return s.columns() }

func (s *Screen) write(text string) { _, _ = io.WriteString(s.out, text+"\n") }

// paint is the only place that writes escape sequences. What it is given is
// tame already.
func (s *Screen) paint(style Style, text string) string {
	if !s.colour || style == Plain || text == "" {
		return text
	}
	return "\x1b[" + string(style) + "m" + text + "\x1b[0m"
}

// Blank writes an empty line.
func (s *Screen) Blank() { s.write("") }

// Verbatim writes lines as they are, to be copied: they are not wrapped.
func (s *Screen) Verbatim(indent int, text string) {
	for line := range strings.Lines(text) {
		s.write(strings.Repeat(" ", indent) + Tame(strings.TrimRight(line, "\r\n")))
	}
}

// Line writes spans as one paragraph, wrapped between words and indented.
func (s *Screen) Line(indent int, spans ...Span) { s.Item(indent, Span{}, spans...) }

// Item is Line with a mark in front; the lines after the first begin below the
// text, not below the mark.
func (s *Screen) Item(indent int, mark Span, spans ...Span) {
	first := strings.Repeat(" ", indent)
	rest := first
	if mark.Text != "" {
		text := Tame(mark.Text)
		rest += strings.Repeat(" ", measure().StringWidth(text)+1)
		first += s.paint(mark.Style, text) + " "
	}
	for _, line := range wrap(spans, s.columns()-len(rest)) {
		s.write(first + s.join(line))
		first = rest
	}
}

// Caret shows a line of a document and marks the character at column; both
// count from one. A long line is cut around the place.
func (s *Screen) Caret(indent int, document string, line, column int, style Style) {
	lines := strings.Split(document, "\n")
	if line < 1 || line > len(lines) || column < 1 {
		return
	}
	s.CaretLine(indent, line, lines[line-1], column, style)
}

// CaretLine is Caret for one line, of which the number is given. Of a line that
// is very long, the part around the character is enough.
func (s *Screen) CaretLine(indent, number int, line string, column int, style Style) {
	label := fmt.Sprintf("%4d |", number)
	gutter := strings.Repeat(" ", len(label)-1) + "|"
	shown, blanks := Excerpt(line, column, s.columns()-indent-len(label)-1)
	margin := strings.Repeat(" ", indent)
	s.write(margin + s.paint(Dim, label) + " " + shown)
	s.write(margin + s.paint(Dim, gutter) + " " + blanks + s.paint(style, "^"))
}
