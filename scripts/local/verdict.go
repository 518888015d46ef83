package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
)

// verdict shows one result event. text is the document that it is about, for
// the lines that findings point to; nil where it is not at hand.
func (s screen) verdict(e outcome.Event, text []byte) {
	data := e.Detail.Data
	switch e.Type {
	case outcome.Applied:
		s.good(s.paint(bold, "Applied: ") + applied(data))
	case outcome.Rejected:
		s.refused(s.paint(bold, "Rejected") + code(data) + ": nothing was changed")
	case outcome.Planned:
		s.good(s.paint(bold, "Planned") + ": nothing was changed")
	default:
		s.failed(s.paint(bold, strings.TrimPrefix(string(e.Type), "KMS Key Policy ")) + code(data) + message(data))
	}
	if data.Error != nil && data.Error.Code == outcome.BadObjectKey && data.Object != nil {
		text = []byte(data.Object.Key) // it is the name that is at fault, and nothing else was read
	}
	s.findings(data.Findings, text)
	s.access(data)
}

func applied(d outcome.Data) string {
	proof := ""
	if v := d.Verification; v != nil {
		proof = fmt.Sprintf(", proven by %d reads in %d ms (trigger: %s)", v.Reads, v.ElapsedMS, d.Trigger)
	}
	if d.Changed {
		return "the new policy is in force" + proof
	}
	return "unchanged, this policy was in force already" + proof
}

func code(d outcome.Data) string {
	if d.Error == nil {
		return ""
	}
	return " (" + string(d.Error.Code) + ")"
}

func message(d outcome.Data) string {
	if d.Error == nil || d.Error.Message == "" {
		return ""
	}
	return ": " + d.Error.Message
}

// findings shows what is worth a line: remarks only where nothing else is said.
func (s screen) findings(all []keypolicy.Finding, text []byte) {
	worth := slices.DeleteFunc(slices.Clone(all), func(f keypolicy.Finding) bool { return f.Severity == keypolicy.Info })
	slices.SortStableFunc(worth, func(a, b keypolicy.Finding) int { return cmp.Compare(b.Severity, a.Severity) })
	for i, f := range worth {
		s.detail(fmt.Sprintf("line %d, column %d: %s [%s]", f.Line, f.Column, f.Message, f.Rule))
		last := i == len(worth)-1
		if last || worth[i+1].Line != f.Line || worth[i+1].Column != f.Column { // one mark for all that is said of a place
			s.caret(string(text), f.Line, f.Column)
		}
	}
}

func (s screen) access(d outcome.Data) {
	if !d.Changed && len(d.Changes) == 0 {
		return
	}
	for _, a := range d.Access {
		name := a.Principal[strings.LastIndexByte(a.Principal, ':')+1:]
		if len(a.Gains) > 0 {
			s.detail(name + " " + s.paint(green, "gains") + " " + strings.Join(a.Gains, ", "))
		}
		if len(a.Loses) > 0 {
			s.detail(name + " " + s.paint(red, "loses") + " " + strings.Join(a.Loses, ", "))
		}
	}
}
