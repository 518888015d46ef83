package demo

import (
	"slices"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
)

const (
	good  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}]}`
	same  = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["kms:*"],"Resource":"*"}}`
	other = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:Decrypt","Resource":"*"}]}`
)

// rejected is a scene whose outcome fits; each test spoils one thing of it.
func rejected() (want, seen) {
	e := outcome.Event{Type: outcome.Rejected}
	e.Detail.Data = outcome.Data{
		Trigger:  "upload",
		Error:    &outcome.Error{Code: outcome.InvalidPolicy},
		Findings: []keypolicy.Finding{{Rule: "unknown-element", Severity: keypolicy.Error, Line: 2, Column: 3}},
	}
	w := want{inForce: good, puts: 1, events: []expected{{
		outcome: outcome.Rejected, code: outcome.InvalidPolicy, trigger: "upload", rules: []string{"unknown-element"}, at: "Actoin",
	}}}
	return w, seen{events: []outcome.Event{e}, puts: 1, inForce: same, document: "{\n  Actoin\n}"}
}

func TestASceneWithTheExpectedResultHasNoFaults(t *testing.T) {
	if w, s := rejected(); len(w.faults(s)) > 0 {
		t.Error(w.faults(s))
	}
}

func TestEveryDifferenceIsAFault(t *testing.T) {
	for fault, spoil := range map[string]func(*want, *seen){
		"0 result events came":             func(_ *want, s *seen) { s.events = nil },
		"2 result events came":             func(_ *want, s *seen) { s.events = append(s.events, s.events[0]) },
		"the event is":                     func(_ *want, s *seen) { s.events[0].Type = outcome.Applied },
		"the code is LOCKOUT":              func(_ *want, s *seen) { s.events[0].Detail.Data.Error.Code = outcome.Lockout },
		"the code is , expected":           func(_ *want, s *seen) { s.events[0].Detail.Data.Error = nil },
		"the trigger is sweep":             func(_ *want, s *seen) { s.events[0].Detail.Data.Trigger = "sweep" },
		"changed is true":                  func(_ *want, s *seen) { s.events[0].Detail.Data.Changed = true },
		"there is no finding root":         func(w *want, _ *seen) { w.events[0].rules = append(w.events[0].rules, "root-lockout") },
		"there is a finding unknown":       func(w *want, _ *seen) { w.events[0].rules = nil },
		"points to line 3, column 3":       func(_ *want, s *seen) { s.events[0].Detail.Data.Findings[0].Line = 3 },
		"points to line 2, column 4":       func(_ *want, s *seen) { s.events[0].Detail.Data.Findings[0].Column = 4 },
		"sent 2 PutKeyPolicy calls":        func(_ *want, s *seen) { s.puts = 2 },
		"the policy in force is\n" + other: func(_ *want, s *seen) { s.inForce = other },
		"the policy in force is\n\n":       func(_ *want, s *seen) { s.inForce = "" },
	} {
		w, s := rejected()
		spoil(&w, &s)
		if got := strings.Join(w.faults(s), "; "); !strings.Contains(got, fault) {
			t.Errorf("got %q, want …%s…", got, fault)
		}
	}
}

func TestADriftMustHaveItsAuthorAndItsAnswer(t *testing.T) {
	scene := func(d outcome.Drift, rollback string) []string {
		e := outcome.Event{Type: outcome.DriftDetected}
		e.Detail.Data = outcome.Data{Trigger: "cloudtrail", Drift: &d, RollbackOf: rollback}
		return want{inForce: good, events: []expected{{outcome: outcome.DriftDetected, trigger: "cloudtrail", repair: outcome.RepairHeld, author: "assumed-role/on-call"}}}.
			faults(seen{events: []outcome.Event{e}, inForce: same})
	}
	onCall := &outcome.Author{ARN: "arn:aws:sts::111122223333:assumed-role/on-call"}
	if faults := scene(outcome.Drift{Repair: outcome.RepairHeld, Author: onCall}, ""); len(faults) > 0 {
		t.Error(faults)
	}
	for fault, got := range map[string][]string{
		"the repair is none, expected held": scene(outcome.Drift{Repair: outcome.RepairNone, Author: onCall}, ""),
		"that it has an author is false":    scene(outcome.Drift{Repair: outcome.RepairHeld}, ""),
		"the author is arn:aws:iam::1:user": scene(outcome.Drift{Repair: outcome.RepairHeld, Author: &outcome.Author{ARN: "arn:aws:iam::1:user/x"}}, ""),
		"that it is a rollback is true":     scene(outcome.Drift{Repair: outcome.RepairHeld, Author: onCall}, "v7"),
	} {
		if text := strings.Join(got, "; "); !strings.Contains(text, fault) {
			t.Errorf("got %q, want …%s…", text, fault)
		}
	}
}

func TestWhatArrivesTwiceMayLeadToOneRunOrTwo(t *testing.T) {
	one := outcome.Event{Type: outcome.Applied}
	one.Detail.Data = outcome.Data{Trigger: "upload"}
	w := want{inForce: good, puts: 1, twice: true, events: []expected{{outcome: outcome.Applied, trigger: "upload"}}}
	for runs, fits := range map[int]bool{0: false, 1: true, 2: true, 3: false} {
		if faults := w.faults(seen{events: slices.Repeat([]outcome.Event{one}, runs), puts: runs, inForce: same}); (len(faults) == 0) != fits {
			t.Errorf("%d runs: %v", runs, faults)
		}
	}
}

func TestEventsMayComeInAnyOrder(t *testing.T) {
	first, second := outcome.Event{Type: outcome.Applied}, outcome.Event{Type: outcome.Applied}
	first.Detail.Data = outcome.Data{Trigger: "upload"}
	second.Detail.Data = outcome.Data{Trigger: "request", Changed: true}
	w := want{inForce: good, events: []expected{
		{outcome: outcome.Applied, trigger: "request", changed: true},
		{outcome: outcome.Applied, trigger: "upload"},
	}}
	if faults := w.faults(seen{events: []outcome.Event{first, second}, inForce: same}); len(faults) > 0 {
		t.Error(faults)
	}
}

func TestOnlyPutsToKMSAreCounted(t *testing.T) {
	calls := []fakeaws.Call{
		{Service: "kms", Action: "PutKeyPolicy"},
		{Service: "kms", Action: "GetKeyPolicy"},
		{Service: "s3", Action: "PutKeyPolicy"},
		{Service: "kms", Action: "PutKeyPolicy", Error: "ThrottlingException"},
	}
	if n := putCalls(calls); n != 2 {
		t.Errorf("got %d", n)
	}
}
