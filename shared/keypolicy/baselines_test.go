package keypolicy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
	"pgregory.net/rapid"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// baseline is a policy in the syntax of resource control policies, with a key
// policy that stays inside it and, where there is one, one that does not.
type baseline struct {
	name                         string
	text, passes, fails, witness []byte
}

// baselines are those that AWS publishes, retold, and the examples that ship
// with keysmith.
func baselines(t *testing.T) []baseline {
	t.Helper()
	var all []baseline
	files, _ := filepath.Glob("testdata/baselines/*.txtar")
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil || !strings.Contains(string(a.Comment), "\nSource: https://") {
			t.Fatalf("%s: %v, or no source", file, err)
		}
		c := policyCase{archive: a}
		all = append(all, baseline{filepath.Base(file), []byte(c.section("baseline.json")), []byte(c.section("passes.json")), []byte(c.section("fails.json")), []byte(c.section("witness.json"))})
	}
	folders, _ := filepath.Glob("../guardrails/examples/*")
	for _, folder := range folders {
		var texts [4][]byte
		for i, name := range []string{"baseline.json", "passes.json", "fails.json", "witness.json"} {
			text, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			texts[i] = text
		}
		all = append(all, baseline{filepath.Base(folder), texts[0], texts[1], texts[2], texts[3]})
	}
	if len(files) < 6 || len(folders) < 6 {
		t.Fatalf("there are %d baselines of AWS's and %d examples", len(files), len(folders))
	}
	return all
}

// facts puts what is known of the key in place of variables.
func facts(text []byte) []byte {
	return []byte(strings.NewReplacer("${aws:ResourceOrgID}", "o-a1b2c3d4e5", "${aws:ResourceAccount}", ownAccount).Replace(string(text)))
}

// refuses reports whether the baseline denies the request.
func (b baseline) refuses(r request) bool {
	var p struct{ Statement []plainStatement }
	return json.Unmarshal(facts(b.text), &p) == nil && slices.ContainsFunc(p.Statement, func(s plainStatement) bool { return s.Effect == "Deny" && s.applies(r) })
}

func TestThePoliciesOfTheBaselinesAreKeyPolicies(t *testing.T) {
	for _, b := range baselines(t) {
		for what, text := range map[string][]byte{"passes": b.passes, "fails": b.fails} {
			if len(text) == 0 {
				continue
			}
			for _, f := range keypolicy.Check(facts(text), keypolicy.Options{Key: keypolicy.Key{Region: "eu-west-1"}}).Findings {
				// A policy can stay inside of a network and be refused for it.
				if f.Severity == keypolicy.Error && f.Rule != "root-lockout" {
					t.Errorf("%s, %s: %s", b.name, what, f.Message)
				}
			}
		}
		if p, findings := keypolicy.Parse(facts(b.text)); p == nil {
			t.Errorf("%s: %v", b.name, findings)
		}
	}
}

func TestTheWitnessOfABaselineIsAllowedByThePolicyAndRefusedByIt(t *testing.T) {
	for _, b := range baselines(t) {
		if len(b.fails) == 0 {
			continue
		}
		var w struct {
			Principal, Action string
			Context           map[string]string
		}
		if err := json.Unmarshal(b.witness, &w); err != nil {
			t.Fatalf("%s: %v", b.name, err)
		}
		r := request{principal: w.Principal, action: w.Action, resource: ownKey, context: map[string]string{}}
		for key, value := range w.Context {
			r.context[strings.ToLower(key)] = value
		}
		if !allowedByPolicy(facts(b.fails), r) || !b.refuses(r) {
			t.Errorf("%s: allowed by the policy is %v, refused by the baseline is %v", b.name, allowedByPolicy(facts(b.fails), r), b.refuses(r))
		}
		if allowedByPolicy(facts(b.passes), r) {
			t.Errorf("%s: the policy that should pass allows the witness", b.name)
		}
	}
}

func TestNoRequestThatAPassingPolicyAllowsIsRefusedByItsBaseline(t *testing.T) {
	all := baselines(t)
	rapid.Check(t, func(t *rapid.T) {
		r := drawBaselineRequest(t)
		for _, b := range all {
			if allowedByPolicy(facts(b.passes), r) && b.refuses(r) {
				t.Fatalf("%s: %+v", b.name, r)
			}
		}
	})
}

// drawBaselineRequest is a request such as the baselines tell apart. The own
// account is in the organization o-a1b2c3d4e5.
func drawBaselineRequest(t *rapid.T) request {
	r := request{resource: ownKey, context: map[string]string{"aws:securetransport": "true"}}
	r.action = rapid.SampledFrom([]string{"kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyPair", "kms:Encrypt", "kms:CreateGrant",
		"kms:ReEncryptFrom", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:DescribeKey"}).Draw(t, "action")
	maybe := func(key string, values ...string) {
		if v := rapid.SampledFrom(append(values, "")).Draw(t, key); v != "" {
			r.context[key] = v
		}
	}
	if rapid.Bool().Draw(t, "service") {
		r.principal = rapid.SampledFrom([]string{"cloudtrail.amazonaws.com", "logs.eu-west-1.amazonaws.com", "sns.amazonaws.com"}).Draw(t, "principal")
		r.context["aws:principalisawsservice"] = "true"
		maybe("aws:sourceaccount", ownAccount, "444455556666", "999988887777")
		maybe("aws:sourceorgid", "o-a1b2c3d4e5", "o-zzzzzzzzzz")
		maybe("aws:sourcearn", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/t", "arn:aws:cloudtrail:eu-west-1:999988887777:trail/t")
		maybe("kms:encryptioncontext:aws:logs:arn", "arn:aws:logs:eu-west-1:111122223333:log-group:g", "arn:aws:logs:eu-west-1:999988887777:log-group:g")
		return r
	}
	account := rapid.SampledFrom([]string{ownAccount, "444455556666", "999988887777"}).Draw(t, "account")
	r.principal = "arn:aws:iam::" + account + ":" + rapid.SampledFrom([]string{"root", "role/App", "role/app/orders", "role/break-glass/admin", "role/instances", "role/enclave-parent"}).Draw(t, "name")
	r.context["aws:principalisawsservice"], r.context["aws:principalarn"], r.context["aws:principalaccount"] = "false", r.principal, account
	if account == ownAccount {
		r.context["aws:principalorgid"] = "o-a1b2c3d4e5"
	} else {
		maybe("aws:principalorgid", "o-a1b2c3d4e5", "o-zzzzzzzzzz")
	}
	maybe("aws:principalorgpaths", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/", "o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/")
	maybe("aws:sourcevpc", "vpc-0123456789abcdef0", "vpc-ffffffffffffffff0")
	maybe("aws:sourceip", "203.0.113.9", "198.51.100.7")
	maybe("kms:grantisforawsresource", "true", "false")
	maybe("kms:bypasspolicylockoutsafetycheck", "true", "false")
	maybe("kms:recipientattestation:pcr0", strings.Repeat("0123456789ABCDEF", 6), strings.Repeat("0", 96))
	return r
}
