package status

import (
	"bufio"
	"fmt"
	"strings"
	"time"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
)

var styles = map[State]terminal.Style{
	Contested: terminal.Red, Drifted: terminal.Red, Unreadable: terminal.Red, Failed: terminal.Red, Rejected: terminal.Red,
	Held: terminal.Yellow, Removed: terminal.Yellow, Unmanaged: terminal.Yellow, Pending: terminal.Cyan, InSync: terminal.Green,
}

func (r *reporter) text(f *Fleet) error {
	out := bufio.NewWriter(r.env.Out)
	width := r.env.Columns
	if width == 0 {
		width = 1 << 20 // what reads a pipe wants each message on one line
	}
	s := terminal.NewStyled(out, width, r.colour())
	listed := 0
	for _, k := range f.Keys {
		if k.State != InSync || r.all {
			k.line(s)
			listed++
		}
	}
	if listed > 0 {
		s.Blank()
	}
	s.Line(0, terminal.Text("%s", f.sentence()))
	s.Line(0, terminal.Text("%s", f.sweepSentence()))
	for _, note := range f.Notes {
		s.Line(0, terminal.Text("%s", note))
	}
	return out.Flush()
}

// line reports one key.
func (k *Key) line(s *terminal.Screen) {
	name := k.Object
	if name == "" {
		name = k.name()
	}
	rest := ""
	if !k.Since.IsZero() {
		rest = " since " + k.Since.UTC().Format("2006-01-02 15:04")
	}
	if k.Author != nil {
		rest += ", changed by " + k.Author.ARN
		if k.Author.SourceIP != "" {
			rest += " from " + k.Author.SourceIP
		}
	}
	if k.Code != "" {
		rest += ": " + string(k.Code)
	}
	if k.Message != "" {
		rest += ": " + k.Message
	}
	if k.Hold != nil {
		rest += k.Hold.words()
	}
	s.Item(0, terminal.Span{Style: styles[k.State], Text: fmt.Sprintf("%-10s", k.State)},
		terminal.Span{Style: terminal.Bold, Text: name}, terminal.Text("%s", rest))
	for _, words := range k.others() {
		s.Line(11, terminal.Text("%s", words))
	}
}

func (h *Hold) words() string {
	switch {
	case h.Fault != "":
		return "; a hold that cannot be read: " + h.Fault
	case h.Until.IsZero():
		return "; held without an end: " + h.Reason
	}
	return "; held until " + h.Until.UTC().Format("2006-01-02 15:04") + ": " + h.Reason
}

func (f *Fleet) sentence() string {
	parts := []string{fmt.Sprintf("%d keys", len(f.Keys))}
	switch len(f.Keys) {
	case 0:
		return "The bucket has no policies: upload some with `keysmith push`"
	case 1:
		parts[0] = "1 key"
	}
	for _, state := range States {
		if n := f.Summary[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	return strings.Join(parts, ", ")
}

func (f *Fleet) sweepSentence() string {
	switch {
	case f.Sweep == nil:
		return "No sweep has reported, so drift since the last event of each key is not known."
	case f.Sweep.Ended.IsZero():
		return "A sweep is under way."
	}
	text := "The last sweep ended " + f.Sweep.Ended.UTC().Format(time.RFC3339)
	if !f.Sweep.Complete {
		text += " and did not list all objects"
	}
	if n := len(f.Sweep.Failed); n > 0 {
		text += fmt.Sprintf("; %d of its steps failed, the first: %s", n, f.Sweep.Failed[0])
	}
	return strings.TrimSuffix(text, ".") + "."
}
