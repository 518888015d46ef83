package jsontree

import "strings"

// withoutComma reports a child that follows another with no comma between; false
// ends the container.
func (r *reader) withoutComma(i, child int32) bool {
	switch {
	case r.Text[r.pos] == ';':
		r.fault(Syntax, r.pos, i, "“;” is between two entries. Write “,”")
		r.pos++
		r.space()
		return !r.ended(i, r.closer(i))
	case r.conflict(i):
	case !r.swallowed(child):
		r.fault(MissingComma, r.last, i, "")
	}
	return !r.stopped
}

func (r *reader) closer(i int32) byte {
	if r.Nodes[i].Kind == Array {
		return ']'
	}
	return '}'
}

// conflict reports what a merge leaves behind for somebody to resolve.
func (r *reader) conflict(i int32) bool {
	for _, mark := range [...]string{"<<<<<<<", "=======", ">>>>>>>", "|||||||"} {
		if strings.HasPrefix(r.Text[r.pos:], mark) {
			r.fail(r.pos, i, "a merge conflict is not resolved here. Keep one side, and delete the marks")
			return true
		}
	}
	return false
}

// swallowed reports a string that ends in what should stand after it: then not
// the comma is missing, but the quote before it, and all that follows is read
// the wrong way round.
func (r *reader) swallowed(child int32) bool {
	if r.Nodes[child].Kind != String {
		return false
	}
	text := r.String(child)
	kept := strings.TrimRight(text, ",:]} \t")
	if kept == text || !strings.ContainsAny(text[len(kept):], ",:") {
		return false
	}
	r.fail(int(r.Nodes[child].At)+1+len(kept), child, "the string that begins with “"+printable(kept[:min(len(kept), 20)])+"” has no end. Add a quote")
	r.Nodes[child].more = r.keep(kept)
	return true
}
