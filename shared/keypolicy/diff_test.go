package keypolicy_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

func parsed(t testing.TB, text string) *keypolicy.Policy {
	t.Helper()
	if text == "" {
		return nil
	}
	p, findings := keypolicy.Parse([]byte(text))
	if p == nil {
		t.Fatalf("reading policy: %+v", findings)
	}
	return p
}

func TestChangesAndAccessAreThoseOfTheCaseFiles(t *testing.T) {
	eachPair(t, "diff", func(t *testing.T, c policyCase) {
		old, new := parsed(t, c.section("old.json")), parsed(t, c.section("new.json"))
		var b strings.Builder
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		for _, change := range keypolicy.Diff(old, new, "aws") {
			_ = enc.Encode(change)
		}
		for _, access := range keypolicy.CompareAccess(old, new, benchOptions.Key) {
			_ = enc.Encode(access)
		}
		if *update {
			c.set(t, "changes", b.String())
		} else if want := c.section("changes"); b.String() != want {
			t.Errorf("%sgot:\n%swant:\n%s", c.archive.Comment, b.String(), want)
		}
	})
}

// What the differ says of access must agree with the evaluator: whoever gains
// an action without a condition was not always allowed it before, and whoever
// is said nothing of is allowed what they were.
func TestGainsAndLossesAreThoseThatTheEvaluatorSees(t *testing.T) {
	draw := rapid.Custom(func(t *rapid.T) map[string]any {
		return map[string]any{
			"Effect":    pick(t, "effect", "Allow", "Allow", "Deny"),
			"Principal": map[string]any{"AWS": someOf(t, "principal", breakGlass, "arn:aws:iam::111122223333:role/Other")},
			"Action":    someOf(t, "action", "kms:*", "kms:Decrypt", "kms:Encrypt", "kms:D*"),
			"Resource":  "*",
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		var texts [2][]byte
		for i := range texts {
			statements := rapid.SliceOfN(draw, 1, 4).Draw(t, "statements")
			text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
			if err != nil {
				t.Fatal(err)
			}
			texts[i] = text
		}
		old, _ := keypolicy.Parse(texts[0])
		new, _ := keypolicy.Parse(texts[1])
		changes := keypolicy.CompareAccess(old, new, benchOptions.Key)
		r := drawRequest(t, breakGlass)
		r.action = rapid.SampledFrom([]string{"kms:Decrypt", "kms:Encrypt", "kms:DescribeKey", "kms:Sign"}).Draw(t, "asked")
		was, is := allowedByPolicy(texts[0], r), allowedByPolicy(texts[1], r)
		gains, loses := false, false
		for _, c := range changes {
			if c.Principal == breakGlass {
				gains = contains(c.Gains, r.action)
				loses = contains(c.Loses, r.action)
			}
		}
		if gains != (is && !was) || loses != (was && !is) {
			t.Fatalf("%s: was %v, is %v, gains %v, loses %v:\n%s\n%s\n%+v", r.action, was, is, gains, loses, texts[0], texts[1], changes)
		}
	})
}

func contains(list []string, action string) bool {
	for _, a := range list {
		if a == action || a == "kms:*" {
			return true
		}
	}
	return false
}

func TestAPolicyIsNoChangeOfItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, _ := keypolicy.Parse(drawPolicy(t))
		if changes, access := keypolicy.Diff(p, p, "aws"), keypolicy.CompareAccess(p, p, benchOptions.Key); len(changes)+len(access) > 0 {
			t.Fatalf("changes %v, access %v", changes, access)
		}
	})
}

func TestStandingAndRepairersFollowTheRulesOfTheSafetyCheck(t *testing.T) {
	const account = `{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"`
	const role = `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/App"},"Action":"kms:PutKeyPolicy","Resource":"*"`
	mfa := `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`
	via := `,"Condition":{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}`
	deny := `{"Effect":"Deny","Principal":"*","Action":"kms:PutKeyPolicy","Resource":"*"`
	session := "arn:aws:sts::111122223333:assumed-role/App/me"
	tests := map[string]struct {
		statements, caller string
		want               keypolicy.Standing
		repairers          int
	}{
		"named directly":              {role + "}", "arn:aws:iam::111122223333:role/App", keypolicy.Keeps, 1},
		"a session of the role":       {role + "}", session, keypolicy.Keeps, 1},
		"through the account":         {account + "}", session, keypolicy.DependsOnIAM, 1},
		"under a condition":           {role + mfa + "}", session, keypolicy.DependsOnCondition, 0},
		"under one that never holds":  {role + via + "}", session, keypolicy.Fails, 0},
		"denied":                      {role + "}," + deny + "}", session, keypolicy.Fails, 0},
		"denied under a condition":    {role + "}," + deny + mfa + "}", session, keypolicy.DependsOnCondition, 0},
		"denied past by":              {role + "}," + deny + via + "}", session, keypolicy.Keeps, 1},
		"everybody":                   {`{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}`, session, keypolicy.DependsOnIAM, 0},
		"another account":             {account + "}", "arn:aws:iam::999988887777:role/App", keypolicy.Fails, 1},
		"somebody else":               {role + "}", "arn:aws:iam::111122223333:role/Other", keypolicy.Fails, 1},
		"directly and by the account": {role + "}," + account + "}", session, keypolicy.Keeps, 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := parsed(t, `{"Version":"2012-10-17","Statement":[`+test.statements+`]}`)
			if got := p.StandingOf(test.caller, lockoutOptions.Key); got != test.want {
				t.Errorf("standing %s, want %s", got, test.want)
			}
			if got := p.Repairers(lockoutOptions.Key); len(got) != test.repairers {
				t.Errorf("repairers %v, want %d", got, test.repairers)
			}
		})
	}
}
