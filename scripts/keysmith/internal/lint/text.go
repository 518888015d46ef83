package lint

import (
	"bufio"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/rulebook"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// textReport prints each finding with its line and a mark under the place.
type textReport struct {
	out    *bufio.Writer
	screen *terminal.Screen // for what is wrapped where Out is a terminal
	lines  *terminal.Screen // for lines of policies, which are cut
	caller string

	tally  map[tallied]int
	hidden int
}

// tallied is what the summary counts.
type tallied struct {
	rule     string
	severity keypolicy.Severity
}

const (
	unwrapped  = 1 << 20 // what reads a file or a pipe wants each message on one line
	lineWidth  = 120     // of a line of a policy, in a file or a pipe
	marginLeft = 2
)

func newText(l *linter) *textReport {
	out := bufio.NewWriter(l.env.Out)
	wide, narrow := unwrapped, lineWidth
	if l.env.Columns > 0 {
		wide, narrow = l.env.Columns, l.env.Columns
	}
	return &textReport{
		out: out, caller: l.caller, tally: map[tallied]int{},
		screen: terminal.NewStyled(out, wide, l.colour()), lines: terminal.NewStyled(out, narrow, l.colour()),
	}
}

func styleOf(s keypolicy.Severity) terminal.Style {
	switch s {
	case keypolicy.Error, keypolicy.Security:
		return terminal.Red
	case keypolicy.Warning:
		return terminal.Yellow
	}
	return terminal.Blue
}

func (t *textReport) add(v verdict) error {
	for _, f := range v.Findings {
		if v.shown(f) {
			t.finding(v, f)
		} else {
			t.hidden++
		}
	}
	t.standing(v)
	t.refusals(v)
	return t.out.Flush()
}

// refusals says which policies of a file would be refused.
func (t *textReport) refusals(v verdict) {
	lines := []string{}
	for _, p := range v.parts {
		if p.reason != keypolicy.Accepted {
			lines = append(lines, v.File+": "+p.path+" would be refused: "+string(p.reason))
		}
	}
	if len(v.parts) == 0 && v.Reason != keypolicy.Accepted {
		lines = append(lines, v.File+" would be refused: "+string(v.Reason))
	}
	for _, line := range lines {
		t.screen.Line(0, terminal.Span{Style: terminal.Bold, Text: line})
	}
	if len(lines) > 0 {
		t.screen.Blank()
	}
}

// finding prints one finding. The link of a rule stands at its first one only.
func (t *textReport) finding(v verdict, f keypolicy.Finding) {
	style := styleOf(f.Severity)
	t.screen.Line(0, terminal.Span{Style: terminal.Bold, Text: fmt.Sprintf("%s:%d:%d: ", v.File, f.Line, f.Column)},
		terminal.Span{Style: style, Text: f.Severity.String() + " "}, terminal.Span{Style: terminal.Bold, Text: f.Rule}, terminal.Text("%s", t.inside(v, f)))
	t.screen.Line(marginLeft, terminal.Text("%s", f.Message))
	if f.Path != rulebook.PathOfName {
		if part, column, ok := v.places.around(f.Line, f.Column); ok {
			t.lines.CaretLine(marginLeft, f.Line, part, column, style)
		}
	}
	t.witness(f)
	if key := (tallied{f.Rule, f.Severity}); t.tally[key] == 0 && f.Link != "" {
		t.screen.Line(marginLeft, terminal.Span{Style: terminal.Dim, Text: f.Link})
	}
	t.tally[tallied{f.Rule, f.Severity}]++
	t.screen.Blank()
}

// witness prints the request that shows a finding, unless the message says it.
func (t *textReport) witness(f keypolicy.Finding) {
	if f.Witness == nil {
		return
	}
	line := keypolicy.WitnessLine(f.Witness)
	if strings.Contains(f.Message, line) {
		return
	}
	const most = 240 // a longer one stands in the JSON report
	if runes := []rune(line); len(runes) > most {
		line = string(runes[:most]) + "…"
	}
	t.screen.Line(marginLeft, terminal.Span{Style: terminal.Dim, Text: "Such a request: " + line})
}

// inside names the place of a finding in a template, which has several policies.
func (t *textReport) inside(v verdict, f keypolicy.Finding) string {
	if len(v.parts) == 0 || f.Path == "" {
		return ""
	}
	return " (" + f.Path + ")"
}

// standing tells who could change the policy again, where that was asked.
func (t *textReport) standing(v verdict) {
	if t.caller == "" {
		return
	}
	if len(v.parts) == 0 {
		t.callerOf(v.File, v.Standing, v.Repairers)
	}
	for _, p := range v.parts {
		t.callerOf(v.File+": "+p.path, p.standing, p.repairers)
	}
}

// callerOf tells it of one policy.
func (t *textReport) callerOf(name string, standing keypolicy.Standing, repairers []string) {
	if standing == "" {
		return
	}
	meaning := map[keypolicy.Standing]string{
		keypolicy.Keeps:              "may put the next policy",
		keypolicy.Fails:              "could not put the next policy, so KMS would refuse this one",
		keypolicy.DependsOnIAM:       "may put the next policy if an IAM policy allows it",
		keypolicy.DependsOnCondition: "may put the next policy if a condition holds that is not known here",
	}
	t.screen.Line(0, terminal.Span{Style: terminal.Bold, Text: name + ": " + string(standing) + ": "},
		terminal.Text("%s %s", t.caller, meaning[standing]))
	for _, r := range repairers {
		t.screen.Line(marginLeft, terminal.Text("certain to keep the key: %s", r))
	}
	t.screen.Blank()
}

func (t *textReport) close(sum totals) error {
	t.byRule()
	t.screen.Line(0, t.summary(sum)...)
	return t.out.Flush()
}

// byRule sums up what was found, the gravest and most frequent first.
func (t *textReport) byRule() {
	if len(t.tally) == 0 {
		return
	}
	rules := slices.SortedFunc(maps.Keys(t.tally), func(a, b tallied) int {
		return cmp.Or(cmp.Compare(b.severity, a.severity), cmp.Compare(t.tally[b], t.tally[a]), cmp.Compare(a.rule, b.rule))
	})
	digits := 1
	for _, n := range t.tally {
		digits = max(digits, len(strconv.Itoa(n)))
	}
	t.screen.Line(0, terminal.Text("By rule (keysmith explain RULE says more):"))
	for _, r := range rules {
		rule, _ := rulebook.ByID(r.rule)
		mark := terminal.Span{Style: styleOf(r.severity), Text: fmt.Sprintf("%*d %-8s", digits, t.tally[r], r.severity)}
		t.screen.Item(marginLeft, mark, terminal.Span{Style: terminal.Bold, Text: r.rule + ": "}, terminal.Text("%s", rule.Title))
	}
	t.screen.Blank()
}

func (t *textReport) summary(sum totals) []terminal.Span {
	if sum.policies == 0 {
		return []terminal.Span{terminal.Text("no policy was checked")}
	}
	spans := []terminal.Span{terminal.Text("%s, ", plural(sum.policies, "policy", "policies"))}
	if sum.refused == 0 {
		spans = append(spans, terminal.Span{Style: terminal.Green, Text: "none refused"})
	} else {
		spans = append(spans, terminal.Span{Style: terminal.Red, Text: fmt.Sprintf("%d refused", sum.refused)})
	}
	if sum.partly > 0 {
		spans = append(spans, terminal.Text(", "), terminal.Span{Style: terminal.Yellow, Text: fmt.Sprintf("%d checked in part only", sum.partly)})
	}
	counts := map[keypolicy.Severity]int{}
	for r, n := range t.tally {
		counts[r.severity] += n
	}
	separator := ": "
	for _, s := range []keypolicy.Severity{keypolicy.Error, keypolicy.Security, keypolicy.Warning, keypolicy.Info} {
		if counts[s] > 0 {
			spans = append(spans, terminal.Text("%s", separator), terminal.Span{Style: styleOf(s), Text: counted(counts[s], s)})
			separator = ", "
		}
	}
	if t.hidden > 0 {
		spans = append(spans, terminal.Text(" (%s not shown; --show info)", plural(t.hidden, "lesser finding", "lesser findings")))
	}
	return spans
}

// counted says how many findings of a severity there are.
func counted(n int, s keypolicy.Severity) string {
	if s == keypolicy.Error || s == keypolicy.Warning {
		return plural(n, s.String(), s.String()+"s")
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", n, s))
}
