package verdict

import (
	"slices"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
)

// Standing says whether a caller would still be able to put the next policy,
// which is what KMS asks of whoever puts this one.
type Standing string

const (
	Keeps              Standing = "PASS"
	Fails              Standing = "FAIL"
	DependsOnIAM       Standing = "DEPENDS_ON_IAM"       // only the account is allowed; the caller's IAM policy decides
	DependsOnCondition Standing = "DEPENDS_ON_CONDITION" // a condition decides that cannot be judged from here
)

// StandingOf judges kms:PutKeyPolicy for a caller (the ARN of a user, role or
// role session) as far as the key policy alone tells. An opaque policy fails.
func StandingOf(p *document.Policy, caller string, k facts.Key) Standing {
	if p.Opaque() {
		return Fails
	}
	c := &checker{p: p, o: &facts.Options{Key: k}}
	who := newSubject(caller, nil)
	best := Fails
	for i := range p.Statements {
		if s := c.standing(who, &p.Statements[i]); rank(s) > rank(best) {
			best = s
		}
	}
	if d := c.hit(who, catalog.PutKeyPolicy); d != nil {
		if d.Conditionless() || best == Fails {
			return Fails
		}
		return DependsOnCondition
	}
	return best
}

func rank(s Standing) int {
	return slices.Index([]Standing{Fails, DependsOnCondition, DependsOnIAM, Keeps}, s)
}

// standing judges one Allow.
func (c *checker) standing(who subject, s *document.Statement) Standing {
	if s.Effect != document.Allow || s.NotPrincipal || s.NotResource || s.Acts&catalog.PutKeyPolicy == 0 || !c.coversKey(s) || who.neverHolds(s) {
		return Fails
	}
	best := Fails
	for _, p := range s.Principals {
		found := Fails
		switch {
		case p.Kind != document.AWSPrincipal || c.o.Key.Account != "" && who.account != c.o.Key.Account:
		case p.Text == who.arn || who.form == document.AssumedRole && p.Form == document.RoleForm && p.Account == who.account && awsid.RoleName(p.Text) == awsid.SessionRole(who.arn):
			found = Keeps
		case p.Form == document.Anyone || p.WholeAccount() && p.Account == who.account:
			// Whether "*" allows a caller whom IAM allows nothing is not
			// documented, so it counts as the account does.
			found = DependsOnIAM
		}
		if rank(found) > rank(best) {
			best = found
		}
	}
	if best != Fails && !s.Conditionless() {
		return DependsOnCondition
	}
	return best
}

// Repairers lists the principals that certainly may put another policy: each
// is allowed kms:PutKeyPolicy without a condition, and no Deny may reach it.
func Repairers(p *document.Policy, k facts.Key) []string {
	if p.Opaque() {
		return nil
	}
	c := &checker{p: p, o: &facts.Options{Key: k}}
	var out []string
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.Effect != document.Allow || s.Acts&catalog.PutKeyPolicy == 0 {
			continue
		}
		for j := range s.Principals {
			q := &s.Principals[j]
			if k.Account != "" && q.Account != k.Account || q.Form == document.Malformed {
				continue
			}
			who := newSubject(q.Canonical(k.PartitionName()), nil)
			if !slices.Contains(out, who.arn) && c.holder(who, catalog.PutKeyPolicy) != nil && c.hit(who, catalog.PutKeyPolicy) == nil {
				out = append(out, who.arn)
			}
		}
	}
	slices.Sort(out)
	return out
}
