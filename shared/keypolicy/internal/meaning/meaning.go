// Package meaning puts questions about parsed key policies to the decision
// procedure.
//
// It exists so that rules, differences of access, baselines and assertions all ask
// in the same way: package document knows what is written and where, package
// decide knows requests only, and here the one becomes the other.
package meaning

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// Facts are what the procedure knows of the key.
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

// statement reads one statement, all but its actions.
func statement(s *document.Statement, number int) decide.Statement {
	st := decide.Statement{
		Number: number, Deny: s.Effect == document.Deny, NotPrincipal: s.NotPrincipal, NotResource: s.NotResource,
		Principals: principals(s.Principals), Conditions: conditions(s.Conditions),
	}
	for _, r := range s.Resources {
		st.Resources = append(st.Resources, r.Text)
	}
	if len(s.Bare) > 0 {
		st.Unknown = "what IAM does with an operator that compares nothing (" + joined(s.Bare) + ") is not documented"
	}
	return st
}

// Statements reads one statement. What is not known of its actions makes a
// second one, which may apply or not.
func Statements(s *document.Statement, number int) []decide.Statement {
	st := statement(s, number)
	sure, unsure := actions(s)
	st.Actions = sure
	out := []decide.Statement{st}
	bare := st.Unknown
	for _, u := range unsure {
		st.Actions, st.Unknown = u.set, strings.TrimPrefix(bare+"; what IAM does with "+u.entries+" is not documented", "; ")
		out = append(out, st)
	}
	return out
}

// unsure are actions that a statement is about or not, as IAM reads some entries. The
// same entries stand for the same doubt, in whatever policy, and others for another.
type unsure struct {
	set     catalog.Set
	entries string
}

// actions returns the actions that a statement is about, and those that it may be
// about: IAM takes "*" or a service written out, and what else a pattern does is not
// documented.
func actions(s *document.Statement) (sure catalog.Set, doubts []unsure) {
	vague := catalog.Set(0)
	for i := range s.Actions {
		if a := &s.Actions[i]; a.Vague {
			vague |= a.Set
		} else {
			sure |= a.Set
		}
	}
	vague &^= sure
	if s.NotAction {
		sure = catalog.All &^ sure &^ vague
	}
	element := map[bool]string{false: "the action ", true: "the exception of the action "}[s.NotAction]
	entries := vagueEntries(s)
	for rest := vague; rest != 0; rest &= rest - 1 {
		one := rest & -rest
		text := []byte(element)
		for i := range entries {
			if entries[i].set.Has(one) {
				text = append(append(text, entries[i].entries...), ", "...)
			}
		}
		text = bytes.TrimSuffix(text, []byte(", "))
		if at := slices.IndexFunc(doubts, func(u unsure) bool { return u.entries == string(text) }); at >= 0 {
			doubts[at].set |= one
			continue
		}
		doubts = append(doubts, unsure{one, string(text)})
	}
	return sure, doubts
}

// vagueEntries are the entries of which it is not known what IAM makes of them, sorted
// and in quotes, each once.
func vagueEntries(s *document.Statement) []unsure {
	var out []unsure
	for i := range s.Actions {
		if a := &s.Actions[i]; a.Vague {
			out = append(out, unsure{a.Set, wildcard.ToLower(a.Text)})
		}
	}
	slices.SortFunc(out, func(a, b unsure) int { return strings.Compare(a.entries, b.entries) })
	out = slices.CompactFunc(out, func(a, b unsure) bool { return a.entries == b.entries })
	for i := range out {
		out[i].entries = strconv.Quote(out[i].entries)
	}
	return out
}

// joined writes names sorted, each once, in quotes and in small letters.
func joined(names []string) string {
	small := make([]string, len(names))
	for i, name := range names {
		small[i] = strconv.Quote(wildcard.ToLower(name))
	}
	slices.Sort(small)
	return strings.Join(slices.Compact(small), ", ")
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
