package meaning

import (
	"slices"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
)

// Strangers writes the requests of callers whom nobody trusts as a policy that
// allows them: of no account that is trusted, nor the key's own; of no organization
// that is, nor the key's own, whichever it is; and no AWS service.
func Strangers(o *facts.Options) *decide.Policy {
	conditions := []decide.Condition{
		{Operator: "Bool", Key: "aws:PrincipalIsAWSService", Values: []string{"false"}},
		{Operator: "StringNotEquals", Key: "aws:PrincipalAccount", Values: trusted(o.Key.Account, "${aws:ResourceAccount}", o.TrustedAccounts)},
		{Operator: "StringNotEquals", Key: "aws:PrincipalOrgID", Values: trusted(o.Key.Org, "${aws:ResourceOrgID}", o.TrustedOrgs)},
	}
	return everything(append(conditions, outside("aws:PrincipalOrgPaths", o)...))
}

// Deputies writes the requests that AWS services make for customers whom nobody
// trusts, as far as aws:SourceAccount, aws:SourceArn and the organization tell; one
// that tells nothing is such a request.
func Deputies(o *facts.Options) *decide.Policy {
	accounts := trusted(o.Key.Account, "${aws:ResourceAccount}", o.TrustedAccounts)
	arns := make([]string, len(accounts))
	for i, account := range accounts {
		arns[i] = "arn:*:*:*:" + account + ":*"
	}
	conditions := []decide.Condition{
		{Operator: "Bool", Key: "aws:PrincipalIsAWSService", Values: []string{"true"}},
		{Operator: "StringNotEquals", Key: "aws:SourceAccount", Values: accounts},
		{Operator: "ArnNotLike", Key: "aws:SourceArn", Values: arns},
		{Operator: "StringNotEquals", Key: "aws:SourceOrgID", Values: trusted(o.Key.Org, "${aws:ResourceOrgID}", o.TrustedOrgs)},
	}
	return everything(append(conditions, outside("aws:SourceOrgPaths", o)...))
}

// trusted adds to a list what is the key's own; by a variable where it is not known.
func trusted(own, unknown string, list []string) []string {
	if own == "" {
		own = unknown
	}
	if slices.Contains(list, own) {
		return list
	}
	return append([]string{own}, list...)
}

// outside says that no path is one of an organization that is trusted.
func outside(key string, o *facts.Options) []decide.Condition {
	var paths []string
	for _, org := range trusted(o.Key.Org, "", o.TrustedOrgs) {
		if org != "" {
			paths = append(paths, org+"/*")
		}
	}
	if len(paths) == 0 {
		return nil
	}
	return []decide.Condition{{Operator: "ForAllValues:StringNotLike", Key: key, Values: paths}}
}

func everything(conditions []decide.Condition) *decide.Policy {
	return &decide.Policy{Variables: true, Statements: []decide.Statement{{
		Principals: []decide.Principal{{Kind: decide.AWS, Text: "*"}}, Actions: catalog.All, Resources: []string{"*"}, Conditions: conditions,
	}}}
}
