package keypolicy_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

const strangerRole = "arn:aws:iam::999988887777:role/App"

// strangerValues are what the conditions below are compared with: own and
// strange, whole and hollow.
var strangerValues = []string{
	ownAccount, "999988887777", "1111*", "*", "", "o-abcdefghij", "o-zzzzzzzzzz", "o-*", "o-abcdefghij/r-1/*", "o-zzzzzzzzzz/*", "o-*/r-1/*",
	rootName, "arn:aws:iam::111122223333:role/*", "arn:aws:iam::*:role/App", strangerRole, "arn:aws:iam::9999*:role/App", "arn:*",
	"AROASTRANGER00000000:me", "AROA*", "*:me", "vpce-0123456789abcdef0", "vpce-*", "s3.eu-west-1.amazonaws.com", "app/1.0", "security",
}

func drawNarrowing(t *rapid.T) map[string]any {
	condition := map[string]any{}
	for range rapid.IntRange(1, 3).Draw(t, "conditions") {
		operator := rapid.SampledFrom([]string{"", "", "", "ForAllValues:", "ForAnyValue:"}).Draw(t, "set") +
			rapid.SampledFrom([]string{"StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "ArnLike", "ArnEquals", "ArnNotLike"}).Draw(t, "operator") +
			rapid.SampledFrom([]string{"", "", "IfExists"}).Draw(t, "suffix")
		key := rapid.SampledFrom([]string{"aws:PrincipalAccount", "kms:CallerAccount", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths",
			"aws:PrincipalArn", "aws:userid", "aws:SourceVpce", "aws:SourceAccount", "aws:SourceArn", "kms:ViaService", "aws:UserAgent",
			"aws:PrincipalTag/team", "kms:EncryptionContext:app"}).Draw(t, "key")
		condition[operator] = map[string]any{key: someOf(t, "value", strangerValues...)}
	}
	return condition
}

// drawStranger is a request of somebody in another account and organization,
// who tags, names and tells whatever helps.
func drawStranger(t *rapid.T) request {
	r := request{principal: strangerRole, action: "kms:Decrypt", resource: ownKey, context: map[string]string{
		"aws:principalarn": strangerRole, "aws:principalaccount": "999988887777", "kms:calleraccount": "999988887777",
		"aws:principalorgid": "o-zzzzzzzzzz", "aws:principalorgpaths": "o-zzzzzzzzzz/r-1/ou-1/", "aws:userid": "AROASTRANGER00000000:me",
	}}
	for _, key := range []string{"kms:viaservice", "aws:sourcevpce", "aws:useragent", "aws:principaltag/team", "kms:encryptioncontext:app"} {
		if rapid.Bool().Draw(t, "has "+key) {
			r.context[key] = rapid.SampledFrom(strangerValues).Draw(t, key)
		}
	}
	return r
}

func TestAStrangerGetsNothingFromAPolicyThatPassesTheGuardrails(t *testing.T) {
	options := lockoutOptions
	options.TrustedOrgs = []string{"o-abcdefghij"}
	passed := 0
	try := func(t *rapid.T) {
		statement := map[string]any{
			"Effect":    "Allow",
			"Principal": pick(t, "principal", "*", map[string]any{"AWS": "*"}, map[string]any{"AWS": []string{rootName, "*"}}, map[string]any{"AWS": strangerRole}, map[string]any{"AWS": "999988887777"}),
			"Action":    "kms:Decrypt", "Resource": "*",
		}
		if rapid.IntRange(0, 9).Draw(t, "has condition") > 0 {
			statement["Condition"] = drawNarrowing(t)
		}
		text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{statement}})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range keypolicy.Check(text, options).Findings {
			if rule, _ := keypolicy.RuleByID(f.Rule); rule.Class == keypolicy.ClassGuardrail {
				return
			}
		}
		passed++
		if r := drawStranger(t); allowedByPolicy(text, r) {
			t.Fatalf("no guardrail, but the stranger %v is let in by\n%s", r, text)
		}
	}
	for range 20 { // few conditions narrow enough to pass: a round of all refused ones says nothing
		if rapid.Check(t, try); passed > 0 {
			return
		}
	}
	if passed == 0 {
		t.Error("no policy passed the guardrails, so nothing was tested")
	}
}
