package demo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
)

// want is what the result of a scene must be.
type want struct {
	events  []expected // in any order: two runs of the function may overtake each other
	puts    int        // PutKeyPolicy calls that KMS was sent
	inForce string     // the document that must be in force on the key afterwards
	// twice: what leads to the last event is delivered twice. Two batches may hold it,
	// and then there are two runs, each with its put and its event.
	twice bool
}

// expected is one result event. The zero value of a member means that there
// must be none, except for at, which is then not looked at.
type expected struct {
	outcome outcome.Type
	code    outcome.Code
	trigger string
	changed bool
	rules   []string // each must be among the findings; none: no finding may be worse than a warning
	at      string   // the text in the document that the first rule's finding must point to

	repair   outcome.Repair // of a drift
	author   string         // the end of the ARN that CloudTrail reported
	rollback bool           // the event says what it undoes
}

// seen is what the result is.
type seen struct {
	events   []outcome.Event
	puts     int
	inForce  string // as KMS gives it back
	document string // that was judged
}

// faults lists every difference between the two.
func (w want) faults(s seen) []string {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if last := len(w.events) - 1; w.twice && len(s.events) == len(w.events)+1 {
		w.events, w.puts = append(slices.Clone(w.events), w.events[last]), w.puts+1
	}
	if len(s.events) != len(w.events) {
		fault("%d result events came, expected %d", len(s.events), len(w.events))
	}
	left := slices.Clone(w.events)
	for _, e := range s.events {
		if len(left) == 0 {
			break
		}
		i := max(slices.IndexFunc(left, func(x expected) bool { return x.fits(e) }), 0)
		faults = append(faults, left[i].faults(e, s.document)...)
		left = slices.Delete(left, i, i+1)
	}
	if s.puts != w.puts {
		fault("KMS was sent %d PutKeyPolicy calls, expected %d", s.puts, w.puts)
	}
	if !keypolicy.SameText(s.inForce, w.inForce, "aws") {
		fault("the policy in force is\n%s\nexpected one that says the same as\n%s", s.inForce, w.inForce)
	}
	return faults
}

func (x expected) fits(e outcome.Event) bool {
	return x.outcome == e.Type && x.trigger == e.Detail.Data.Trigger && x.changed == e.Detail.Data.Changed
}

func (x expected) faults(e outcome.Event, document string) []string {
	var faults []string
	compare := func(what string, got, expected any) {
		if got != expected {
			faults = append(faults, fmt.Sprintf("%s is %v, expected %v", what, got, expected))
		}
	}
	data := e.Detail.Data
	got := outcome.Code("")
	if data.Error != nil {
		got = data.Error.Code
	}
	compare("the event", e.Type, x.outcome)
	compare("the code", got, x.code)
	compare("the trigger", data.Trigger, x.trigger)
	compare("changed", data.Changed, x.changed)
	compare("that it is a rollback", data.RollbackOf != "", x.rollback)
	if data.Drift != nil {
		compare("the repair", data.Drift.Repair, x.repair)
		compare("that it has an author", data.Drift.Author != nil, x.author != "")
	}
	if data.Drift != nil && data.Drift.Author != nil && !strings.HasSuffix(data.Drift.Author.ARN, x.author) {
		compare("the author", data.Drift.Author.ARN, x.author)
	}
	return append(faults, x.findingFaults(data.Findings, document)...)
}

func (x expected) findingFaults(findings []keypolicy.Finding, document string) []string {
	var faults []string
	byRule := map[string]keypolicy.Finding{}
	for _, f := range findings {
		if len(x.rules) == 0 && f.Severity > keypolicy.Warning {
			faults = append(faults, fmt.Sprintf("there is a finding %s at line %d: %s", f.Rule, f.Line, f.Message))
		}
		if _, known := byRule[f.Rule]; !known {
			byRule[f.Rule] = f
		}
	}
	for _, rule := range x.rules {
		if _, found := byRule[rule]; !found {
			faults = append(faults, fmt.Sprintf("there is no finding %s among %v", rule, findings))
		}
	}
	if x.at == "" || len(x.rules) == 0 {
		return faults
	}
	line, column := position(document, x.at)
	if f := byRule[x.rules[0]]; f.Line != line || f.Column != column {
		faults = append(faults, fmt.Sprintf("%s points to line %d, column %d; %s is at line %d, column %d", f.Rule, f.Line, f.Column, x.at, line, column))
	}
	return faults
}

// position is where text begins in a document, counted as an editor counts.
func position(document, text string) (line, column int) {
	before, _, found := strings.Cut(document, text)
	if !found {
		return 0, 0
	}
	line = 1 + strings.Count(before, "\n")
	return line, 1 + len([]rune(before[strings.LastIndexByte(before, '\n')+1:]))
}

// putCalls counts what KMS was asked, whatever it answered.
func putCalls(calls []fakeaws.Call) int {
	n := 0
	for _, c := range calls {
		if c.Service == "kms" && c.Action == "PutKeyPolicy" {
			n++
		}
	}
	return n
}
