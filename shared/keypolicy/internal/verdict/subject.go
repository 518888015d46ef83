package verdict

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/meaning"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// subject is a principal whose permission is asked for.
type subject struct {
	arn     string
	account string
	form    document.Form
	rule    *rule.Rule // that it must keep the key
	// invented says that the account is someAccount, because the key's is not known.
	invented bool
}

func newSubject(arn string, rule *rule.Rule) subject {
	s := subject{arn: arn, rule: rule}
	s.form, s.account = document.AWSForm(arn)
	return s
}

// describe names the subject in a message.
func (who subject) describe() string {
	switch {
	case who.invented:
		return "the root of the key's account"
	case who.rule == &rule.RootLockout:
		return "the root of account " + who.account
	case who.rule == &rule.WriterLockout:
		return "keysmith's own role " + who.arn
	}
	return "the break-glass principal " + who.arn
}

// shownARN is the subject's ARN, with a place for the account where it is not known.
func (who subject) shownARN() string {
	if who.invented {
		return strings.Replace(who.arn, someAccount, "ACCOUNT_ID", 1)
	}
	return who.arn
}

// callers says what IAM allows the subject: the root needs nothing of it, and what
// it allows anybody else is not visible here.
func (who subject) callers() decide.Callers {
	if who.form == document.RootForm {
		return decide.IAMAllows
	}
	return decide.IAMSilent
}

// named reports whether an Allow names the subject: the root by its account, anybody
// else by ARN.
func (who subject) named(s *document.Statement) bool {
	for _, p := range s.Principals {
		if p.Kind == document.AWSPrincipal && (p.Text == who.arn || who.form == document.RootForm && (p.Form == document.Anyone || p.Form == document.AccountID && p.Account == who.account)) {
			return true
		}
	}
	return false
}

// requests are those that the subject sends itself: not a service for it, and
// without asking to bypass the lockout safety check.
func (q *questions) requests(who subject) *decide.Policy {
	plain := []decide.Condition{
		when("BoolIfExists", "kms:BypassPolicyLockoutSafetyCheck", "false"), when("Bool", "aws:ViaAWSService", "false"),
		when("Null", "kms:ViaService", "true"), when("Null", "aws:CalledVia", "true"),
		when("Null", "aws:CalledViaFirst", "true"), when("Null", "aws:CalledViaLast", "true"),
	}
	if who.form == document.RootForm {
		plain = append(plain, when("ArnEquals", "aws:PrincipalArn", who.arn))
	}
	return q.policy(allow([]decide.Principal{{Kind: decide.AWS, Text: who.arn}}, plain...))
}

// keeps reports whether every plain request of the subject for the action is
// allowed. Where the subject is not known to send any, that is undecided.
func (q *questions) keeps(who subject, act catalog.Set) decide.Proof {
	if q.certainlyKeeps(who, act) {
		return decide.Proof{Verdict: decide.Proven}
	}
	requests, policy := []*decide.Policy{q.requests(who)}, []*decide.Policy{q.directly(who)}
	proof := q.ask(requests, policy, act, who.callers())
	if proof.Verdict == decide.Proven && q.ask(requests, nil, act, who.callers()).Verdict != decide.Refuted {
		return decide.Proof{Verdict: decide.Undecided, Reason: "which requests " + who.arn + " sends is not known"}
	}
	return proof
}

// directly is the policy as it counts for a subject to whom IAM allows nothing.
// Whether "*" lets in such a caller is not documented, so it does not count.
func (q *questions) directly(who subject) *decide.Policy {
	p := meaning.Policy(q.p)
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.Deny {
			who.find(s)
			continue
		}
		if who.form == document.RootForm {
			continue
		}
		named := s.Principals[:0:0]
		for _, principal := range s.Principals {
			if principal.Text != "*" {
				named = append(named, principal)
			}
		}
		s.Principals = named
	}
	return p
}

// find makes a Deny name the subject where it names a principal whose name differs
// in path or letter case only: names are unique in an account regardless of both.
func (who subject) find(deny *decide.Statement) {
	if deny.NotPrincipal {
		return
	}
	for i := range deny.Principals {
		p := &deny.Principals[i]
		form, account := document.AWSForm(p.Text)
		name := awsid.RoleName(p.Text)
		if form == document.AssumedRole {
			name = awsid.SessionRole(p.Text)
		}
		own := awsid.RoleName(who.arn)
		if who.form == document.AssumedRole {
			own = awsid.SessionRole(who.arn)
		}
		session := who.form == document.AssumedRole || form == document.AssumedRole
		if p.Kind == decide.AWS && account == who.account && who.form != document.RootForm && strings.EqualFold(name, own) && (form == who.form && !session || session && form == document.RoleForm) {
			p.Text = who.arn
		}
	}
}
