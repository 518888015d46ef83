package jsontree

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// curly are the quotes that word processors put in place of straight ones.
const curly = "“”„‘’"

// quoted reports whether a string begins here, by any kind of quote.
func (r *reader) quoted() bool {
	switch c := r.Text[r.pos]; c {
	case '"', '\'':
		return true
	case 0xe2:
		c, _ := utf8.DecodeRuneInString(r.Text[r.pos:])
		return strings.ContainsRune(curly, c)
	}
	return false
}

// str reads a string. For the common one, plain text between straight quotes,
// it returns 0: the text itself holds it. For others it is the place among the
// decoded.
func (r *reader) str(node int32) int32 {
	if r.Text[r.pos] != '"' {
		return r.foreign(node)
	}
	start := r.pos + 1
	i := special(r.Text, start)
	switch {
	case i == len(r.Text):
		return r.keep(r.Text[start:max(start, r.open(node, start-1, i))])
	case r.Text[i] == '"':
		r.pos = i + 1
		return 0
	}
	return r.keep(r.slow(node, start, i))
}

// open reports a string without an end, where its quote is missing.
func (r *reader) open(node int32, start, end int) int {
	if text := strings.TrimRight(r.Text[start:end], " \t\r"); strings.HasSuffix(text, ",") {
		end = start + len(text) - 1 // the comma parts it from the next entry
	}
	r.pos = end
	r.fault(Syntax, end, node, fmt.Sprintf("the string that begins with “%.20s” has no end. Add a quote", printable(r.Text[start+1:max(start+1, end)])))
	return end
}

func printable(s string) string {
	if i := strings.IndexFunc(s, func(c rune) bool { return c < ' ' || c == utf8.RuneError }); i >= 0 {
		s = s[:i]
	}
	return s
}

// foreign reads a string in single or typographic quotes.
func (r *reader) foreign(node int32) int32 {
	code, quote, ends := SingleQuotes, "'", "'"
	if r.Text[r.pos] != '\'' {
		code, quote, ends = CurlyQuotes, "“", curly+"\""
	}
	r.once(code, r.pos, node)
	start := r.pos + len(quote)
	n := strings.IndexAny(r.Text[start:], ends+"\n")
	if n < 0 || r.Text[start+n] == '\n' {
		r.fail(start, node, "this string has no end. Put it between straight double quotes")
		return r.keep("") // the text does not hold it between quotes, as 0 would say
	}
	_, size := utf8.DecodeRuneInString(r.Text[start+n:])
	r.pos = start + n + size
	return r.keep(r.Text[start : start+n])
}

// once reports the first of a kind: a text with one string in single quotes has
// all of them so.
func (r *reader) once(code Code, at int, node int32) {
	for _, f := range r.Faults {
		if f.Code == code {
			return
		}
	}
	r.fault(code, at, node, "")
}

// slow reads on from i in a string that holds an escape, a control character
// or something beyond ASCII.
func (r *reader) slow(node int32, start, i int) string {
	var b strings.Builder
	b.WriteString(r.Text[start:i])
	for i < len(r.Text) && !r.stopped {
		switch c := r.Text[i]; {
		case c == '"':
			r.pos = i + 1
			return b.String()
		case c == '\\':
			i = r.escape(&b, node, i)
		case c < ' ':
			if r.endsAtLine(c, i) {
				return b.String()[:b.Len()-(i-r.open(node, start-1, i))]
			}
			r.fault(RawControl, i, node, controlName(c))
			b.WriteByte(c)
			i++
		case c < utf8.RuneSelf:
			b.WriteByte(c)
			i++
		default:
			i = r.beyond(&b, node, i)
		}
	}
	if !r.stopped {
		r.open(node, start-1, len(r.Text))
	}
	return b.String()
}

// endsAtLine reports whether a line break in a string more likely means that
// the quote before it is missing: so it is where the next quote opens a string
// rather than closing this one.
func (r *reader) endsAtLine(c byte, i int) bool {
	if c != '\n' && c != '\r' {
		return false
	}
	_, after, found := strings.Cut(r.Text[i:], "\"")
	if !found {
		return true
	}
	after = strings.TrimLeft(after, " \t\r\n")
	return after == "" || !strings.ContainsRune(",:]}", rune(after[0]))
}

func controlName(c byte) string {
	switch c {
	case '\n':
		return "a line break"
	case '\r':
		return "a carriage return"
	case '\t':
		return "a tab"
	}
	return fmt.Sprintf("the control character U+%04X", c)
}

// beyond reads a character that is not ASCII.
func (r *reader) beyond(b *strings.Builder, node int32, i int) int {
	c, size := utf8.DecodeRuneInString(r.Text[i:])
	switch {
	case c == utf8.RuneError && size == 1:
		r.fault(InvalidUTF8, i, node, fmt.Sprintf("%#02x", r.Text[i]))
	case c > 0xff:
		r.fault(BadCharacter, i, node, string(c))
	}
	b.WriteString(r.Text[i : i+size])
	return i + size
}
