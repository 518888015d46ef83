package verdict

import (
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
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
		c.Member(&rule.AllowNotPrincipal, s.PrincipalAt, "Allow with NotPrincipal opens the key to everybody in every account who is not named here; write a Principal list.")
	} else {
		c.publicAccess(s)
		for _, p := range s.Principals {
			c.trustAccount(p.Account, p.Node, "names a principal of")
		}
	}
	for i := range s.Conditions {
		c.trustCondition(&s.Conditions[i])
	}
}

// publicAccess reports a statement for everybody that no condition narrows.
func (c *checker) publicAccess(s *document.Statement) {
	i := slices.IndexFunc(s.Principals, func(p document.Principal) bool { return p.Form == document.Anyone })
	if i < 0 || narrowed(s) {
		return
	}
	message := "The statement opens the key to everybody in every account. Name principals, or add a condition such as \"StringEquals\": {\"aws:PrincipalOrgID\": \"o-…\"}."
	if len(s.Conditions) > 0 {
		message = "The statement opens the key to everybody in every account: none of its conditions pins down who may call (IfExists, ForAllValues, negated operators, wildcards and ids of networks or users do not). Name principals, or add StringEquals on aws:PrincipalOrgID, aws:PrincipalAccount or kms:CallerAccount."
	}
	c.Value(&rule.Public, s.Principals[i].Node, message)
}

// narrowed reports whether one of the conditions pins down who may call.
func narrowed(s *document.Statement) bool {
	for i := range s.Conditions {
		if narrows(&s.Conditions[i]) {
			return true
		}
	}
	return false
}

// narrows reports whether the condition leaves only callers of accounts or
// organizations that its values name.
func narrows(cond *document.Condition) bool {
	op := cond.Operator
	if !op.Known() || op.Negated || op.IfExists || op.Set == document.ForAll || len(cond.Values) == 0 || cond.Key == nil {
		return false
	}
	if op.Compare != document.Equals && op.Compare != document.EqualsIgnoreCase && op.Compare != document.Like {
		return false
	}
	for _, v := range cond.Values {
		if !pinsDown(cond.Key.Lower, v.Text) {
			return false
		}
	}
	return true
}

// pinsDown reports whether a value of that key names an account or organization
// for certain, so that it can be told whether it is trusted. The id of a network
// or of a user does not tell whose it is.
func pinsDown(key, value string) bool {
	switch key {
	case "aws:principalaccount", "kms:calleraccount", "aws:sourceaccount", "aws:vpceaccount":
		return awsid.IsAccount(value) || value == "${aws:ResourceAccount}"
	case "aws:principalorgid", "aws:sourceorgid", "aws:vpceorgid":
		return awsid.IsOrganization(value) || value == "${aws:ResourceOrgID}"
	case "aws:principalorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths":
		org, _, found := strings.Cut(value, "/")
		return found && awsid.IsOrganization(org)
	case "aws:principalarn", "aws:sourcearn", "aws:sourcevpcarn":
		return awsid.AccountOf(value) != ""
	}
	return false
}

// trustCondition checks the accounts and organizations that a condition lets
// in.
func (c *checker) trustCondition(cond *document.Condition) {
	if cond.Key == nil || cond.Operator.Negated || cond.Operator.Compare == document.Null {
		return
	}
	for _, v := range cond.Values {
		switch cond.Key.Lower {
		case "aws:principalaccount", "kms:calleraccount", "aws:sourceaccount", "aws:vpceaccount", "aws:sourceowner":
			if awsid.IsAccount(v.Text) {
				c.trustAccount(v.Text, v.Node, "lets in")
			}
		case "aws:principalarn", "aws:sourcearn", "aws:sourcevpcarn", "aws:arn":
			c.trustAccount(awsid.AccountOf(v.Text), v.Node, "lets in")
		case "kms:encryptioncontext:":
			c.trustAccount(awsid.AccountOf(v.Text), v.Node, "lets in data of")
		case "aws:principalorgid", "aws:sourceorgid", "aws:vpceorgid", "aws:principalorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths":
			c.trustOrg(v)
		}
	}
}

func (c *checker) trustAccount(account string, node int32, does string) {
	own := c.o.Key.Account
	if account == "" || own == "" || account == own || slices.Contains(c.o.TrustedAccounts, account) || slices.Contains(c.o.TrustedAccounts, "*") {
		return
	}
	c.Value(&rule.UntrustedAccount, node, "The statement "+does+" account "+account+", which is neither the key's own ("+own+") nor one of TRUSTED_ACCOUNTS (a house rule). Add it there if it is yours.")
}

func (c *checker) trustOrg(v document.Item) {
	org, _, _ := strings.Cut(v.Text, "/")
	if slices.Contains(c.o.TrustedOrgs, org) {
		return
	}
	if c.Node(v.Node).Kind != jsontree.String {
		return
	}
	c.Value(&rule.UntrustedOrg, v.Node, "The statement opens the key to the organization "+phrase.Quote(org)+", which is none of TRUSTED_ORGS (a house rule). Add it there if it is yours.")
}
