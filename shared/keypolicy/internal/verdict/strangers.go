package verdict

import (
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// guardrails checks whom an Allow lets in.
func (c *checker) guardrails(s *document.Statement) {
	if s.Effect != document.Allow {
		return
	}
	if s.NotPrincipal {
		c.Member(&rule.AllowNotPrincipal, s.PrincipalAt, "Allow with NotPrincipal opens the key to every principal in every account that is not listed. Write a Principal list.")
	} else {
		c.publicAccess(s)
		c.untrustedPrincipals(s)
	}
	for i := range s.Conditions {
		c.untrustedValues(s, &s.Conditions[i])
	}
}

// publicAccess asks for a request of somebody whom neither the options nor the
// statement names.
func (c *checker) publicAccess(s *document.Statement) {
	i := slices.IndexFunc(s.Principals, func(p document.Principal) bool { return p.Form == document.Anyone })
	if i < 0 || c.certainlyNarrow(s) {
		return
	}
	t := c.trusted().and(namedIn(s))
	proof := c.ask([]*decide.Policy{c.letsIn(only(s, i))}, []*decide.Policy{c.policy(append(t.callers(), t.sources()...)...)}, 0, decide.IAMAllows)
	switch {
	case proof.Verdict == decide.Proven:
	case len(s.Conditions) == 0:
		c.Witnessed(&rule.Public, s.Principals[i].Node, "The statement opens the key to every principal in every account. Name principals, or add a condition such as \"StringEquals\": {\"aws:PrincipalOrgID\": \"o-…\"}.", proof.Witness)
	case proof.Verdict == decide.Undecided:
		c.Value(&rule.Public, s.Principals[i].Node, "The statement names every principal in every account, and it is undecided whether its conditions limit who may call: "+proof.Reason+". "+remedyFor(proof.Reason)+"Name principals, or add StringEquals on aws:PrincipalOrgID, aws:PrincipalAccount or kms:CallerAccount.")
	default:
		c.Witnessed(&rule.Public, s.Principals[i].Node, "The statement opens the key to every principal in every account, because its conditions do not limit who may call. IfExists, ForAllValues, negated operators, wildcards and ids of networks or users do not limit that. Name principals, or add StringEquals on aws:PrincipalOrgID, aws:PrincipalAccount or kms:CallerAccount.", proof.Witness)
	}
}

// remedyFor says how to give what a question lacked, "" where it cannot.
func remedyFor(reason string) string {
	if strings.Contains(reason, "aws:ResourceOrgID") || strings.Contains(reason, "the organization of the key's account") {
		return "Set OWN_ORG (--own-org) if callers of the key's own organization are meant. "
	}
	return ""
}

// certainlyNarrow answers without a search where one condition says by plain
// values that all callers are trusted.
func (c *checker) certainlyNarrow(s *document.Statement) bool {
	for i := range s.Conditions {
		cond := &s.Conditions[i]
		op := cond.Operator
		if op.Negated || op.IfExists || op.Set != document.Single || op.Compare != document.Equals || len(cond.Values) == 0 {
			continue
		}
		certain := func(v document.Item) bool {
			switch {
			case cond.Key.Is("aws:principalorgid"):
				return c.trustsOrg(v.Text)
			case cond.Key.Is("aws:principalaccount"), cond.Key.Is("kms:calleraccount"):
				return accountIn(cond, v.Text) != ""
			}
			return false
		}
		if !slices.ContainsFunc(cond.Values, func(v document.Item) bool { return !certain(v) }) {
			return true
		}
	}
	return false
}

func (c *checker) trustsOrg(org string) bool {
	return org != "" && (org == c.o.OwnOrg || org == c.o.Key.Org || slices.Contains(c.o.TrustedOrgs, org))
}

func (c *checker) trustsAccount(account string) bool {
	own := c.o.Key.Account
	return own == "" || account == own || slices.Contains(c.o.TrustedAccounts, account) || slices.Contains(c.o.TrustedAccounts, "*")
}

// only is the statement with one of its principals.
func only(s *document.Statement, i int) *document.Statement {
	one := *s
	one.Principals = s.Principals[i : i+1]
	return &one
}

// untrustedPrincipals asks for a request of each principal of an account that is
// not trusted. What other statements deny does not count: they may go one day, and
// the name would stay.
func (c *checker) untrustedPrincipals(s *document.Statement) {
	for i := range s.Principals {
		p := &s.Principals[i]
		if p.Account == "" || c.trustsAccount(p.Account) || c.Full(&rule.UntrustedAccount) {
			continue
		}
		t := c.trusted()
		proof := c.ask([]*decide.Policy{c.policy(c.statement(only(s, i))...)}, []*decide.Policy{c.policy(t.callers()...)}, 0, decide.IAMAllows)
		c.untrusted(proof, p.Account, p.Node, "names a principal of")
	}
}

// untrusted reports an account unless it is proven that the statement does not
// let it in.
func (c *checker) untrusted(proof decide.Proof, account string, node int32, does string) {
	if proof.Verdict == decide.Proven {
		return
	}
	message := "The statement " + does + " account " + account + ", which is neither the key's own (" + c.o.Key.Account + ") nor one of TRUSTED_ACCOUNTS. Add it to TRUSTED_ACCOUNTS if you trust it; otherwise delete it."
	if proof.Verdict == decide.Undecided {
		message += " It is undecided whether the statement gives it access: " + proof.Reason + "."
	}
	c.Witnessed(&rule.UntrustedAccount, node, message, proof.Witness)
}

// untrustedValues asks, of each value that names an account or an organization
// that is not trusted, for a request with it.
func (c *checker) untrustedValues(s *document.Statement, cond *document.Condition) {
	if cond.Key == nil || cond.Operator.Compare == document.Null {
		return
	}
	for _, v := range cond.Values {
		account, org := accountIn(cond, v.Text), orgIn(cond, v.Text)
		switch {
		case account != "" && !c.trustsAccount(account):
			does := "gives access to"
			switch cond.Key.Lower {
			case "kms:encryptioncontext:":
				does = "accepts data of"
			case "kms:granteeprincipal", "kms:retiringprincipal":
				does = "allows grants to"
			}
			c.untrusted(c.with(s, cond, v.Text), account, v.Node, does)
		case org != "" && !c.trustsOrg(org) && c.Node(v.Node).Kind == jsontree.String:
			if proof := c.with(s, cond, v.Text); proof.Verdict != decide.Proven {
				c.Witnessed(&rule.UntrustedOrg, v.Node, "The statement opens the key to the organization "+phrase.Quote(org)+", which is not one of TRUSTED_ORGS. Add it to TRUSTED_ORGS if you trust it; otherwise delete it.", proof.Witness)
			}
		}
	}
}

// with looks for a request that a statement lets in and in which the key of a
// condition has a value.
func (c *checker) with(s *document.Statement, cond *document.Condition, value string) decide.Proof {
	operator := "StringLike"
	if cond.Operator.Set != document.Single {
		operator = "ForAnyValue:StringLike"
	}
	return c.ask([]*decide.Policy{c.policy(c.statement(s)...), c.policy(allow(everybody, when(operator, cond.Name, value)))}, nil, 0, decide.IAMAllows)
}
