package finding

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// maxPerRule bounds what is said about a text that is wrong all over.
const maxPerRule = 50

// Log collects what is seen in one text. The zero value is ready for use.
type Log struct {
	Source string         // the text that positions are counted
	Tree   *jsontree.Tree // what the text was read as; nil where it holds no policy
	found  []found
	tally  []tally
}

// found is a finding before its place is worked out.
type found struct {
	rule *rule.Rule
	at   int32
	node int32
	text string

	witness *decide.Witness
}

type tally struct {
	rule *rule.Rule
	n    int
}

// Add reports something at an offset of the source. Of one rule only the first
// maxPerRule are kept; the others are counted.
func (l *Log) Add(r *rule.Rule, at, node int32, message string) {
	l.add(found{rule: r, at: at, node: node, text: message})
}

func (l *Log) add(f found) {
	r := f.rule
	for i := range l.tally {
		if t := &l.tally[i]; t.rule == r {
			if t.n++; t.n <= maxPerRule {
				l.found = append(l.found, f)
			}
			return
		}
	}
	if l.tally == nil {
		l.tally, l.found = make([]tally, 0, 8), make([]found, 0, 8)
	}
	l.tally = append(l.tally, tally{r, 1})
	l.found = append(l.found, f)
}

// Skip reports whether the rule has been reported often enough already, and
// counts one more if so. It saves the work of finding words for it.
func (l *Log) Skip(r *rule.Rule) bool {
	for i := range l.tally {
		if t := &l.tally[i]; t.rule == r && t.n >= maxPerRule {
			t.n++
			return true
		}
	}
	return false
}

// Value reports something about a value.
func (l *Log) Value(r *rule.Rule, node int32, message string) {
	l.Add(r, l.Node(node).At, node, message)
}

// Witnessed reports something about a value with a request that shows it; nil
// where there is none.
func (l *Log) Witnessed(r *rule.Rule, node int32, message string, w *decide.Witness) {
	l.add(found{r, l.Node(node).At, node, message, w})
}

// Member reports something about a member, at its name.
func (l *Log) Member(r *rule.Rule, node int32, message string) {
	l.MemberWitnessed(r, node, message, nil)
}

// MemberWitnessed reports something about a member, at its name, with a request
// that shows it.
func (l *Log) MemberWitnessed(r *rule.Rule, node int32, message string, w *decide.Witness) {
	at := l.Node(node).NameAt
	if at == jsontree.None {
		at = l.Node(node).At
	}
	l.add(found{r, at, node, message, w})
}

// Name is the name of a member.
func (l *Log) Name(i int32) string { return l.Tree.Name(i) }

// Text is what a string, a number or a boolean says.
func (l *Log) Text(i int32) string { return l.Tree.String(i) }

// Node is one value of the tree.
func (l *Log) Node(i int32) *jsontree.Node { return &l.Tree.Nodes[i] }

// Full reports whether more findings of the rule would be dropped anyway.
func (l *Log) Full(r *rule.Rule) bool {
	for i := range l.tally {
		if l.tally[i].rule == r {
			return l.tally[i].n >= maxPerRule
		}
	}
	return false
}

// Reported reports whether something of at least that severity was found in a
// value or in something inside it.
func (l *Log) Reported(node int32, least rule.Severity) bool {
	within := l.Tree.Path(node)
	return slices.ContainsFunc(l.found, func(f found) bool {
		return f.rule.Severity >= least && strings.HasPrefix(l.Tree.Path(f.node), within)
	})
}

// Findings puts what was found in the order of the text.
func (l *Log) Findings() []Finding {
	slices.SortStableFunc(l.found, func(a, b found) int { return cmp.Compare(a.at, b.at) })
	out := make([]Finding, 0, len(l.found)+1)
	pos := position{text: l.Source, line: 1, column: 1, ascii: l.Tree != nil && l.Tree.ASCII()}
	for _, f := range l.found {
		pos.advance(int(f.at))
		out = append(out, l.finding(f, pos))
	}
	if left := l.left(); left > 0 {
		pos.advance(len(l.Source))
		out = append(out, l.finding(found{rule: &rule.MoreFindings, node: jsontree.None, text: strconv.Itoa(left) +
			fmt.Sprintf(" more findings are not listed: the report has the first %d of each rule.", maxPerRule)}, pos))
	}
	return out
}

func (l *Log) finding(f found, pos position) Finding {
	path := ""
	if l.Tree != nil {
		path = l.Tree.Path(f.node)
	}
	return Finding{
		Rule: f.rule.ID, Severity: f.rule.Severity, Message: readable(f.text),
		Line: pos.line, Column: pos.column, Path: readable(path), Link: f.rule.Link, Witness: f.witness,
	}
}

// readable makes words that may quote the policy's bytes fit for JSON.
func readable(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, string(utf8.RuneError))
}

func (l *Log) left() int {
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
