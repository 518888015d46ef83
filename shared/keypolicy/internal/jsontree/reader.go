package jsontree

import "strings"

// reader goes over the text once.
type reader struct {
	Tree
	pos     int
	last    int // offset after the last value or bracket read
	depth   int // containers that are open
	stopped bool
}

// Parse reads text. It always returns; what is wrong is in Faults, and the
// nodes are what could be made of the text.
func Parse(text string) Tree {
	if len(text) > MaxSize {
		return Tree{Text: text, Cut: true, Faults: []Fault{{Node: None, Detail: "the text is too long to read"}}}
	}
	r := reader{Tree: Tree{Text: text, Nodes: make([]Node, 0, atMost(text))}}
	r.space()
	if r.pos < len(r.Text) {
		r.value(None, 0)
		r.rest()
	}
	r.Cut = r.stopped
	return r.Tree
}

// atMost returns how many values a text without faults can hold: before each
// stands a comma, or the bracket of what it is the first in.
func atMost(text string) int {
	return 1 + strings.Count(text, ",") + strings.Count(text, "{") + strings.Count(text, "[")
}

// rest looks at what stands after the outermost value.
func (r *reader) rest() {
	if r.space(); r.stopped || r.pos >= len(r.Text) {
		return
	}
	r.fault(TrailingData, r.pos, None, "")
}

func (r *reader) fault(c Code, at int, node int32, detail string) {
	r.Faults = append(r.Faults, Fault{Code: c, At: int32(at), Node: node, Detail: detail})
	if len(r.Faults) >= maxFaults {
		r.stopped = true
	}
}

// fail reports a fault after which nothing can be made of the text.
func (r *reader) fail(at int, node int32, sentence string) {
	r.fault(Syntax, at, node, sentence)
	r.stopped = true
}

// space skips white space, and comments with a fault.
func (r *reader) space() {
	for {
		r.pos = spaces(r.Text, r.pos)
		if r.pos >= len(r.Text) || r.stopped || !r.oddSpace() {
			return
		}
	}
}

// oddSpace skips what is meant as space but is none in JSON.
func (r *reader) oddSpace() bool {
	switch rest := r.Text[r.pos:]; {
	case rest[0] == '#', strings.HasPrefix(rest, "//"), strings.HasPrefix(rest, "/*"):
		r.comment()
	case strings.HasPrefix(rest, "\u00a0"):
		r.fault(Syntax, r.pos, None, "a no-break space is between the elements, and JSON allows ordinary spaces only. Replace it")
		r.pos += len("\u00a0")
	default:
		return false
	}
	return true
}

func (r *reader) comment() {
	r.fault(Comment, r.pos, None, "")
	end := "\n"
	if strings.HasPrefix(r.Text[r.pos:], "/*") {
		end = "*/"
	}
	n := strings.Index(r.Text[r.pos:], end)
	if n < 0 {
		r.pos = len(r.Text)
		return
	}
	r.pos += n + len(end)
}

// add appends a node and hangs it under its parent, after the sibling prev.
func (r *reader) add(k Kind, parent, prev int32) int32 {
	i := int32(len(r.Nodes))
	r.Nodes = append(r.Nodes, Node{Kind: k, At: int32(r.pos), NameAt: None, Parent: parent, Next: None})
	if prev != None {
		r.Nodes[prev].Next = i
	}
	if parent != None {
		r.Nodes[parent].more++
	}
	return i
}

// close marks the end of a node.
func (r *reader) close(i int32) int32 {
	r.Nodes[i].End = int32(r.pos)
	r.last = r.pos
	return i
}

// value reads one value and returns its node, None where there is none.
func (r *reader) value(parent, prev int32) int32 {
	switch c := r.Text[r.pos]; {
	case c == '"' || r.quoted():
		i := r.add(String, parent, prev)
		text := r.str(i)
		r.Nodes[i].more = text
		return r.close(i)
	case c == '{' || c == '[':
		return r.container(parent, prev, c)
	case c == '-' || '0' <= c && c <= '9':
		return r.number(parent, prev)
	case letter(c):
		return r.word(parent, prev)
	}
	if !r.conflict(parent) {
		r.fail(r.pos, parent, "a value must be here, and not "+describe(r.Text[r.pos]))
	}
	return None
}

func letter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }

// describe names a character that begins nothing.
func describe(c byte) string {
	if c < ' ' || c >= 0x7f {
		return "a character that JSON does not allow here"
	}
	return "“" + string(c) + "”"
}
