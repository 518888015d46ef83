package meaning

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
)

// OwnAccount stands for the key's account in an assertion.
const OwnAccount = "{account}"

const arnParts = 6

// resolve puts the key's account in its place.
func resolve(who string, k facts.Key) string {
	return strings.ReplaceAll(who, OwnAccount, k.Account)
}

// Who writes a set of callers as a statement that allows them everything. The
// text must be without fault; see [Assertion.Faults].
func Who(text string, k facts.Key) decide.Statement {
	st := decide.Statement{Actions: catalog.All, Resources: []string{"*"}, Principals: []decide.Principal{{Kind: decide.AWS, Text: "*"}}}
	when := func(operator, key, value string) decide.Statement {
		st.Conditions = []decide.Condition{{Operator: operator, Key: key, Values: []string{value}}}
		return st
	}
	service, isService := strings.CutPrefix(text, "service:")
	org, isOrg := strings.CutPrefix(text, "org:")
	switch {
	case text == "anyone":
		return st
	case strings.Contains(text, OwnAccount) && k.Account == "":
		st.Unknown = "the account of the key is not known"
		return st
	case isOrg:
		return when("StringEquals", "aws:PrincipalOrgID", org)
	case isService && strings.ContainsAny(service, "*?"):
		return when("StringLike", "aws:PrincipalServiceName", service)
	case isService:
		st.Principals[0] = decide.Principal{Kind: decide.Service, Text: service}
		return st
	}
	text = resolve(text, k)
	switch {
	case awsid.IsAccount(text):
		return when("StringEquals", "aws:PrincipalAccount", text)
	case !strings.ContainsAny(text, "*?") && !strings.HasSuffix(text, ":root"):
		st.Principals[0].Text = text
		return st
	}
	return when("ArnLike", "aws:PrincipalArn", text) // a pattern, or the root, which would stand for its account
}
