package keypolicy

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// neverHolds reports whether a condition of the statement certainly is false
// when the subject itself, not a service for it, calls PutKeyPolicy or
// GetKeyPolicy and does not ask to bypass the safety check.
func (who subject) neverHolds(s *statement) bool {
	for i := range s.conditions {
		if who.isFalse(&s.conditions[i]) {
			return true
		}
	}
	return false
}

func (who subject) isFalse(cond *condition) bool {
	op := cond.operator
	if !op.known() || cond.key == nil || len(cond.values) == 0 || op.set != single {
		return false
	}
	if op.compare == null {
		return nullIsFalse(cond)
	}
	switch cond.key.Lower {
	case "aws:principalarn":
		return who.arnIsFalse(cond)
	case "aws:principalaccount", "kms:calleraccount":
		return textIsFalse(cond, who.account)
	case "kms:bypasspolicylockoutsafetycheck", "aws:principalisawsservice", "aws:viaawsservice":
		return boolIsFalse(cond, "true")
	case "aws:securetransport": // KMS takes TLS only
		return boolIsFalse(cond, "false")
	}
	return absent(cond.key) && !op.negated && !op.ifExists
}

// boolIsFalse reports whether every value is the one that a direct call does
// not have. With IfExists a missing key would hold.
func boolIsFalse(cond *condition, never string) bool {
	if cond.operator.compare != boolIs || cond.operator.ifExists {
		return false
	}
	for _, v := range cond.values {
		if !strings.EqualFold(v.text, never) {
			return false
		}
	}
	return true
}

// arnIsFalse decides a comparison with aws:PrincipalArn, which every signed
// request has; for a session it is the ARN of the role. A session's own ARN
// does not tell the role's path.
func (who subject) arnIsFalse(cond *condition) bool {
	switch who.form {
	case rootForm, roleForm, userForm:
		return textIsFalse(cond, who.arn)
	}
	return false
}

// textIsFalse decides a comparison of texts with a value that is known.
func textIsFalse(cond *condition, value string) bool {
	op := cond.operator
	if value == "" || op.family != catalog.String && op.family != catalog.ARN {
		return false
	}
	matched := false
	for _, v := range cond.values {
		if strings.Contains(v.text, "${") {
			return false
		}
		matched = matched || op.matches(v.text, value)
	}
	return matched == op.negated
}

// matches compares as the operator does.
func (o operator) matches(pattern, value string) bool {
	switch o.compare {
	case equals:
		return pattern == value
	case equalsIgnoreCase:
		return strings.EqualFold(pattern, value)
	case like:
		return wildcard.Match(pattern, value) && (o.family != catalog.ARN || !o.negated || sameFields(pattern, value))
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
func nullIsFalse(cond *condition) bool {
	missing := absent(cond.key)
	if !missing && !cond.key.Is("aws:principalarn") {
		return false
	}
	for _, v := range cond.values {
		if strings.EqualFold(v.text, "true") == missing || !strings.EqualFold(v.text, "true") && !strings.EqualFold(v.text, "false") {
			return false
		}
	}
	return true
}
