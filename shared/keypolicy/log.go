package keypolicy

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// maxPerRule bounds what is said about a text that is wrong all over.
const maxPerRule = 50

// log collects what is seen in one text. The zero value is ready for use.
type log struct {
	text  string         // in which positions are counted
	tree  *jsontree.Tree // what the text was read as; nil where it holds no policy
	found []found
	tally []tally
}

// found is a finding before its place is worked out.
type found struct {
	rule *rule.Rule
	at   int32
	node int32
	text string
}

type tally struct {
	rule *rule.Rule
	n    int
}

func (l *log) add(r *rule.Rule, at, node int32, message string) {
	for i := range l.tally {
		if t := &l.tally[i]; t.rule == r {
			if t.n++; t.n <= maxPerRule {
				l.found = append(l.found, found{r, at, node, message})
			}
			return
		}
	}
	if l.tally == nil {
		l.tally, l.found = make([]tally, 0, 8), make([]found, 0, 8)
	}
	l.tally = append(l.tally, tally{r, 1})
	l.found = append(l.found, found{r, at, node, message})
}

// skip reports whether the rule has been reported often enough already, and
// counts one more if so. It saves the work of finding words for it.
func (l *log) skip(r *rule.Rule) bool {
	for i := range l.tally {
		if t := &l.tally[i]; t.rule == r && t.n >= maxPerRule {
			t.n++
			return true
		}
	}
	return false
}

// value reports something about a value.
func (l *log) value(r *rule.Rule, node int32, message string) {
	l.add(r, l.node(node).At, node, message)
}

// member reports something about a member, at its name.
func (l *log) member(r *rule.Rule, node int32, message string) {
	at := l.node(node).NameAt
	if at == none {
		at = l.node(node).At
	}
	l.add(r, at, node, message)
}

func (l *log) name(i int32) string { return l.tree.Name(i) }

func (l *log) str(i int32) string { return l.tree.String(i) }

func (l *log) node(i int32) *jsontree.Node { return &l.tree.Nodes[i] }

// full reports whether more findings of the rule would be dropped anyway.
func (l *log) full(r *rule.Rule) bool {
	for i := range l.tally {
		if l.tally[i].rule == r {
			return l.tally[i].n >= maxPerRule
		}
	}
	return false
}

// findings puts what was found in the order of the text.
func (l *log) findings() []Finding {
	slices.SortStableFunc(l.found, func(a, b found) int { return cmp.Compare(a.at, b.at) })
	out := make([]Finding, 0, len(l.found)+1)
	pos := position{text: l.text, line: 1, column: 1, ascii: l.tree != nil && l.tree.ASCII()}
	for _, f := range l.found {
		pos.advance(int(f.at))
		out = append(out, l.finding(f, pos))
	}
	if left := l.left(); left > 0 {
		pos.advance(len(l.text))
		out = append(out, l.finding(found{&rule.MoreFindings, 0, none, strconv.Itoa(left) +
			fmt.Sprintf(" more findings are left out: of each rule only the first %d are listed.", maxPerRule)}, pos))
	}
	return out
}

func (l *log) finding(f found, pos position) Finding {
	path := ""
	if l.tree != nil {
		path = l.tree.Path(f.node)
	}
	return Finding{
		Rule: f.rule.ID, Severity: f.rule.Severity, Message: readable(f.text),
		Line: pos.line, Column: pos.column, Path: readable(path), Link: f.rule.Link,
	}
}

// readable makes words that may quote the policy's bytes fit for JSON.
func readable(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, string(utf8.RuneError))
}

func (l *log) left() int {
	left := 0
	for _, t := range l.tally {
		left += max(0, t.n-maxPerRule)
	}
	return left
}

// position counts lines and characters up to an offset that only grows.
type position struct {
	text         string
	ascii        bool // each byte is a character
	at           int
	line, column int
}

func (p *position) advance(to int) {
	to = max(p.at, min(to, len(p.text)))
	passed := p.text[p.at:to]
	if lines := strings.Count(passed, "\n"); lines > 0 {
		p.line, p.column = p.line+lines, 1
		passed = passed[strings.LastIndexByte(passed, '\n')+1:]
	}
	if p.at = to; p.ascii {
		p.column += len(passed)
		return
	}
	p.column += utf8.RuneCountInString(passed)
}
