package jsontree

import "strings"

// container reads a list or an object with all its children.
func (r *reader) container(parent, prev int32, open byte) int32 {
	kind, end := Array, byte(']')
	if open == '{' {
		kind, end = Object, '}'
	}
	i := r.add(kind, parent, prev)
	if r.depth == MaxDepth {
		r.fault(TooDeep, r.pos, i, "")
		r.stopped = true
		return r.close(i)
	}
	r.depth++
	r.pos++
	r.last = r.pos
	r.children(i, end)
	r.depth--
	r.close(i)
	if kind == Object {
		r.duplicates(i)
	}
	return i
}

func (r *reader) children(i int32, end byte) {
	child := None
	for !r.stopped {
		r.space()
		switch {
		case child != None && r.pos < len(r.Text) && r.Text[r.pos] == ',':
			if !r.comma(i, end) {
				return
			}
		case r.ended(i, end):
			return
		case child != None && !r.withoutComma(i, child):
			return
		}
		if next := r.child(i, child); next != None {
			child = next
		}
	}
}

// ended reports whether the container is over, closing it if it is.
func (r *reader) ended(i int32, end byte) bool {
	if r.pos < len(r.Text) && !closing[r.Text[r.pos]] && !r.stopped {
		return false
	}
	return r.bracket(i, end)
}

var closing = [256]bool{']': true, '}': true}

// bracket closes the container where it can be closed, and says why where not.
func (r *reader) bracket(i int32, end byte) bool {
	if r.stopped {
		return true
	}
	if r.pos >= len(r.Text) {
		r.fail(len(r.Text), i, "the text ends inside this "+noun(r.Nodes[i].Kind)+". Add the missing “"+string(end)+"”")
		return true
	}
	if c := r.Text[r.pos]; c != end {
		r.fail(r.pos, i, "“"+string(c)+"” is where “"+string(end)+"” must close the "+noun(r.Nodes[i].Kind)+". Add “"+string(end)+"” before it, or delete it")
		return true
	}
	r.pos++
	return true
}

// noun is the kind without its article.
func noun(k Kind) string {
	_, word, _ := strings.Cut(k.String(), " ")
	return word
}

// comma reads what parts two children; false ends the container.
func (r *reader) comma(i int32, end byte) bool {
	at := r.pos
	r.pos++
	if r.space(); r.pos < len(r.Text) && r.Text[r.pos] == '"' {
		return !r.stopped // as it nearly always is
	}
	for r.pos < len(r.Text) && r.Text[r.pos] == ',' {
		r.fault(Syntax, r.pos, i, "there is one comma too many. Delete this one")
		r.pos++
		r.space()
	}
	if r.pos < len(r.Text) && r.Text[r.pos] == end {
		r.fault(TrailingComma, at, i, "")
	}
	return !r.ended(i, end)
}

// child reads an element or a member.
func (r *reader) child(parent, prev int32) int32 {
	if r.Nodes[parent].Kind == Array {
		return r.value(parent, prev)
	}
	at := r.pos
	name, ok := r.name(parent)
	if !ok {
		return None
	}
	end := int32(r.pos)
	if r.space(); !r.colon(parent) {
		return None
	}
	if r.space(); r.pos >= len(r.Text) {
		r.fail(r.pos, parent, "the text ends before a value. Add the value")
		return None
	}
	if c := r.Text[r.pos]; c == ',' || c == '}' {
		r.fail(r.last, parent, "“"+printable(strings.Trim(r.Text[at:end], "\"'"))+"” has no value. Write one after the colon")
		return None
	}
	i := r.value(parent, prev)
	if i != None {
		n := &r.Nodes[i]
		if n.NameAt, n.name = int32(at), end; name > 0 {
			n.name = -name
		}
	}
	return i
}

func (r *reader) name(parent int32) (int32, bool) {
	switch c := r.Text[r.pos]; {
	case c == '"' || r.quoted():
		name := r.str(parent)
		r.last = r.pos
		return name, !r.stopped
	case letter(c):
		start := r.pos
		r.identifier()
		r.last = r.pos
		name := r.Text[start:r.pos]
		r.fault(Syntax, start, parent, "the name “"+name+"” is not in quotes. Write \""+name+"\"")
		return r.keep(name), !r.stopped
	}
	if !r.conflict(parent) {
		r.fail(r.pos, parent, "a name in quotes must be here, and not "+describe(r.Text[r.pos]))
	}
	return 0, false
}

func (r *reader) colon(parent int32) bool {
	switch {
	case r.pos < len(r.Text) && r.Text[r.pos] == ':':
		r.pos++
		r.last = r.pos
		return true
	case r.pos < len(r.Text) && r.Text[r.pos] == '=':
		r.fault(Syntax, r.pos, parent, "“=” is between a name and its value, as in HCL. Write “:”")
		if r.pos++; r.pos < len(r.Text) && r.Text[r.pos] == '>' {
			r.pos++
		}
		return !r.stopped
	}
	r.fail(r.last, parent, "a name must be followed by “:” and a value. Add them here")
	return false
}
