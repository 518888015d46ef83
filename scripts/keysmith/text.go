package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// palette holds the escapes of a terminal, or nothing.
type palette struct{ red, yellow, green, blue, bold, dim, off string }

func newPalette(choice string, terminal bool) palette {
	if choice == "never" || choice == "auto" && !terminal {
		return palette{}
	}
	return palette{"\x1b[31m", "\x1b[33m", "\x1b[32m", "\x1b[34m", "\x1b[1m", "\x1b[2m", "\x1b[0m"}
}

func (p palette) of(s keypolicy.Severity) string {
	switch s {
	case keypolicy.Error, keypolicy.Security:
		return p.red
	case keypolicy.Warning:
		return p.yellow
	}
	return p.blue
}

// writeText prints each finding with its line and a mark under the place.
func (l *linter) writeText(out io.Writer, p palette, verdicts []verdict) error {
	w := bufio.NewWriter(out)
	tally := map[keypolicy.Severity]int{}
	hidden, refused := 0, 0
	for _, v := range verdicts {
		lines := strings.Split(string(v.text), "\n")
		for _, f := range v.Findings {
			if f.Severity < l.show {
				hidden++
				continue
			}
			tally[f.Severity]++
			writeFinding(w, p, v.File, lines, f)
		}
		l.writeStanding(w, p, v)
		if v.Reason != keypolicy.Accepted {
			refused++
			fmt.Fprintf(w, "%s%s would be refused: %s%s\n\n", p.bold, tame(v.File), v.Reason, p.off)
		}
	}
	fmt.Fprintln(w, summary(p, len(verdicts), refused, hidden, tally))
	return w.Flush()
}

// writeStanding tells who could change the policy again, where that was asked.
func (l *linter) writeStanding(w io.Writer, p palette, v verdict) {
	if l.caller == "" {
		return
	}
	meaning := map[keypolicy.Standing]string{
		keypolicy.Keeps:              "may put the next policy",
		keypolicy.Fails:              "could not put the next policy, so KMS would refuse this one",
		keypolicy.DependsOnIAM:       "may put the next policy if an IAM policy allows it",
		keypolicy.DependsOnCondition: "may put the next policy if a condition holds that cannot be judged from here",
	}
	fmt.Fprintf(w, "%s%s: %s%s: %s %s\n", p.bold, tame(v.File), v.Standing, p.off, l.caller, meaning[v.Standing])
	for _, r := range v.Repairers {
		fmt.Fprintf(w, "  certain to keep the key: %s\n", r)
	}
	fmt.Fprintln(w)
}

func writeFinding(w io.Writer, p palette, file string, lines []string, f keypolicy.Finding) {
	fmt.Fprintf(w, "%s%s:%d:%d:%s %s%s%s %s%s%s\n", p.bold, tame(file), f.Line, f.Column, p.off, p.of(f.Severity), f.Severity, p.off, p.bold, f.Rule, p.off)
	fmt.Fprintf(w, "  %s\n", f.Message)
	if f.Line <= len(lines) {
		shown, mark := excerpt(lines[f.Line-1], f.Column)
		fmt.Fprintf(w, "%s%6d |%s %s\n       %s|%s %s%s^%s\n", p.dim, f.Line, p.off, shown, p.dim, p.off, mark, p.of(f.Severity), p.off)
	}
	if f.Link != "" {
		fmt.Fprintf(w, "  %s%s%s\n", p.dim, f.Link, p.off)
	}
	fmt.Fprintln(w)
}

// tame replaces what a terminal could act on: names and texts of files are
// somebody else's.
func tame(text string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c >= 0x7f && c < 0xa0 {
			return ' '
		}
		return c
	}, text)
}

// excerpt cuts a line to what a terminal shows and returns the blanks that lead
// to the column.
func excerpt(line string, column int) (shown, mark string) {
	const width, before = 120, 60
	chars := []rune(strings.ToValidUTF8(strings.TrimRight(line, "\r"), "?"))
	from := 0
	if column > width-before {
		from = min(column-before, max(0, len(chars)-width))
	}
	chars = chars[min(from, len(chars)):]
	if len(chars) > width {
		chars = append(chars[:width:width], '…')
	}
	return tame(string(chars)), strings.Repeat(" ", max(0, column-1-from))
}

// counted says how many findings of a severity there are.
func counted(n int, s keypolicy.Severity) string {
	if n > 1 && (s == keypolicy.Error || s == keypolicy.Warning) {
		return fmt.Sprintf("%d %ss", n, s)
	}
	return fmt.Sprintf("%d %s", n, s)
}

func summary(p palette, files, refused, hidden int, tally map[keypolicy.Severity]int) string {
	var parts []string
	for s := keypolicy.Error; ; s-- {
		if n := tally[s]; n > 0 {
			parts = append(parts, p.of(s)+counted(n, s)+p.off)
		}
		if s == keypolicy.Info {
			break
		}
	}
	text := fmt.Sprintf("%d policies, %s%d refused%s", files, p.red, refused, p.off)
	if files == 1 {
		text = fmt.Sprintf("1 policy, %s%d refused%s", p.red, refused, p.off)
	}
	if refused == 0 {
		text = strings.ReplaceAll(text, p.red+"0 refused", p.green+"none refused")
	}
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	if hidden > 0 {
		lesser := "lesser findings"
		if hidden == 1 {
			lesser = "lesser finding"
		}
		text += fmt.Sprintf(" (%d %s not shown; -show info)", hidden, lesser)
	}
	return text
}
