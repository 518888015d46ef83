package verdict

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// hit returns a Deny that may take the action from the subject. What cannot be
// shown to pass it by counts as a hit: the price of a mistake is the key.
func (c *checker) hit(who subject, act catalog.Set) *document.Statement {
	for i := range c.p.Statements {
		s := &c.p.Statements[i]
		if s.Effect == document.Deny && mayCover(s, act) && c.mayConcernKey(s) && who.mayBeDenied(s) && !who.neverHolds(s) {
			return s
		}
	}
	return nil
}

// mayCover reports whether a Deny is about the action. An Action list that
// holds names KMS does not have is about those that it has.
func mayCover(s *document.Statement, act catalog.Set) bool { return s.Acts&act != 0 }

// mayConcernKey reports whether a Deny could be about this key.
func (c *checker) mayConcernKey(s *document.Statement) bool {
	if s.NotResource {
		for _, r := range s.Resources {
			if c.o.Key.Fits(r.Text) == facts.ThisKey {
				return false
			}
		}
		return true
	}
	for _, r := range s.Resources {
		if c.o.Key.Fits(r.Text) != facts.Elsewhere {
			return true
		}
	}
	return len(s.Resources) == 0
}

// mayBeDenied reports whether the principals of a Deny could include the
// subject.
func (who subject) mayBeDenied(s *document.Statement) bool {
	if s.NotPrincipal {
		return !who.excepted(s)
	}
	for _, p := range s.Principals {
		if who.mayBe(p) {
			return true
		}
	}
	return len(s.Principals) == 0
}

// excepted reports whether NotPrincipal certainly leaves the subject out. A
// user needs its own ARN and its account's there. A role would need the ARN of
// each of its sessions, and leaving out the root alone still denies everybody
// whom the account allows something.
func (who subject) excepted(s *document.Statement) bool {
	self, account := false, false
	for _, p := range s.Principals {
		self = self || p.Kind == document.AWSPrincipal && p.Text == who.arn
		account = account || p.Kind == document.AWSPrincipal && p.WholeAccount() && p.Account == who.account
	}
	return who.form == document.UserForm && self && account
}

// mayBe reports whether a principal of a Deny could be the subject.
func (who subject) mayBe(p document.Principal) bool {
	switch {
	case p.Kind == document.ServicePrincipal:
		return p.Form == document.Anyone
	case p.Kind == document.CanonicalUser:
		return true // it may stand for the subject's account
	case p.Form == document.Anyone || strings.EqualFold(p.Text, who.arn):
		return true
	case p.WholeAccount():
		return p.Account == who.account || who.account == ""
	case who.form == document.RootForm:
		return p.Form == document.Malformed && strings.Contains(p.Text, who.account)
	case p.Kind == document.FederatedPrincipal || p.Form == document.UniqueID:
		return true // sessions and ids could be the subject's
	case p.Form == document.AssumedRole:
		return p.Account == who.account && (who.form != document.RoleForm || strings.EqualFold(awsid.SessionRole(p.Text), awsid.RoleName(who.arn)))
	case p.Form == who.form && p.Account == who.account:
		// Names are unique in an account, whatever their path and case.
		return strings.EqualFold(awsid.RoleName(p.Text), awsid.RoleName(who.arn))
	case p.Form == document.Malformed:
		return wildcard.Match(p.Text, who.arn) || strings.Contains(p.Text, who.arn)
	case who.form == document.AssumedRole && p.Form == document.RoleForm:
		return p.Account == who.account && strings.EqualFold(awsid.RoleName(p.Text), awsid.SessionRole(who.arn))
	}
	return false
}
