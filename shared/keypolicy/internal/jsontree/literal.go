package jsontree

import "strings"

func (r *reader) identifier() {
	for r.pos < len(r.Text) && (letter(r.Text[r.pos]) || digit(r.Text[r.pos])) {
		r.pos++
	}
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// word reads true, false and null, and takes what somebody meant by them.
func (r *reader) word(parent, prev int32) int32 {
	i := r.add(Null, parent, prev)
	r.identifier()
	w := r.Text[r.Nodes[i].At:r.pos]
	meant := w
	switch w {
	case "True", "TRUE", "yes":
		meant = "true"
	case "False", "FALSE", "no":
		meant = "false"
	case "None", "NULL", "nil", "undefined":
		meant = "null"
	}
	switch meant {
	case "null":
	case "true", "false":
		r.Nodes[i].Kind = Bool
		if meant != w {
			r.Nodes[i].more = r.keep(meant)
		}
	default:
		r.Nodes[i].Kind, r.Nodes[i].more = String, r.keep(w)
		meant = "\"" + w + "\""
	}
	if meant != w {
		r.fault(Syntax, int(r.Nodes[i].At), i, "“"+w+"” is not a JSON literal. Write "+meant)
	}
	return r.close(i)
}

func (r *reader) number(parent, prev int32) int32 {
	i := r.add(Number, parent, prev)
	if !r.numeral() {
		r.fault(Syntax, int(r.Nodes[i].At), i, "this is not a JSON number. Put it in quotes")
		for r.pos < len(r.Text) && (letter(r.Text[r.pos]) || digit(r.Text[r.pos]) || strings.ContainsRune(".-+", rune(r.Text[r.pos]))) {
			r.pos++
		}
	}
	return r.close(i)
}

// numeral reads a number by JSON's grammar.
func (r *reader) numeral() bool {
	r.skip('-')
	zero := r.pos
	if !r.digits() || r.Text[zero] == '0' && r.pos > zero+1 {
		return false
	}
	if r.skip('.') && !r.digits() {
		return false
	}
	if r.skip('e') || r.skip('E') {
		_ = r.skip('+') || r.skip('-')
		return r.digits()
	}
	return r.pos >= len(r.Text) || !letter(r.Text[r.pos])
}

func (r *reader) skip(c byte) bool {
	if r.pos < len(r.Text) && r.Text[r.pos] == c {
		r.pos++
		return true
	}
	return false
}

func (r *reader) digits() bool {
	start := r.pos
	for r.pos < len(r.Text) && digit(r.Text[r.pos]) {
		r.pos++
	}
	return r.pos > start
}
