package settings

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/objectkey"
)

// CheckTrustedAccount checks an item of TRUSTED_ACCOUNTS.
func CheckTrustedAccount(v string) error {
	return valid(v, v == "*" || awsid.IsAccount(v), "12 digits, or * for every account")
}

// CheckAccount checks an account id.
func CheckAccount(v string) error { return valid(v, awsid.IsAccount(v), "12 digits") }

// CheckOrg checks an organization id, such as an item of TRUSTED_ORGS.
func CheckOrg(v string) error {
	id, ok := strings.CutPrefix(v, "o-")
	ok = ok && len(id) >= 10 && len(id) <= 32 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
	return valid(v, ok, "an organization id, such as o-a1b2c3d4e5")
}

// CheckPrincipal checks an item of BREAK_GLASS_PRINCIPALS, and WRITER_ROLE_ARN.
func CheckPrincipal(v string) error {
	return valid(v, isPrincipal(v), "the ARN of a role or user; {account} stands for the key's account")
}

func isPrincipal(v string) bool {
	p := strings.SplitN(v, ":", 6)
	return len(p) == 6 && p[0] == "arn" && p[1] != "" && p[2] == "iam" && p[3] == "" &&
		(p[4] == "{account}" || awsid.IsAccount(p[4])) && !strings.ContainsAny(p[5], "*? ") &&
		(longer(p[5], "role/") || longer(p[5], "user/"))
}

func longer(v, prefix string) bool { return strings.HasPrefix(v, prefix) && len(v) > len(prefix) }

// CheckAcceptedRule checks an item of ACCEPT_FINDINGS. Lockout, guardrails and
// documents that KMS would not take cannot be accepted.
func CheckAcceptedRule(v string) error {
	rule, ok := keypolicy.RuleByID(v)
	return valid(v, ok && rule.Acceptable(), "the id of a rule that may be accepted")
}

// CheckProtectedKey checks an item of PROTECTED_KEYS. An alias, or a key id that
// no key can have, would protect nothing.
func CheckProtectedKey(v string) error {
	arn, _ := objectkey.ParseARN(v)
	return valid(v, objectkey.IsKeyID(v) || objectkey.IsKeyID(arn.KeyID), "a key id or a key ARN, in lower case, and not an alias")
}

// severities are those that REJECT_AT takes.
var severities = []string{"security", "error", "warning"}

// ParseSeverity reads a value of REJECT_AT.
func ParseSeverity(v string) (keypolicy.Severity, error) {
	s, err := keypolicy.ParseSeverity(v)
	if err != nil || !slices.Contains(severities, v) {
		return keypolicy.Error, fmt.Errorf("%q; want one of %s", v, strings.Join(severities, ", "))
	}
	return s, nil
}

func valid(v string, ok bool, want string) error {
	if ok {
		return nil
	}
	return fmt.Errorf("%q; want %s", v, want)
}
