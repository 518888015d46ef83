package verdict

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
)

// Many findings are one mistake many times, and a screen has few lines: this
// many are shown in full, and this many of one rule.
const (
	mostFindings = 8
	mostOfARule  = 3
)

// findings shows the worst first. Infos are only counted, unless they reject.
func (w Writer) findings(t outcome.Type, d outcome.Data, document string) {
	show := min(w.Show, w.RejectAt)
	shown := slices.DeleteFunc(slices.Clone(d.Findings), func(f keypolicy.Finding) bool { return f.Severity < show })
	hidden := len(d.Findings) - len(shown)
	slices.SortStableFunc(shown, func(a, b keypolicy.Finding) int { return cmp.Compare(b.Severity, a.Severity) })
	if len(shown) > 0 && t != outcome.Rejected && t != outcome.Failed {
		w.line("The policy is accepted. %s, for you to consider:", counted(len(shown), "finding"))
	}
	full, rest := choose(shown)
	linked := map[string]bool{}
	for i, f := range full {
		place := i+1 == len(full) || full[i+1].Line != f.Line || full[i+1].Column != f.Column
		w.finding(f, document, place, !linked[f.Link])
		linked[f.Link] = true
	}
	w.more(rest, d.Truncated["findings"])
	if hidden > 0 {
		w.dim("%s below %s not shown (to show: --events, or lint --show info).", counted(hidden, "finding"), show)
	}
}

// choose splits findings into those to show in full and the rest.
func choose(all []keypolicy.Finding) (full, rest []keypolicy.Finding) {
	ofRule := map[string]int{}
	for _, f := range all {
		if ofRule[f.Rule]++; ofRule[f.Rule] > mostOfARule || len(full) == mostFindings {
			rest = append(rest, f)
		} else {
			full = append(full, f)
		}
	}
	return full, rest
}

// finding shows one; the line of the document only below the last finding of
// the same place, and each link once.
func (w Writer) finding(f keypolicy.Finding, document string, place, link bool) {
	style := w.style(f.Severity)
	w.Screen.Line(indent, terminal.Text("line %d, column %d: ", f.Line, f.Column),
		terminal.Span{Style: style, Text: f.Severity.String()}, terminal.Text(" "), terminal.Span{Style: terminal.Bold, Text: f.Rule})
	w.Screen.Line(indent+2, terminal.Text("%s", f.Message))
	if place && document != "" {
		w.Screen.Caret(indent, document, f.Line, f.Column, style)
	}
	if f.Link != "" && link {
		w.Screen.Line(indent+2, terminal.Span{Style: terminal.Dim, Text: f.Link})
	}
}

// style gives a finding that rejects the colour of the rejection.
func (w Writer) style(s keypolicy.Severity) terminal.Style {
	switch {
	case s >= keypolicy.Security || s >= w.RejectAt:
		return terminal.Red
	case s == keypolicy.Warning:
		return terminal.Yellow
	}
	return terminal.Blue
}

// more sums up by rule what is not shown.
func (w Writer) more(rest []keypolicy.Finding, cut int) {
	if len(rest)+cut == 0 {
		return
	}
	rules := map[string]int{}
	var order []string
	for _, f := range rest {
		if rules[f.Rule]++; rules[f.Rule] == 1 {
			order = append(order, f.Rule)
		}
	}
	var parts []string
	for _, rule := range order {
		parts = append(parts, fmt.Sprintf("%d × %s", rules[rule], rule))
	}
	if cut > 0 {
		parts = append(parts, fmt.Sprintf("%d that the event leaves out", cut))
	}
	w.line("%s more: %s. keysmith lint shows all.", counted(len(rest)+cut, "finding"), strings.Join(parts, ", "))
}

func (w Writer) dim(format string, args ...any) {
	w.Screen.Line(indent, terminal.Span{Style: terminal.Dim, Text: fmt.Sprintf(format, args...)})
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
