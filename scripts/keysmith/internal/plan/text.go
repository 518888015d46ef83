package plan

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

const unwrapped = 1 << 20 // what reads a file or a pipe wants each message on one line

func (p *planner) text(r report) error {
	out := bufio.NewWriter(p.env.Out)
	width := p.env.Columns
	if width == 0 {
		width = unwrapped
	}
	s := terminal.NewStyled(out, width, p.colour())
	for _, e := range r.Keys {
		e.text(s)
	}
	s.Line(0, terminal.Text("%s", r.Summary.sentence()))
	return out.Flush()
}

// text reports one key. Of one without a change and without trouble there is
// nothing to tell.
func (e *entry) text(s *terminal.Screen) {
	state := e.state()
	if state == "unchanged" {
		return
	}
	style := terminal.Yellow
	if e.rank() <= 2 {
		style = terminal.Red
	}
	s.Line(0, terminal.Span{Style: terminal.Bold, Text: e.File + ": "}, terminal.Span{Style: style, Text: state}, terminal.Text(" (%s)", e.Key.ARN))
	if e.Error != "" {
		s.Line(2, terminal.Text("%s", e.Error))
	}
	if e.Reason != "" {
		s.Line(2, terminal.Text("The function would refuse the policy: %s", e.Reason))
	}
	for _, f := range e.shown() {
		style := terminal.Yellow
		if f.Severity >= keypolicy.Security {
			style = terminal.Red
		}
		s.Line(2, terminal.Text("%d:%d: ", f.Line, f.Column), terminal.Span{Style: style, Text: f.Severity.String()},
			terminal.Text(" "), terminal.Span{Style: terminal.Bold, Text: f.Rule}, terminal.Text(": %s", f.Message))
	}
	if e.changed() {
		e.Write(s, 2)
	}
	if e.LastUse != nil {
		s.Line(2, terminal.Text("Last use of the key: %s.", strings.TrimSuffix(e.LastUse.String(), ".")))
	}
	s.Blank()
}

// sentence sums up the plan.
func (s summary) sentence() string {
	parts := []string{plural(s.Keys, "key", "keys")}
	if s.Changed == 0 {
		parts = append(parts, "no change")
	} else {
		parts = append(parts, fmt.Sprintf("%d changed", s.Changed))
	}
	for _, c := range []struct {
		n    int
		what string
	}{{s.NewAccess, "with new access"}, {s.Undecided, "undecided"}, {s.LosesSome, "with lost access"}, {s.Refused, "refused"}, {s.Unreadable, "unreadable"}} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	return strings.Join(parts, ", ")
}

func plural(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
