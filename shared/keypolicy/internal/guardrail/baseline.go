package guardrail

import (
	"slices"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/finding"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/grammar"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// ReadBaseline reads a policy in the syntax of resource control policies and
// tells what is wrong with it: false where it cannot be used.
//
// Actions of other services are no fault, since one such policy is usually about
// several services, and neither are keys that only a key policy cannot have.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
func ReadBaseline(text []byte, p *document.Policy) ([]finding.Finding, bool) {
	l, found := document.Read(text, document.MaxSize, p)
	if !found {
		return l.Findings(), false
	}
	grammar.Check(p, &facts.Options{}, &l)
	b := baselineReader{Log: &l, p: p}
	b.version()
	for i := range p.Statements {
		b.statement(&p.Statements[i])
	}
	faults := slices.DeleteFunc(l.Findings(), func(f finding.Finding) bool { return f.Severity < rule.Error || slices.Contains(ofKeyPolicies, f.Rule) })
	return faults, len(faults) == 0 && !p.Opaque()
}

// ofKeyPolicies are rules that hold for key policies only.
var ofKeyPolicies = []string{rule.ActionForeign.ID, rule.ResourceOther.ID, rule.KeyRefused.ID}

type baselineReader struct {
	*finding.Log
	p *document.Policy
}

func (b *baselineReader) version() {
	const write = `write "Version": "2012-10-17", as every resource control policy has it.`
	switch {
	case b.p.VersionAt == jsontree.None:
		b.Value(&rule.VersionInvalid, 0, "The baseline has no Version, so its policy variables would be plain text; "+write)
	case b.p.Version != document.CurrentVersion:
		b.Value(&rule.VersionInvalid, b.p.VersionAt, "The baseline has an old Version, in which policy variables are plain text; "+write)
	}
}

// statement refuses what a resource control policy cannot say.
func (b *baselineReader) statement(s *document.Statement) {
	if s.Effect == document.Allow && !everything(s) {
		b.Member(&rule.EffectInvalid, s.EffectAt, `A baseline denies: an Allow in it would have no effect. Write "Effect": "Deny" for the requests to keep out.`)
	}
	if s.NotPrincipal || slices.ContainsFunc(s.Principals, func(p document.Principal) bool { return p.Form != document.Anyone }) {
		b.Member(&rule.PrincipalInvalid, s.PrincipalAt, `The Principal of a baseline is "*". Write "Principal": "*", and say in a condition, such as one on aws:PrincipalArn, whom the Deny is about.`)
	}
	if s.NotAction {
		b.Member(&rule.UnknownMember, s.ActionAt, "Resource control policies have no NotAction. Write the actions under Action.")
	}
}

// everything reports whether a statement is the one of RCPFullAWSAccess, which
// each account has.
func everything(s *document.Statement) bool {
	return !s.NotPrincipal && !s.NotAction && s.Conditionless() && len(s.Actions) == 1 && s.Actions[0].Text == "*"
}
