package jsontree

import (
	"strconv"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/charset"
)

// Path writes where a node stands, such as Statement[2].Condition.Bool; it is
// empty for None and for the outermost value.
func (t *Tree) Path(node int32) string {
	if node == None {
		return ""
	}
	var buf [128]byte
	return string(t.appendPath(buf[:0], node))
}

// plain are the characters of a name that stands in a path without quotes.
var plain = charset.Of(charset.Letters + charset.Digits)

func (t *Tree) appendPath(b []byte, node int32) []byte {
	n := &t.Nodes[node]
	if n.Parent == None {
		return b
	}
	b = t.appendPath(b, n.Parent)
	name := t.Name(node)
	switch {
	case n.NameAt == None:
		b = append(b, '[')
		b = strconv.AppendInt(b, int64(t.Index(node)), 10)
		return append(b, ']')
	case !plain.Has(name):
		b = append(b, '[')
		b = strconv.AppendQuote(b, name)
		return append(b, ']')
	case len(b) > 0:
		b = append(b, '.')
	}
	return append(b, name...)
}
