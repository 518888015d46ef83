package verdict

import (
	"slices"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
)

// Standing says whether a caller would still be able to put the next policy,
// which KMS asks of the caller that puts this one.
type Standing string

const (
	Keeps              Standing = "PASS"
	Fails              Standing = "FAIL"
	DependsOnIAM       Standing = "DEPENDS_ON_IAM"       // only the account is allowed; the caller's IAM policy decides
	DependsOnCondition Standing = "DEPENDS_ON_CONDITION" // a condition decides that is not known here
)

// StandingOf judges kms:PutKeyPolicy for a caller (the ARN of a user, role or
// role session) as far as the key policy alone tells. An opaque policy fails.
func StandingOf(p *document.Policy, caller string, k facts.Key) Standing {
	who := newSubject(caller, nil)
	if p.Opaque() || who.account == "" || k.Account != "" && who.account != k.Account {
		return Fails
	}
	if k.Account == "" {
		k.Account = who.account
	}
	q := &questions{p: p, key: k, budget: decide.NewBudget()}
	requests, policy := []*decide.Policy{q.requests(who)}, q.whole()
	switch {
	case q.keeps(who, catalog.PutKeyPolicy).Verdict == decide.Proven:
		return Keeps
	case q.ask(append(requests, policy), nil, catalog.PutKeyPolicy, decide.AnyCallers).Verdict == decide.Proven:
		return Fails
	case q.ask(requests, []*decide.Policy{policy}, catalog.PutKeyPolicy, decide.IAMAllows).Verdict == decide.Proven:
		return DependsOnIAM
	}
	return DependsOnCondition
}

// Repairers lists the principals that certainly may put another policy: it is
// proven of each that every plain kms:PutKeyPolicy of theirs is allowed.
func Repairers(p *document.Policy, k facts.Key) []string {
	if p.Opaque() {
		return nil
	}
	q := &questions{p: p, key: k, budget: decide.NewBudget()}
	var out []string
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.Effect != document.Allow || s.NotPrincipal || s.Acts&catalog.PutKeyPolicy == 0 {
			continue
		}
		for j := range s.Principals {
			principal := &s.Principals[j]
			if principal.Account == "" || k.Account != "" && principal.Account != k.Account || principal.Form == document.Malformed {
				continue
			}
			who := newSubject(principal.Canonical(k.PartitionName()), nil)
			if !slices.Contains(out, who.arn) && q.keeps(who, catalog.PutKeyPolicy).Verdict == decide.Proven {
				out = append(out, who.arn)
			}
		}
	}
	slices.Sort(out)
	return out
}
