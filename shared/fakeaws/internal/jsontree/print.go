package jsontree

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Print lays the value out as KMS does: two spaces a level, a space on both
// sides of the colon, lists on the line of their name.
func (n *Node) Print() string {
	var b strings.Builder
	n.print(&b, "\n")
	return b.String()
}

func (n *Node) print(b *strings.Builder, newline string) {
	switch n.Kind {
	case Object:
		n.printObject(b, newline)
	case Array:
		n.printArray(b, newline)
	case String:
		b.WriteString(quote(n.Text))
	default:
		b.WriteString(n.Text)
	}
}

func (n *Node) printObject(b *strings.Builder, newline string) {
	if len(n.Members) == 0 {
		b.WriteString("{ }")
		return
	}
	inner := newline + "  "
	b.WriteString("{")
	for i, m := range n.Members {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString(inner + quote(m.Name) + " : ")
		m.Value.print(b, inner)
	}
	b.WriteString(newline + "}")
}

func (n *Node) printArray(b *strings.Builder, newline string) {
	if len(n.Items) == 0 {
		b.WriteString("[ ]")
		return
	}
	b.WriteString("[ ")
	for i, item := range n.Items {
		if i > 0 {
			b.WriteString(", ")
		}
		item.print(b, newline)
	}
	b.WriteString(" ]")
}

func quote(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}
