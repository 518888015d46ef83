// Package verdict shows result events to a person: what the outcome is, whether
// anything was changed, why, and what to do.
package verdict

import (
	"fmt"
	"strings"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
)

// A Writer shows events on a screen.
type Writer struct {
	Screen *terminal.Screen
	// RejectAt is the function's setting: findings of this severity or worse
	// are marked as those that reject.
	RejectAt keypolicy.Severity
	// Show is the severity from which findings are shown. Those that reject are
	// always shown.
	Show keypolicy.Severity
	// File names the file that an object stands for, for commands to copy. It
	// may be nil.
	File func(object string) string
	// Restore is the command that stores an object again, so that keysmith puts
	// it. It may be nil, or not know one.
	Restore func(object string) string
}

// About is what is known of an event beside the event.
type About struct {
	// Document is the text that was judged, for the lines that findings point
	// to; nil where it is not at hand.
	Document []byte
	// Puts is how many policies KMS accepted from keysmith for the key since
	// the event before this one. It is proof of whether anything was changed.
	Puts int
}

const (
	indent = 4 // of what belongs to a verdict
	marked = 2 // of the mark of a verdict
)

var (
	good = terminal.Span{Style: terminal.Green, Text: "✔"}
	bad  = terminal.Span{Style: terminal.Red, Text: "✘"}
	note = terminal.Span{Style: terminal.Yellow, Text: "!"}
)

// Event shows one result event.
func (w Writer) Event(e outcome.Event, about About) {
	data := e.Detail.Data
	switch e.Type {
	case outcome.Applied:
		w.headline(good, "Applied", ": "+applied(data))
	case outcome.Rejected:
		w.headline(bad, "Rejected", code(data)+": nothing was changed")
	case outcome.Planned:
		w.headline(good, "Planned", ": nothing was changed"+planned(data))
	case outcome.Failed:
		w.failed(data, about)
	case outcome.DriftDetected:
		w.headline(note, "Drift Detected", ": KMS serves another policy than the bucket holds")
	case outcome.DriftResolved:
		w.headline(good, "Drift Resolved", ": KMS serves the policy of the bucket again")
	default:
		w.headline(note, strings.TrimPrefix(string(e.Type), "KMS Key Policy "), code(data)+message(data))
	}
	if e.Type == outcome.Rejected && len(data.Findings) == 0 {
		w.line("%s", message(data))
	}
	if data.RollbackOf != "" {
		w.line("The upload is a rollback of %s.", data.RollbackOf)
	}
	w.findings(e.Type, data, document(data, about))
	w.changes(e.Type, data)
	if e.Type == outcome.DriftDetected {
		w.drifted(data)
	}
}

func (w Writer) headline(mark terminal.Span, name, rest string) {
	w.Screen.Item(marked, mark, terminal.Span{Style: terminal.Bold, Text: name}, terminal.Text("%s", rest))
}

func (w Writer) line(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); text != "" {
		w.Screen.Line(indent, terminal.Text("%s", text))
	}
}

func applied(d outcome.Data) string {
	text := "unchanged, this policy was in force already"
	if d.Changed {
		text = "the new policy is in force"
	}
	if v := d.Verification; v != nil {
		text += fmt.Sprintf(", verified by %d equal reads in %d ms (trigger: %s)", v.Reads, v.ElapsedMS, d.Trigger)
	}
	return text
}

func planned(d outcome.Data) string {
	if len(d.Changes) == 0 {
		return ". This policy is in force already"
	}
	return ""
}

func code(d outcome.Data) string {
	if d.Error == nil {
		return ""
	}
	return " (" + string(d.Error.Code) + ")"
}

func message(d outcome.Data) string {
	if d.Error == nil {
		return ""
	}
	return d.Error.Message
}

// failed says whether anything was changed only where that is known: KMS may
// have taken a policy that could not be verified afterwards.
func (w Writer) failed(d outcome.Data, about About) {
	state := ": nothing was changed"
	switch {
	case len(d.Replicas) > 0:
		state = " for the set: " + replicas(d)
	case about.Puts > 0:
		state = ": KMS accepted the policy, but keysmith could not verify that it is in force"
	}
	w.headline(bad, "Failed", code(d)+state)
	w.line("%s", message(d))
	if d.Error != nil && d.Error.Retryable {
		w.line("keysmith tries again by itself.")
	}
}

// replicas says what became of each key of a multi-Region set.
func replicas(d outcome.Data) string {
	var list []string
	for _, r := range d.Replicas {
		list = append(list, r.Region+" "+r.Outcome)
	}
	return strings.Join(list, ", ")
}

// document is the text that the findings are about. Where the name is at fault,
// nothing else was read.
func document(d outcome.Data, about About) string {
	if d.Error != nil && d.Error.Code == outcome.BadObjectKey && d.Object != nil {
		return d.Object.Key
	}
	return string(about.Document)
}

// Subject is what an event is about, in the reader's words.
func Subject(e outcome.Event) string {
	data := e.Detail.Data
	switch key := data.Key; {
	case data.Object != nil && data.Object.Key != "":
		return data.Object.Key
	case key != nil && len(key.Aliases) > 0:
		return data.Trigger + " for " + strings.Join(key.Aliases, ", ")
	case key != nil && key.ARN != "":
		return data.Trigger + " for " + key.ARN
	case len(e.Resources) > 0:
		return data.Trigger + " for " + strings.Join(e.Resources, ", ")
	}
	return data.Trigger + " that names no key"
}
