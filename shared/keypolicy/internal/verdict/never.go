package verdict

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// neverHolds reports whether a condition of the statement certainly is false
// when the subject itself, not a service for it, calls PutKeyPolicy or
// GetKeyPolicy and does not ask to bypass the safety check.
func (who subject) neverHolds(s *document.Statement) bool {
	for i := range s.Conditions {
		if who.isFalse(&s.Conditions[i]) {
			return true
		}
	}
	return false
}

func (who subject) isFalse(cond *document.Condition) bool {
	op := cond.Operator
	if !op.Known() || cond.Key == nil || len(cond.Values) == 0 || op.Set != document.Single {
		return false
	}
	if op.Compare == document.Null {
		return nullIsFalse(cond)
	}
	switch cond.Key.Lower {
	case "aws:principalarn":
		return who.arnIsFalse(cond)
	case "aws:principalaccount", "kms:calleraccount":
		return textIsFalse(cond, who.account)
	case "kms:bypasspolicylockoutsafetycheck", "aws:principalisawsservice", "aws:viaawsservice":
		return boolIsFalse(cond, "true")
	case "aws:securetransport": // KMS takes TLS only
		return boolIsFalse(cond, "false")
	}
	return absent(cond.Key) && !op.Negated && !op.IfExists
}

// boolIsFalse reports whether every value is the one that a direct call does
// not have. With IfExists a missing key would hold.
func boolIsFalse(cond *document.Condition, never string) bool {
	if cond.Operator.Compare != document.BoolIs || cond.Operator.IfExists {
		return false
	}
	for _, v := range cond.Values {
		if !strings.EqualFold(v.Text, never) {
			return false
		}
	}
	return true
}

// arnIsFalse decides a comparison with aws:PrincipalArn, which every signed
// request has; for a session it is the ARN of the role. A session's own ARN
// does not tell the role's path.
func (who subject) arnIsFalse(cond *document.Condition) bool {
	switch who.form {
	case document.RootForm, document.RoleForm, document.UserForm:
		return textIsFalse(cond, who.arn)
	}
	return false
}

// textIsFalse decides a comparison of texts with a value that is known.
func textIsFalse(cond *document.Condition, value string) bool {
	op := cond.Operator
	if value == "" || op.Family != catalog.String && op.Family != catalog.ARN {
		return false
	}
	matched := false
	for _, v := range cond.Values {
		if strings.Contains(v.Text, "${") {
			return false
		}
		matched = matched || matches(op, v.Text, value)
	}
	return matched == op.Negated
}

// matches compares as the operator does.
func matches(o document.Operator, pattern, value string) bool {
	switch o.Compare {
	case document.Equals:
		return pattern == value
	case document.EqualsIgnoreCase:
		return strings.EqualFold(pattern, value)
	case document.Like:
		return wildcard.Match(pattern, value) && (o.Family != catalog.ARN || !o.Negated || sameFields(pattern, value))
	}
	return false
}

// sameFields reports whether an ARN pattern matches field by field, as IAM
// compares ARNs. Where a match means "passes by", a star must not reach over a
// colon.
func sameFields(pattern, value string) bool {
	a, ok := awsid.SplitARN(pattern)
	b, known := awsid.SplitARN(value)
	return ok && known && wildcard.Match(a.Partition, b.Partition) && wildcard.Match(a.Service, b.Service) &&
		wildcard.Match(a.Region, b.Region) && wildcard.Match(a.Account, b.Account) && wildcard.Match(a.Resource, b.Resource)
}

// absent reports whether a direct call of PutKeyPolicy by a person or role
// certainly does not carry the key.
func absent(key *catalog.Key) bool {
	switch key.Lower {
	case "kms:viaservice", "aws:calledviafirst", "aws:calledvialast":
		return true
	}
	return key.Has(catalog.FromService) || key.Actions != 0 && key.Actions&(catalog.PutKeyPolicy|catalog.GetKeyPolicy) == 0
}

// nullIsFalse decides "the key is missing" where that is certain.
func nullIsFalse(cond *document.Condition) bool {
	missing := absent(cond.Key)
	if !missing && !cond.Key.Is("aws:principalarn") {
		return false
	}
	for _, v := range cond.Values {
		if strings.EqualFold(v.Text, "true") == missing || !strings.EqualFold(v.Text, "true") && !strings.EqualFold(v.Text, "false") {
			return false
		}
	}
	return true
}
