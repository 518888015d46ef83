package embed

import (
	"encoding/json"
	"sort"
	"strings"
	"unicode/utf8"
)

// Policy is a key policy inside a document.
type Policy struct {
	Path       string // such as Resources.Key.Properties.KeyPolicy
	Usage      string // of the key, where the document says it
	Spec       string
	Origin     string
	At         Place
	value      *node
	notYet     string // why there is no policy to judge: it is known only later
	standalone bool   // a string that holds the policy
}

// Unknown is a value that only a deployment knows.
type Unknown struct {
	What  string // such as !GetAtt Role.Arn
	Path  string // in the policy, such as Statement[1].Principal.AWS
	Place Place
	whole bool // a statement or more is unknown
	from  int  // where its stand-in is, in characters of the text
	to    int
}

// Text is a policy as keypolicy.Check takes it.
type Text struct {
	Bytes   []byte
	Unknown []Unknown
	marks   []mark
	raw     string // of a policy in a string: the string as it is written
	at      Place
}

// mark maps a character of the text to a place of the document.
type mark struct {
	column int // from 1
	place  Place
}

// Text writes the policy down with what is known of the deployment. Bytes is nil
// where nothing of the policy is known.
func (p Policy) Text(f Facts) Text {
	if p.notYet != "" {
		return Text{at: p.At, Unknown: []Unknown{{What: p.notYet, Place: p.At, whole: true}}}
	}
	if i, ok := function(p.value); ok {
		return Text{at: p.At, Unknown: []Unknown{{What: i.String(), Place: p.At, whole: true}}}
	}
	if p.standalone {
		return Text{Bytes: []byte(p.value.value), raw: p.value.raw, at: p.At}
	}
	w := &writer{facts: f, column: 1}
	w.write(p.value, "")
	return Text{Bytes: []byte(w.out.String()), Unknown: w.unknown, marks: w.marks, at: p.At}
}

// Place maps a place of the text to one of the document.
func (t Text) Place(line, column int) Place {
	if t.marks == nil {
		return t.inString(line, column)
	}
	i := sort.Search(len(t.marks), func(i int) bool { return t.marks[i].column > column })
	return t.marks[max(0, i-1)].place
}

// inString maps a place of a text that stands in a JSON string.
func (t Text) inString(line, column int) Place {
	if t.raw == "" {
		return t.at
	}
	raw, passed := t.raw[1:], 1
	for at := (Place{1, 1}); at.Line < line || at.Line == line && at.Column < column; {
		size, newline := character(raw)
		if size == 0 || raw[0] == '"' {
			break
		}
		if at.Column++; newline {
			at = Place{at.Line + 1, 1}
		}
		passed += utf8.RuneCountInString(raw[:size])
		raw = raw[size:]
	}
	return Place{t.at.Line, t.at.Column + passed}
}

// character measures the first character of a JSON string as it is written, and
// reports whether it stands for the end of a line.
func character(raw string) (size int, newline bool) {
	switch {
	case raw == "":
		return 0, false
	case raw[0] != '\\':
		_, size = utf8.DecodeRuneInString(raw)
		return size, false
	case len(raw) >= 12 && strings.HasPrefix(raw, `\ud`) && strings.HasPrefix(raw[6:], `\ud`):
		return 12, false
	case len(raw) >= 6 && raw[1] == 'u':
		return 6, strings.EqualFold(raw[:6], `\u000a`)
	}
	return min(2, len(raw)), strings.HasPrefix(raw, `\n`)
}

// Covers reports whether a place of the text lies in a stand-in for an unknown
// value.
func (u Unknown) Covers(line, column int) bool {
	return !u.whole && line == 1 && column >= u.from && column < u.to
}

// writer writes a policy on one line.
type writer struct {
	facts   Facts
	out     strings.Builder
	column  int
	marks   []mark
	unknown []Unknown
}

func (w *writer) put(s string, at Place) {
	w.marks = append(w.marks, mark{w.column, at})
	w.out.WriteString(s)
	w.column += utf8.RuneCountInString(s)
}

func (w *writer) write(n *node, path string) {
	if i, ok := function(n); ok {
		w.function(i, n.at, path)
		return
	}
	switch n.kind {
	case text:
		w.put(quoted(n.value), n.at)
	case scalar:
		w.put(n.value, n.at)
	case list:
		w.put("[", n.at)
		w.each(n, func(_, written int, item *node) { w.write(item, path+"["+itoa(written)+"]") })
		w.put("]", n.at)
	case object:
		w.put("{", n.at)
		w.each(n, func(i, _ int, item *node) {
			w.put(quoted(n.names[i].value)+":", n.names[i].at)
			w.write(item, strings.TrimPrefix(path+"."+n.names[i].value, "."))
		})
		w.put("}", n.at)
	}
}

// each writes the items that are there, with commas between them.
func (w *writer) each(n *node, write func(i, written int, item *node)) {
	written := 0
	for i, item := range n.items {
		f, isFunction := function(item)
		if isFunction && f.noValue() {
			continue
		}
		if written > 0 {
			w.put(",", item.at)
		}
		write(i, written, item)
		written++
	}
}

// function writes the value of a function, or a stand-in of the right form. What
// is found at a stand-in is not reported.
func (w *writer) function(i intrinsic, at Place, path string) {
	if value, ok := i.value(w.facts); ok {
		w.put(quoted(value), at)
		return
	}
	u := Unknown{What: i.String(), Path: path, Place: at, from: w.column}
	switch {
	case path == "Statement" || isStatement(path):
		u.whole = true
		w.put(standInStatement, at)
	case strings.HasSuffix(strings.TrimRight(path, "[]0123456789"), "Principal.AWS"):
		account := w.facts.Account
		if account == "" {
			account = "111122223333"
		}
		w.put(quoted("arn:aws:iam::"+account+":role/known-at-deployment"), at)
	case strings.HasSuffix(path, "Principal"), strings.HasSuffix(path, "Condition"):
		w.put(`{}`, at)
	default:
		w.put(quoted("known-at-deployment"), at)
	}
	u.to = w.column
	w.unknown = append(w.unknown, u)
}

// standInStatement changes nothing: it denies an action that reads no data.
const standInStatement = `{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::111122223333:role/known-at-deployment"},"Action":"kms:GetKeyRotationStatus","Resource":"*"}`

func isStatement(path string) bool {
	index, ok := strings.CutPrefix(path, "Statement[")
	return ok && strings.Trim(index, "0123456789") == "]"
}

func quoted(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string has no error
	return strings.TrimSuffix(b.String(), "\n")
}
