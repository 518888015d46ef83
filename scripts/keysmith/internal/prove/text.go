package prove

import (
	"bufio"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

var styles = map[keypolicy.Verdict]terminal.Style{
	keypolicy.Proven: terminal.Green, keypolicy.Refuted: terminal.Red, keypolicy.Undecided: terminal.Yellow,
}

// writeText lists what is not proven in full, and what is proven by its name.
func writeText(env cli.Env, colour bool, answers []answer) error {
	out := bufio.NewWriter(env.Out)
	width := env.Columns
	if width == 0 {
		width = 1 << 20 // what reads a pipe wants each message on one line
	}
	s := terminal.NewStyled(out, width, colour)
	count := map[keypolicy.Verdict]int{}
	for _, a := range answers {
		count[a.Verdict]++
		place := a.File
		if a.line > 0 {
			place = fmt.Sprintf("%s:%d:%d", a.File, a.line, a.column)
		}
		s.Line(0, terminal.Span{Style: terminal.Bold, Text: place + ": "}, terminal.Span{Style: styles[a.Verdict], Text: string(a.Verdict)})
		if a.Reason != "" {
			s.Line(2, terminal.Text("%s.", upper(strings.TrimSuffix(a.Reason, "."))))
		}
		witness(s, a.Witness)
	}
	if len(answers) > 1 {
		s.Blank()
		s.Line(0, terminal.Text("%d policies: %d proven, %d refuted, %d undecided",
			len(answers), count[keypolicy.Proven], count[keypolicy.Refuted], count[keypolicy.Undecided]))
	}
	return out.Flush()
}

// witness lays out a request, one part of it on a line.
func witness(s *terminal.Screen, w *keypolicy.Witness) {
	if w == nil {
		return
	}
	row := func(name, text string) {
		s.Verbatim(4, fmt.Sprintf("%-10s %s", name, text))
	}
	row("principal", w.Principal)
	row("action", w.Action)
	for i, line := range keypolicy.WitnessContext(w) {
		row([...]string{"context", ""}[min(i, 1)], line)
	}
}

func upper(text string) string {
	if strings.HasPrefix(text, "kms:") || strings.HasPrefix(text, "aws:") {
		return text // the name of a condition key
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
