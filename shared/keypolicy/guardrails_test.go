package keypolicy_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// readGuardrails reads the sections baseline.json, assertion.json and
// exception.json of a case.
func (c *policyCase) readGuardrails(t testing.TB) {
	t.Helper()
	c.guardrails.Now = c.options.Now
	if text := c.section("baseline.json"); text != "" {
		b, findings, ok := keypolicy.ReadBaseline([]byte(text))
		if !ok {
			t.Fatalf("%s: baseline.json: %v", c.file, findings)
		}
		c.guardrails.Required = append(c.guardrails.Required, keypolicy.Requirement{Name: "a-baseline", File: "baseline.json", Baseline: b})
	}
	if text := c.section("assertion.json"); text != "" {
		var a struct {
			Name, Reason string
			Claim        string
			keypolicy.Assertion
		}
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			t.Fatalf("%s: assertion.json: %v", c.file, err)
		}
		a.Assertion.Claim = map[string]keypolicy.Claim{"can": keypolicy.Can, "cannot": keypolicy.Cannot, "only": keypolicy.Only}[a.Claim]
		c.guardrails.Required = append(c.guardrails.Required, keypolicy.Requirement{Name: a.Name, Reason: a.Reason, File: "assertion.json", Line: 1, Assertion: &a.Assertion})
	}
	if text := c.section("exception.json"); text != "" {
		e := keypolicy.Exception{At: "settings.yaml:3"}
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			t.Fatalf("%s: exception.json: %v", c.file, err)
		}
		c.guardrails.Exceptions = append(c.guardrails.Exceptions, e)
	}
}

func TestAnAssertionThatSaysNothingIsNeverProven(t *testing.T) {
	policy := mustParse(t, statements(proveRoot))
	for name, a := range map[string]keypolicy.Assertion{
		"a role of another partition": {Claim: keypolicy.Cannot, Who: []string{"arn:aws-cn:iam::111122223333:role/App"}, Actions: []string{"kms:Decrypt"}},
		"beside one that exists":      {Claim: keypolicy.Cannot, Who: []string{"service:logs.amazonaws.com", "arn:aws-cn:iam::111122223333:role/App"}, Actions: []string{"kms:Decrypt"}},
		"what is to be possible":      {Claim: keypolicy.Can, Who: []string{"arn:aws-cn:iam::111122223333:role/App"}, Actions: []string{"kms:Decrypt"}},
	} {
		if p, err := keypolicy.Assert(&a, policy, provenKey); err != nil || p.Verdict != keypolicy.Undecided || p.Reason == "" {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	unknown := keypolicy.Key{Region: "eu-west-1"}
	for _, who := range []string{"{account}", "arn:aws:iam::{account}:role/App", "arn:aws:iam::{account}:role/app/*"} {
		for _, claim := range []keypolicy.Claim{keypolicy.Can, keypolicy.Cannot} {
			a := keypolicy.Assertion{Claim: claim, Who: []string{who}, Actions: []string{"kms:Decrypt"}}
			if p, err := keypolicy.Assert(&a, policy, unknown); err != nil || p.Verdict != keypolicy.Undecided {
				t.Errorf("%s, whose account is not known: %+v, %v", who, p, err)
			}
		}
	}
}

// What only IAM decides is not known, so no pattern of roles is proven by it.
func TestARoleIsAllowedOnlyWhereThePolicyNamesIt(t *testing.T) {
	byAccount := mustParse(t, statements(proveRoot))
	byPattern := mustParse(t, statements(proveRoot, `{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/app/*"}}}`))
	for _, c := range []struct {
		who    string
		policy *keypolicy.Policy
		want   keypolicy.Verdict
	}{
		{"arn:aws:iam::{account}:role/app/*", byAccount, keypolicy.Undecided},
		{"arn:aws:iam::{account}:role/app/*", byPattern, keypolicy.Proven},
		{"arn:aws:iam::{account}:role/app/orders", byPattern, keypolicy.Proven},
		{"arn:aws:iam::{account}:role/other", byPattern, keypolicy.Undecided},
		{"arn:aws:iam::{account}:role/app/!~/orders", byPattern, keypolicy.Proven}, // the ends of what a path may have
		{"arn:aws:iam::{account}:root", byAccount, keypolicy.Proven},
		{"444455556666", byAccount, keypolicy.Refuted},
	} {
		a := keypolicy.Assertion{Claim: keypolicy.Can, Who: []string{c.who}, Actions: []string{"kms:Decrypt"}}
		if p, err := keypolicy.Assert(&a, c.policy, provenKey); err != nil || p.Verdict != c.want {
			t.Errorf("%s: %+v, %v; want %s", c.who, p, err, c.want)
		}
	}
}

func TestTheWitnessOfAnAssertionHasTheValuesThatItIsAbout(t *testing.T) {
	a := keypolicy.Assertion{Claim: keypolicy.Cannot, Who: []string{"{account}"}, Actions: []string{"kms:Decrypt"}, When: map[string][]string{
		"aws:MultiFactorAuthPresent": {"false"}, "aws:TagKeys": {"x"}, "aws:SourceVpce": {}}}
	p, err := keypolicy.Assert(&a, mustParse(t, statements(proveRoot)), provenKey)
	if err != nil || p.Verdict != keypolicy.Refuted {
		t.Fatalf("%+v, %v", p, err)
	}
	if got := strings.Join(keypolicy.WitnessContext(p.Witness), "; "); !strings.Contains(got, "aws:MultiFactorAuthPresent = false; aws:PrincipalAccount = 111122223333; aws:TagKeys = [x]") {
		t.Errorf("%s", got)
	}
}

// In a key policy the root's ARN names its account. What must be refused to the
// root must not be allowed to a role of that account.
func TestWhatTheRootCannotDoNobodyInItsAccountCan(t *testing.T) {
	policy := mustParse(t, statements(proveRoot, `{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:role/Reader"}, "Action": "kms:Decrypt", "Resource": "*"}`))
	a := keypolicy.Assertion{Claim: keypolicy.Cannot, Who: []string{"arn:aws:iam::444455556666:root"}, Actions: []string{"kms:Decrypt"}}
	if p, err := keypolicy.Assert(&a, policy, provenKey); err != nil || p.Verdict != keypolicy.Refuted || p.Witness.Principal != "arn:aws:iam::444455556666:role/Reader" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestEachFaultOfAnAssertionSaysWhatToWrite(t *testing.T) {
	for who, want := range map[string]string{
		"":      "not understood",
		"*":     "write anyone",
		"App":   "not understood",
		"11112": "12 digits",
		"org:x": "no organization", "org:o-*": "no organization",
		"service:": "no service principal", "service:logs": "no service principal", "service:Logs.amazonaws.com": "capital letters",
		"service:cloudtrial.amazonaws.com": "did you mean cloudtrail.amazonaws.com?", "service:*.example.com": "no AWS service",
		"arn:aws:iam":                                     "too few parts",
		"arn:aws:iam::1111:role/x":                        "not 12 digits",
		"arn:aws:iam::{acount}:role/x":                    "only {account}",
		"arn:aws:iam::111122223333:role/a b":              "a character",
		"arn:aws:iam::111122223333:group/x":               "of no principal",
		"arn:aws:iam::*:group/*":                          "no principal has an ARN like",
		"arn:aws:s3:::bucket":                             "not 12 digits",
		"arn:aws:s3:*:*:bucket/*":                         "no principal has an ARN like",
		"arn:aws:iam::1111*3333344444:role/x":             "no principal has an ARN like",
		"arn:aws:sts::111122223333:assumed-role/App/*":    "wildcard in a session",
		"arn:aws:iam::111122223333:instance-profile/x":    "of no principal",
		"arn:aws:lambda:eu-west-1:111122223333:function*": "no principal has an ARN like",
	} {
		a := keypolicy.Assertion{Claim: keypolicy.Only, Who: []string{who}, Actions: []string{"kms:Decrypt"}}
		faults := a.Faults()
		if len(faults) != 1 || !strings.Contains(faults[0].Message, want) {
			t.Errorf("%q: %v; want %q", who, faults, want)
		}
	}
	for _, who := range []string{"anyone", "{account}", "111122223333", "org:o-a1b2c3d4e5", "service:logs.eu-west-1.amazonaws.com", "service:*", "service:logs.*.amazonaws.com",
		"arn:aws:iam::{account}:root", "arn:aws:iam::*:role/app/*", "arn:*:iam::*:role/break-glass/*", "arn:aws-cn:iam::{account}:user/x", "arn:aws:iam::111122223333:*",
		"arn:aws:sts::111122223333:assumed-role/App/i-0123", "arn:aws:sts::111122223333:federated-user/bob", "arn:aws:sts::*:federated-user/*", "arn:aws:iam::1111*:role/x"} {
		a := keypolicy.Assertion{Claim: keypolicy.Only, Who: []string{who}, Actions: []string{"kms:Decrypt"}}
		if faults := a.Faults(); len(faults) > 0 {
			t.Errorf("%q: %v", who, faults)
		}
	}
	for action, want := range map[string]string{
		"kms:Decrpyt": "did you mean kms:Decrypt?", "kms:ListKeys": "does not govern", "s3:*": "no action of KMS fits", "Decrypt": "KMS has no action", "": "KMS has no action", "kms:Nothing*": "no action of KMS fits",
	} {
		a := keypolicy.Assertion{Claim: keypolicy.Only, Who: []string{"anyone"}, Actions: []string{action}}
		if faults := a.Faults(); len(faults) != 1 || !strings.Contains(faults[0].Message, want) {
			t.Errorf("%q: %v; want %q", action, faults, want)
		}
	}
	for key, want := range map[string]string{
		"aws:MultiFactorAuthPresnt": "did you mean aws:MultiFactorAuthPresent?", "MFA": "no condition key", "aws:PrincipalArn": "under who", "kms:CallerAccount": "under who",
	} {
		a := keypolicy.Assertion{Claim: keypolicy.Cannot, Who: []string{"anyone"}, Actions: []string{"kms:Decrypt"}, When: map[string][]string{key: {"x"}}}
		if faults := a.Faults(); len(faults) != 1 || !strings.Contains(faults[0].Message, want) || faults[0].Key != key {
			t.Errorf("%q: %v; want %q", key, faults, want)
		}
	}
}

func TestABaselineHasTheSyntaxOfResourceControlPolicies(t *testing.T) {
	for _, b := range baselines(t) {
		if _, findings, ok := keypolicy.ReadBaseline(b.text); !ok {
			t.Errorf("%s is refused: %v", b.name, findings)
		}
	}
	deny := func(members string) string {
		return `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"` + members + `}]}`
	}
	allow := func(actions, members string) string {
		return `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": ` + actions + `, "Resource": "*"` + members + `}]}`
	}
	if _, findings, ok := keypolicy.ReadBaseline([]byte(allow(`"*"`, ``))); !ok {
		t.Errorf("the statement that every account has is refused: %v", findings)
	}
	for text, want := range map[string]string{
		``:                         "",
		`[]`:                       "",
		deny(`, "Conditon": {}`):   "unknown-element",
		deny(`, "Effect": "Deny"`): "duplicate-member",
		deny(`, "NotAction": "x"`): "element-combination",
		deny(``) + deny(``):        "trailing-data",
		strings.Replace(deny(``), `"Version": "2012-10-17", `, ``, 1):                                     "version-invalid",
		strings.Replace(deny(``), "2012-10-17", "2008-10-17", 1):                                          "version-invalid",
		strings.Replace(deny(``), `"Deny"`, `"Allow"`, 1):                                                 "effect-invalid",
		allow(`"*"`, `, "Condition": {"Bool": {"aws:ViaAWSService": "true"}}`):                            "effect-invalid",
		allow(`["*", "kms:Decrypt"]`, ``):                                                                 "effect-invalid",
		strings.Replace(allow(`"*"`, ``), `"Action"`, `"NotAction"`, 1):                                   "effect-invalid",
		strings.Replace(deny(``), `"Principal": "*"`, `"Principal": {"AWS": "111122223333"}`, 1):          "principal-invalid",
		strings.Replace(deny(``), `"Principal": "*"`, `"NotPrincipal": "*"`, 1):                           "principal-invalid",
		strings.Replace(deny(``), `"Action"`, `"NotAction"`, 1):                                           "unknown-element",
		strings.Replace(deny(``), "kms:*", "kms:Decrypyt", 1):                                             "action-unknown",
		deny(`, "Condition": {"StringEqulas": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}`):                   "condition-operator-unknown",
		deny(`, "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgIDs": "o-a1b2c3d4e5"}}`):       "condition-key-unknown",
		deny(`, "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "${aws:ResourceOrgId"}}`): "variable-malformed",
		strings.Replace(deny(``), `"Resource": "*"`, `"Resource": "*", "Condition": "x"`, 1):              "wrong-type",
	} {
		_, findings, ok := keypolicy.ReadBaseline([]byte(text))
		if ok || len(findings) == 0 || want != "" && findings[0].Rule != want {
			t.Errorf("%s: %v, %v; want %s", text, ok, findings, want)
		}
	}
}

func TestAnExceptionCountsUntilItsEndAndIsWarnedOfTwoWeeksBefore(t *testing.T) {
	end := time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC)
	policy := statements(proveRoot, `{"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "kms:Decrypt", "Resource": "*"}`)
	for _, c := range []struct {
		now   time.Time
		rules string
	}{
		{end.Add(-15 * 24 * time.Hour), "exception-used"},
		{end.Add(-14 * 24 * time.Hour), "exception-used exception-ends"},
		{end.Add(-time.Second), "exception-used exception-ends"},
		{end, "untrusted-account"},
	} {
		g := keypolicy.Guardrails{Now: c.now, Exceptions: []keypolicy.Exception{{Rule: "untrusted-account", Owner: "payments", Reason: "A partner reads settlements.", Until: end, At: "settings.yaml:9"}}}
		r := g.Check(policy, keypolicy.Options{Key: provenKey})
		var rules []string
		for _, f := range r.Findings {
			if f.Severity >= keypolicy.Security || strings.HasPrefix(f.Rule, "exception") {
				rules = append(rules, f.Rule)
				if !strings.Contains(f.Message, "settings.yaml:9") || !strings.Contains(f.Message, "2027-06-30") {
					t.Errorf("%s: %s", c.now, f.Message)
				}
			}
		}
		refused := r.Reason(keypolicy.Warning, []string{"external-account"}) == keypolicy.Guardrail
		if strings.Join(rules, " ") != c.rules || refused != (c.rules == "untrusted-account") {
			t.Errorf("%s: %v, refused %v; want %s", c.now, rules, refused, c.rules)
		}
	}
}
