package jsontree

import (
	"strconv"
	"strings"
	"unicode/utf16"
)

// escape decodes the escape at i and returns the offset after it.
func (r *reader) escape(b *strings.Builder, node int32, i int) int {
	if i+1 >= len(r.Text) {
		return len(r.Text)
	}
	switch c := r.Text[i+1]; c {
	case '"', '\\', '/':
		b.WriteByte(c)
	case 'n':
		b.WriteByte('\n')
	case 't':
		b.WriteByte('\t')
	case 'r':
		b.WriteByte('\r')
	case 'b', 'f': // read as what they stand for: any other byte would make two texts one
		control := map[byte]string{'b': "\b", 'f': "\f"}[c]
		r.fault(BadCharacter, i, node, control)
		b.WriteString(control)
	case 'u':
		return r.unicode(b, node, i)
	default:
		r.fault(Syntax, i, node, "“\\"+printable(r.Text[i+1:i+2])+"” is not a JSON escape. For a backslash, write two")
		b.WriteByte(c)
	}
	return i + 2
}

// unicode decodes \uXXXX, and a pair of them where they are surrogates.
func (r *reader) unicode(b *strings.Builder, node int32, i int) int {
	c, ok := hex4(r.Text, i)
	if !ok {
		r.fault(Syntax, i, node, "“\\u” must be followed by four hexadecimal digits. Write all four")
		return i + 2
	}
	end := i + 6
	if utf16.IsSurrogate(c) {
		low, _ := hex4(r.Text, end)
		pair := utf16.DecodeRune(c, low)
		if pair == '\uFFFD' {
			r.fault(LoneSurrogate, i, node, r.Text[i:end])
			b.WriteRune(pair)
			return end
		}
		c, end = pair, end+6
	}
	if c > 0xff || c < ' ' && c != '\t' && c != '\n' && c != '\r' {
		r.fault(BadCharacter, i, node, string(c))
	}
	b.WriteRune(c)
	return end
}

func hex4(s string, i int) (rune, bool) {
	if i+6 > len(s) || s[i] != '\\' || s[i+1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[i+2:i+6], 16, 16)
	return rune(n), err == nil
}
