// Package guardrail compares policies with what an installation requires of them:
// baselines and assertions.
//
// It exists apart from package verdict because these requirements are data of the
// installation, each with a name, a reason and a place of its own, while a rule is
// the same for everybody. A finding names both places: what in the policy violates
// the requirement, and where the requirement stands.
package guardrail

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/finding"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/meaning"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// Requirement is one guardrail: a baseline or an assertion.
type Requirement struct {
	Name   string
	Reason string // why it exists, as its author says; may be empty
	File   string
	Line   int // of the assertion; the lines of a baseline are its own

	Baseline  *document.Policy
	Assertion *meaning.Assertion
}

// Violations returns what there is to say of a policy that is not proven to be as
// required. An opaque policy is refused anyway, and nothing is said of it.
func (g *Requirement) Violations(p *document.Policy, k facts.Key, b *decide.Budget) []finding.Finding {
	if p.Opaque() {
		return nil
	}
	l := finding.Log{Source: p.Tree.Text, Tree: &p.Tree}
	if g.Baseline != nil {
		g.baseline(p, k, b, &l)
	} else {
		g.assertion(p, k, b, &l)
	}
	return l.Findings()
}

func (g *Requirement) baseline(p *document.Policy, k facts.Key, b *decide.Budget, l *finding.Log) {
	proof := meaning.Within(g.Baseline, p, k, b)
	if proof.Verdict == decide.Proven {
		return
	}
	ask := func(p *document.Policy, of int) decide.Proof {
		return meaning.Within(only(g.Baseline, func(i int) bool { return i == of }), p, k, b)
	}
	of := slices.IndexFunc(indices(g.Baseline), func(i int) bool { return ask(p, i).Verdict == proof.Verdict })
	if of < 0 {
		of = 0
	}
	if proof.Verdict == decide.Undecided {
		l.Value(&rule.BaselineViolated, whole(p), "It is not proven that the policy stays inside "+g.called()+" ("+g.at(of)+"): "+proof.Reason+". "+notProven)
		return
	}
	node := blamed(p, func(part *document.Policy) bool { return ask(part, of).Verdict == decide.Refuted })
	l.Witnessed(&rule.BaselineViolated, node, "The policy allows a request that "+g.called()+" ("+g.at(of)+") denies: "+Request(proof.Witness)+". "+
		"Remove the permission, or add a condition or a Deny that keeps such requests out.", proof.Witness)
}

const notProven = "What is not proven is refused. Write conditions that can be decided, or set what the reason names."

func (g *Requirement) assertion(p *document.Policy, k facts.Key, b *decide.Budget, l *finding.Log) {
	proof, err := meaning.Assert(g.Assertion, p, k, b)
	if err != nil {
		proof = decide.Proof{Verdict: decide.Undecided, Reason: err.Error()}
	}
	place := fmt.Sprintf("%s (%s:%d)", phrase.Quote(g.Name), g.File, g.Line)
	why := ""
	if g.Reason != "" {
		why = " The assertion's reason: " + strings.TrimSuffix(g.Reason, ".") + "."
	}
	switch {
	case proof.Verdict == decide.Proven:
	case proof.Verdict == decide.Undecided:
		l.Value(&rule.AssertionViolated, whole(p), "It is not proven that the policy is as the assertion "+place+" says: "+proof.Reason+"."+why+" "+notProven)
	case g.Assertion.Claim == meaning.Can:
		l.Witnessed(&rule.AssertionViolated, whole(p), "The policy refuses a request that the assertion "+place+" requires to be allowed: "+Request(proof.Witness)+"."+why+
			" Allow it, or delete the Deny that applies to it.", proof.Witness)
	default:
		node := blamed(p, func(part *document.Policy) bool {
			proof, err := meaning.Assert(g.Assertion, part, k, b)
			return err == nil && proof.Verdict == decide.Refuted
		})
		l.Witnessed(&rule.AssertionViolated, node, "The policy allows a request that the assertion "+place+" requires to be refused: "+Request(proof.Witness)+"."+why+
			" Remove the permission, or add a condition or a Deny that keeps such requests out.", proof.Witness)
	}
}

// called is how a message calls the baseline, which is named after its file.
func (g *Requirement) called() string {
	if g.Name == "baseline" {
		return "the baseline"
	}
	return "the baseline " + g.Name
}

// at is where a statement of the baseline stands.
func (g *Requirement) at(statement int) string {
	if statement >= len(g.Baseline.Statements) {
		return g.File
	}
	l := finding.Log{Source: g.Baseline.Tree.Text, Tree: &g.Baseline.Tree}
	l.Value(&rule.BaselineViolated, g.Baseline.Statements[statement].Node, "")
	return fmt.Sprintf("%s:%d", g.File, l.Findings()[0].Line)
}

// whole is where a finding about the policy as a whole stands.
func whole(p *document.Policy) int32 { return max(0, p.StatementsAt) }

// most is how many statements are asked one by one.
const most = 40

// blamed is the first statement that violates the requirement by itself, whatever the
// Deny statements take from it.
func blamed(p *document.Policy, violates func(*document.Policy) bool) int32 {
	if len(p.Statements) > most {
		return whole(p)
	}
	for i := range p.Statements {
		part := func(j int) bool { return i == j || p.Statements[j].Effect == document.Deny }
		if violates(only(p, part)) {
			return p.Statements[i].Node
		}
	}
	return whole(p)
}

// only is a policy with some of its statements.
func only(p *document.Policy, keep func(int) bool) *document.Policy {
	part := *p
	part.Statements = nil
	for i := range p.Statements {
		if keep(i) {
			part.Statements = append(part.Statements, p.Statements[i])
		}
	}
	return &part
}

func indices(p *document.Policy) []int {
	out := make([]int, min(most, len(p.Statements)))
	for i := range out {
		out[i] = i
	}
	return out
}
