package verdict

import (
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
)

// trust is who may be let in.
type trust struct {
	accounts, orgs []string
}

// trusted are those whom the options name, the key's own account and organization
// among them.
func (c *checker) trusted() trust {
	t := trust{accounts: slices.Clone(c.o.TrustedAccounts), orgs: slices.Clone(c.o.TrustedOrgs)}
	for _, own := range [...]struct {
		id   string
		list *[]string
	}{{c.o.Key.Account, &t.accounts}, {c.o.Key.Org, &t.orgs}, {c.o.OwnOrg, &t.orgs}} {
		if own.id != "" {
			*own.list = append(*own.list, own.id)
		}
	}
	return t
}

// and are these and those that a statement's conditions name.
func (t trust) and(named trust) trust {
	return trust{append(slices.Clone(t.accounts), named.accounts...), append(slices.Clone(t.orgs), named.orgs...)}
}

// namedIn lists the accounts and organizations that the conditions of a statement
// name.
func namedIn(s *document.Statement) trust {
	var t trust
	for i := range s.Conditions {
		cond := &s.Conditions[i]
		for _, v := range cond.Values {
			if account := accountIn(cond, v.Text); account != "" && !slices.Contains(t.accounts, account) {
				t.accounts = append(t.accounts, account)
			}
			if org := orgIn(cond, v.Text); awsid.IsOrganization(org) && !slices.Contains(t.orgs, org) {
				t.orgs = append(t.orgs, org)
			}
		}
	}
	return t
}

// accountIn returns the account that a value of a condition names, "" where it
// names none.
func accountIn(cond *document.Condition, text string) string {
	if cond.Key == nil {
		return ""
	}
	switch cond.Key.Lower {
	case "aws:principalaccount", "kms:calleraccount", "aws:sourceaccount", "aws:vpceaccount", "aws:sourceowner":
		if awsid.IsAccount(text) {
			return text
		}
	case "aws:principalarn", "aws:sourcearn", "aws:sourcevpcarn", "aws:arn", "kms:granteeprincipal", "kms:retiringprincipal":
		return awsid.AccountOf(text)
	case "kms:encryptioncontext:":
		if awsid.IsAccount(text) {
			return text
		}
		return awsid.AccountOf(text)
	}
	return ""
}

// orgIn returns the organization that a value of a condition is to name, "" where
// the key is about something else.
func orgIn(cond *document.Condition, text string) string {
	if cond.Key == nil || strings.HasPrefix(text, "${") {
		return ""
	}
	switch cond.Key.Lower {
	case "aws:principalorgid", "aws:sourceorgid", "aws:vpceorgid", "aws:principalorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths":
		org, _, _ := strings.Cut(text, "/")
		return org
	}
	return ""
}

// callers are the requests that come from somebody who is trusted: by account, by
// organization, or through a network of theirs.
func (t trust) callers() []decide.Statement {
	return statementsFor(slices.Concat(
		t.ofAccounts("aws:PrincipalAccount", "aws:VpceAccount"), t.arns("aws:SourceVpcArn"),
		t.ofOrgs("aws:PrincipalOrgID", "aws:PrincipalOrgPaths"), t.ofOrgs("aws:VpceOrgID", "aws:VpceOrgPaths")))
}

// sources are the requests that a service makes for somebody who is trusted.
func (t trust) sources() []decide.Statement {
	return statementsFor(slices.Concat(
		t.ofAccounts("aws:SourceAccount", "aws:SourceOwner"), t.arns("aws:SourceArn"),
		t.ofOrgs("aws:SourceOrgID", "aws:SourceOrgPaths")))
}

func statementsFor(conditions []decide.Condition) []decide.Statement {
	out := make([]decide.Statement, len(conditions))
	for i, c := range conditions {
		out[i] = allow(everybody, c)
	}
	return out
}

// ofAccounts makes a condition of each key. That of the key is trusted even where
// it is not known which it is.
func (t trust) ofAccounts(keys ...string) []decide.Condition {
	out := make([]decide.Condition, len(keys))
	for i, key := range keys {
		out[i] = when("StringEquals", key, append(slices.Clone(t.accounts), "${aws:ResourceAccount}")...)
	}
	return out
}

func (t trust) ofOrgs(id, paths string) []decide.Condition {
	if len(t.orgs) == 0 {
		return nil
	}
	below := make([]string, len(t.orgs))
	for i, org := range t.orgs {
		below[i] = org + "/*"
	}
	return []decide.Condition{when("StringEquals", id, t.orgs...), when("ForAnyValue:StringLike", paths, below...)}
}

func (t trust) arns(key string) []decide.Condition {
	if len(t.accounts) == 0 {
		return nil
	}
	return []decide.Condition{when("ArnLike", key, t.patterns()...)}
}

// patterns are what the ARNs of the accounts' resources look like.
func (t trust) patterns() []string {
	out := make([]string, len(t.accounts))
	for i, account := range t.accounts {
		out[i] = "arn:*:*:*:" + account + ":*"
	}
	return out
}
