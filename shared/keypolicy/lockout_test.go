package keypolicy_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

const (
	ownAccount = "111122223333"
	rootName   = "arn:aws:iam::111122223333:root"
	breakGlass = "arn:aws:iam::111122223333:role/ops/BreakGlass"
	ownKey     = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
)

var lockoutOptions = keypolicy.Options{
	Key:        keypolicy.Key{Account: ownAccount, Region: "eu-west-1", ID: "1234abcd-12ab-34cd-56ef-1234567890ab"},
	BreakGlass: []string{"arn:aws:iam::{account}:role/ops/BreakGlass"},
}

func pick(t *rapid.T, label string, from ...any) any {
	return rapid.SampledFrom(from).Draw(t, label)
}

func someOf(t *rapid.T, label string, from ...string) any {
	list := rapid.SliceOfNDistinct(rapid.SampledFrom(from), 1, 3, rapid.ID[string]).Draw(t, label)
	if len(list) == 1 && rapid.Bool().Draw(t, label+" alone") {
		return list[0]
	}
	return list
}

// drawStatement makes statements of the kinds that decide about a lockout, most
// of them near to the edge.
func drawStatement(t *rapid.T) map[string]any {
	s := map[string]any{"Effect": pick(t, "effect", "Allow", "Allow", "Deny")}
	principal := pick(t, "everybody", "*", map[string]any{"AWS": "*"}, nil, nil, nil, nil)
	if principal == nil {
		principal = map[string]any{"AWS": someOf(t, "principal", rootName, ownAccount, breakGlass,
			"arn:aws:iam::111122223333:role/Other", "arn:aws:iam::111122223333:user/ops", "arn:aws:iam::999988887777:root")}
	}
	s[pick(t, "principal element", "Principal", "Principal", "Principal", "NotPrincipal").(string)] = principal
	s[pick(t, "action element", "Action", "Action", "Action", "NotAction").(string)] = someOf(t, "action",
		"kms:*", "*", "kms:PutKeyPolicy", "kms:Put*", "KMS:putkeypolic?", "kms:Decrypt", "kms:Get*", "kms:*Policy", "k*:PutKeyPolicy", "*:*")
	s[pick(t, "resource element", "Resource", "Resource", "Resource", "Resource", "NotResource").(string)] = someOf(t, "resource",
		"*", "*", ownKey, "arn:aws:kms:*:111122223333:key/*", "arn:aws:kms:eu-west-1:111122223333:key/other")
	if rapid.Bool().Draw(t, "has condition") {
		s["Condition"] = drawCondition(t)
	}
	return s
}

func drawCondition(t *rapid.T) map[string]any {
	condition := map[string]any{}
	for range rapid.IntRange(1, 2).Draw(t, "conditions") {
		operator := pick(t, "operator", "StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "ArnEquals", "ArnLike",
			"ArnNotEquals", "ArnNotLike", "Bool", "Null", "StringEqualsIfExists", "StringNotEqualsIfExists", "BoolIfExists").(string)
		key, values := "", any(nil)
		switch operator {
		case "Bool", "BoolIfExists", "Null":
			key = pick(t, "key", "kms:BypassPolicyLockoutSafetyCheck", "aws:PrincipalIsAWSService", "aws:ViaAWSService",
				"aws:SecureTransport", "aws:MultiFactorAuthPresent", "kms:GrantIsForAWSResource", "aws:PrincipalArn", "kms:ViaService").(string)
			values = pick(t, "boolean", "true", "false", true)
		default:
			key = pick(t, "key", "aws:PrincipalArn", "aws:PrincipalArn", "AWS:principalarn", "aws:PrincipalAccount", "kms:CallerAccount",
				"kms:ViaService", "aws:SourceArn", "aws:SourceVpce", "aws:PrincipalOrgID", "aws:PrincipalTag/team").(string)
			values = someOf(t, "value", rootName, breakGlass, "arn:aws:iam::111122223333:role/*", "arn:aws:iam::*:role/ops/*",
				"arn:aws:iam::*", "*", ownAccount, "999988887777", "vpce-0123456789abcdef0", "o-abcdefghij", "security")
		}
		condition[operator] = map[string]any{key: values}
	}
	return condition
}

func drawPolicy(t *rapid.T) []byte {
	statements := []any{map[string]any{"Effect": "Allow", "Principal": map[string]any{"AWS": []string{rootName, breakGlass}}, "Action": "kms:*", "Resource": "*"}}
	if rapid.IntRange(0, 3).Draw(t, "drop the safe statement") == 0 {
		statements = nil
	}
	for range rapid.IntRange(1, 4).Draw(t, "statements") {
		statements = append(statements, drawStatement(t))
	}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		t.Fatalf("writing policy: %v", err)
	}
	return text
}

// drawRequest is any plain PutKeyPolicy that the principal could send.
func drawRequest(t *rapid.T, principal string) request {
	r := request{principal: principal, action: "kms:PutKeyPolicy", resource: ownKey, context: map[string]string{
		"aws:principalarn": principal, "aws:principalaccount": ownAccount, "kms:calleraccount": ownAccount,
		"aws:principalisawsservice": "false", "aws:viaawsservice": "false", "aws:securetransport": "true",
	}}
	for key, values := range map[string][]string{
		"kms:bypasspolicylockoutsafetycheck": {"", "false"},
		"aws:multifactorauthpresent":         {"", "true", "false"},
		"aws:sourcevpce":                     {"", "vpce-0123456789abcdef0", "vpce-ffffffffffffffff0"},
		"aws:principalorgid":                 {"", "o-abcdefghij", "o-zzzzzzzzzz"},
		"aws:principaltag/team":              {"", "security", "data"},
	} {
		v := rapid.SampledFrom(values).Draw(t, key)
		if root := strings.HasSuffix(principal, ":root"); v != "" && !(root && strings.HasPrefix(key, "aws:principaltag/")) { // the root user has no tags
			r.context[key] = v
		}
	}
	return r
}

func found(findings []keypolicy.Finding, rule string) bool {
	return slices.ContainsFunc(findings, func(f keypolicy.Finding) bool { return f.Rule == rule })
}

func TestWhereNoLockoutIsFoundEveryPlainRequestOfTheRootAndOfBreakGlassPasses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawPolicy(t)
		report := keypolicy.Check(text, lockoutOptions)
		for rule, principal := range map[string]string{"root-lockout": rootName, "break-glass-lockout": breakGlass} {
			if found(report.Findings, rule) {
				continue
			}
			if r := drawRequest(t, principal); !allowedByPolicy(text, r) {
				t.Fatalf("%s was not found, but the request %v is denied by\n%s", rule, r, text)
			}
		}
	})
}

func TestWithoutConditionsTheVerdictIsThatOfTheEvaluator(t *testing.T) {
	plain := rapid.Custom(func(t *rapid.T) map[string]any {
		return map[string]any{
			"Effect":    pick(t, "effect", "Allow", "Deny"),
			"Principal": map[string]any{"AWS": someOf(t, "principal", rootName, breakGlass, "arn:aws:iam::111122223333:role/Other")},
			"Action":    someOf(t, "action", "kms:*", "kms:Put*", "kms:Decrypt", "kms:G*"),
			"Resource":  "*",
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		statements := rapid.SliceOfN(plain, 1, 4).Draw(t, "statements")
		text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
		if err != nil {
			t.Fatalf("writing policy: %v", err)
		}
		lost := found(keypolicy.Check(text, lockoutOptions).Findings, "root-lockout")
		if kept := allowedByPolicy(text, drawRequest(t, rootName)); kept == lost {
			t.Fatalf("the evaluator says kept=%v, the check says lost=%v, of\n%s", kept, lost, text)
		}
	})
}
