package keypolicy

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// hit returns a Deny that may take the action from the subject. What cannot be
// shown to pass it by counts as a hit: the price of a mistake is the key.
func (c *verdictChecker) hit(who subject, act catalog.Set) *statement {
	for i := range c.p.statements {
		s := &c.p.statements[i]
		if s.effect == deny && s.mayCover(act) && c.mayConcernKey(s) && who.mayBeDenied(s) && !who.neverHolds(s) {
			return s
		}
	}
	return nil
}

// mayCover reports whether a Deny is about the action. An Action list that
// holds names KMS does not have is about those that it has.
func (s *statement) mayCover(act catalog.Set) bool { return s.acts&act != 0 }

// mayConcernKey reports whether a Deny could be about this key.
func (c *verdictChecker) mayConcernKey(s *statement) bool {
	if s.notResource {
		for _, r := range s.resources {
			if c.o.Key.Fits(r.text) == facts.ThisKey {
				return false
			}
		}
		return true
	}
	for _, r := range s.resources {
		if c.o.Key.Fits(r.text) != facts.Elsewhere {
			return true
		}
	}
	return len(s.resources) == 0
}

// mayBeDenied reports whether the principals of a Deny could include the
// subject.
func (who subject) mayBeDenied(s *statement) bool {
	if s.notPrincipal {
		return !who.excepted(s)
	}
	for _, p := range s.principals {
		if who.mayBe(p) {
			return true
		}
	}
	return len(s.principals) == 0
}

// excepted reports whether NotPrincipal certainly leaves the subject out. A
// user needs its own ARN and its account's there. A role would need the ARN of
// each of its sessions, and leaving out the root alone still denies everybody
// whom the account allows something.
func (who subject) excepted(s *statement) bool {
	self, account := false, false
	for _, p := range s.principals {
		self = self || p.kind == awsPrincipal && p.text == who.arn
		account = account || p.kind == awsPrincipal && p.wholeAccount() && p.account == who.account
	}
	return who.form == userForm && self && account
}

// mayBe reports whether a principal of a Deny could be the subject.
func (who subject) mayBe(p principal) bool {
	switch {
	case p.kind == servicePrincipal:
		return p.form == anyone
	case p.kind == canonicalUser:
		return true // it may stand for the subject's account
	case p.form == anyone || strings.EqualFold(p.text, who.arn):
		return true
	case p.wholeAccount():
		return p.account == who.account || who.account == ""
	case who.form == rootForm:
		return p.form == malformed && strings.Contains(p.text, who.account)
	case p.kind == federatedPrincipal || p.form == uniqueID:
		return true // sessions and ids could be the subject's
	case p.form == assumedRole:
		return p.account == who.account && (who.form != roleForm || strings.EqualFold(awsid.SessionRole(p.text), awsid.RoleName(who.arn)))
	case p.form == who.form && p.account == who.account:
		// Names are unique in an account, whatever their path and case.
		return strings.EqualFold(awsid.RoleName(p.text), awsid.RoleName(who.arn))
	case p.form == malformed:
		return wildcard.Match(p.text, who.arn) || strings.Contains(p.text, who.arn)
	case who.form == assumedRole && p.form == roleForm:
		return p.account == who.account && strings.EqualFold(awsid.RoleName(p.text), awsid.SessionRole(who.arn))
	}
	return false
}
