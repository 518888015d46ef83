// Package meaning puts questions about parsed key policies to the decision
// procedure.
//
// It exists so that rules, differences of access, baselines and assertions all ask
// in the same way: package document knows what is written and where, package
// decide knows requests only, and here the one becomes the other.
package meaning

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
)

// Facts are what the procedure is told of the key.
func Facts(k facts.Key) decide.Facts {
	return decide.Facts{
		Partition: k.PartitionName(), Account: k.Account, Region: k.Region, ID: k.ID,
		Org: k.Org, Spec: k.Spec, Usage: k.Usage, Origin: k.Origin,
	}
}

// Policy reads a parsed policy for the procedure. The policy must not be opaque.
func Policy(p *document.Policy) *decide.Policy {
	out := &decide.Policy{Variables: p.Version == document.CurrentVersion}
	for i := range p.Statements {
		out.Statements = append(out.Statements, Statements(&p.Statements[i], i)...)
	}
	return out
}

// Statements reads one statement. What is not known of its actions makes a
// second one, which may apply or not.
func Statements(s *document.Statement, number int) []decide.Statement {
	st := decide.Statement{
		Number: number, Deny: s.Effect == document.Deny, NotPrincipal: s.NotPrincipal, NotResource: s.NotResource,
		Principals: principals(s.Principals), Conditions: conditions(s.Conditions),
	}
	for _, r := range s.Resources {
		st.Resources = append(st.Resources, r.Text)
	}
	if s.EmptyOperators > 0 {
		st.Unknown = "what IAM makes of an operator that compares nothing is not documented"
	}
	sure, unsure, text := actions(s)
	st.Actions = sure
	out := []decide.Statement{st}
	if unsure != 0 {
		st.Actions, st.Unknown = unsure, "what IAM makes of the action "+text+" is not documented"
		out = append(out, st)
	}
	return out
}

// actions returns the actions that a statement is about, and those that it may
// be about, with the entry that is to blame: IAM takes "*" or a service written
// out, and what else a pattern does is not documented.
func actions(s *document.Statement) (sure, unsure catalog.Set, text string) {
	for i := range s.Actions {
		a := &s.Actions[i]
		if a.Vague || a.Pattern && a.Text != "*" && !strings.Contains(a.Text, ":") {
			unsure |= a.Set
			text = a.Text
		} else {
			sure |= a.Set
		}
	}
	unsure &^= sure
	if s.NotAction {
		sure = catalog.All &^ sure &^ unsure
	}
	return sure, unsure, text
}

func principals(in []document.Principal) []decide.Principal {
	out := make([]decide.Principal, len(in))
	for i := range in {
		out[i] = decide.Principal{Kind: kinds[in[i].Kind], Text: in[i].Text}
	}
	return out
}

var kinds = [...]decide.PrincipalKind{
	document.AWSPrincipal: decide.AWS, document.ServicePrincipal: decide.Service,
	document.FederatedPrincipal: decide.Federated, document.CanonicalUser: decide.CanonicalUser,
}

func conditions(in []document.Condition) []decide.Condition {
	out := make([]decide.Condition, len(in))
	for i := range in {
		c := &in[i]
		values := make([]string, len(c.Values))
		for j, v := range c.Values {
			values[j] = v.Text
		}
		out[i] = decide.Condition{Operator: c.OpText, Key: c.Name, Values: values}
	}
	return out
}
