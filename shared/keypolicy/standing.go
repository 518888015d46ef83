package keypolicy

import (
	"slices"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
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

// standingOf judges kms:PutKeyPolicy for a caller (the ARN of a user, role or
// role session) as far as the key policy alone tells. An opaque policy fails.
func standingOf(p *policy, caller string, k facts.Key) Standing {
	if p.Opaque() {
		return Fails
	}
	c := &verdictChecker{p: p, o: &facts.Options{Key: k}}
	who := newSubject(caller, nil)
	best := Fails
	for i := range p.statements {
		if s := c.standing(who, &p.statements[i]); rank(s) > rank(best) {
			best = s
		}
	}
	if d := c.hit(who, catalog.PutKeyPolicy); d != nil {
		if d.conditionless() || best == Fails {
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
func (c *verdictChecker) standing(who subject, s *statement) Standing {
	if s.effect != allow || s.notPrincipal || s.notResource || s.acts&catalog.PutKeyPolicy == 0 || !c.coversKey(s) || who.neverHolds(s) {
		return Fails
	}
	best := Fails
	for _, p := range s.principals {
		found := Fails
		switch {
		case p.kind != awsPrincipal || c.o.Key.Account != "" && who.account != c.o.Key.Account:
		case p.text == who.arn || who.form == assumedRole && p.form == roleForm && p.account == who.account && awsid.RoleName(p.text) == awsid.SessionRole(who.arn):
			found = Keeps
		case p.form == anyone || p.wholeAccount() && p.account == who.account:
			// Whether "*" allows a caller whom IAM allows nothing is not
			// documented, so it counts as the account does.
			found = DependsOnIAM
		}
		if rank(found) > rank(best) {
			best = found
		}
	}
	if best != Fails && !s.conditionless() {
		return DependsOnCondition
	}
	return best
}

// repairers lists the principals that certainly may put another policy: each
// is allowed kms:PutKeyPolicy without a condition, and no Deny may reach it.
func repairers(p *policy, k facts.Key) []string {
	if p.Opaque() {
		return nil
	}
	c := &verdictChecker{p: p, o: &facts.Options{Key: k}}
	var out []string
	for i := range p.statements {
		s := &p.statements[i]
		if s.effect != allow || s.acts&catalog.PutKeyPolicy == 0 {
			continue
		}
		for j := range s.principals {
			q := &s.principals[j]
			if k.Account != "" && q.account != k.Account || q.form == malformed {
				continue
			}
			who := newSubject(q.canonical(k.PartitionName()), nil)
			if !slices.Contains(out, who.arn) && c.holder(who, catalog.PutKeyPolicy) != nil && c.hit(who, catalog.PutKeyPolicy) == nil {
				out = append(out, who.arn)
			}
		}
	}
	slices.Sort(out)
	return out
}
