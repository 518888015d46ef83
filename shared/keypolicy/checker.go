package keypolicy

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
)

// maxPerRule bounds what is said about a text that is wrong all over.
const maxPerRule = 50

// checker goes over one policy and collects what it sees.
type checker struct {
	p     *Policy
	text  string
	o     Options
	found []found
	tally []tally

	usable catalog.Set // the actions that can work on the key
	ahead  int         // statements not built yet, the present one included

	items      slab[item]
	actionSlab slab[action]
	whoSlab    slab[principal]
	condSlab   slab[condition]
}

// found is a finding before its place is worked out.
type found struct {
	rule *Rule
	at   int32
	node int32
	text string
}

type tally struct {
	rule *Rule
	n    int
}

func (c *checker) add(r *Rule, at, node int32, message string) {
	for i := range c.tally {
		if t := &c.tally[i]; t.rule == r {
			if t.n++; t.n <= maxPerRule {
				c.found = append(c.found, found{r, at, node, message})
			}
			return
		}
	}
	if c.tally == nil {
		c.tally, c.found = make([]tally, 0, 8), make([]found, 0, 8)
	}
	c.tally = append(c.tally, tally{r, 1})
	c.found = append(c.found, found{r, at, node, message})
}

// skip reports whether the rule has been reported often enough already, and
// counts one more if so. It saves the work of finding words for it.
func (c *checker) skip(r *Rule) bool {
	for i := range c.tally {
		if t := &c.tally[i]; t.rule == r && t.n >= maxPerRule {
			t.n++
			return true
		}
	}
	return false
}

// value reports something about a value.
func (c *checker) value(r *Rule, node int32, message string) {
	c.add(r, c.node(node).At, node, message)
}

// member reports something about a member, at its name.
func (c *checker) member(r *Rule, node int32, message string) {
	at := c.node(node).NameAt
	if at == none {
		at = c.node(node).At
	}
	c.add(r, at, node, message)
}

func (c *checker) name(i int32) string { return c.p.tree.Name(i) }

func (c *checker) str(i int32) string { return c.p.tree.String(i) }

func (c *checker) node(i int32) *jsontree.Node { return &c.p.tree.Nodes[i] }

// full reports whether more findings of the rule would be dropped anyway.
func (c *checker) full(r *Rule) bool {
	for i := range c.tally {
		if c.tally[i].rule == r {
			return c.tally[i].n >= maxPerRule
		}
	}
	return false
}

// findings puts what was found in the order of the text.
func (c *checker) findings() []Finding {
	slices.SortStableFunc(c.found, func(a, b found) int { return cmp.Compare(a.at, b.at) })
	out := make([]Finding, 0, len(c.found)+1)
	pos := position{text: c.text, line: 1, column: 1, ascii: c.p != nil && c.p.tree.ASCII()}
	for _, f := range c.found {
		pos.advance(int(f.at))
		out = append(out, c.finding(f, pos))
	}
	if left := c.left(); left > 0 {
		pos.advance(len(c.text))
		out = append(out, c.finding(found{&ruleMoreFindings, 0, none, strconv.Itoa(left) +
			fmt.Sprintf(" more findings are left out: of each rule only the first %d are listed.", maxPerRule)}, pos))
	}
	return out
}

func (c *checker) finding(f found, pos position) Finding {
	path := ""
	if c.p != nil {
		path = c.p.path(f.node)
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

func (c *checker) left() int {
	left := 0
	for _, t := range c.tally {
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
