package keypolicy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// TestWhatIsLookedForInMuchIsFoundUpToItsLimit has the largest text of each kind in which
// something is still looked for, and one that is larger by one.
func TestWhatIsLookedForInMuchIsFoundUpToItsLimit(t *testing.T) {
	many := func(n int, form string) []string {
		out := make([]string, n)
		for i := range out {
			out[i] = fmt.Sprintf(form, i)
		}
		return out
	}
	list := func(texts ...string) string { return `"` + strings.Join(texts, `", "`) + `"` }
	for name, c := range map[string]struct {
		most   int
		policy func(n int) []byte
		rule   string
		says   string
	}{
		"conditions of a statement": {12, func(n int) []byte {
			context := strings.Join(many(n-1, `"kms:EncryptionContext:k%d": "v"`), ", ")
			return statements(proveRoot, appDecrypts(`"StringEquals": {`+context+`}, "NumericGreaterThanEqualsIfExists": {"aws:MultiFactorAuthAge": "0"}`))
		}, "condition-redundant", "aws:MultiFactorAuthAge"},
		"statements": {128, func(n int) []byte {
			apps := many(n-3, `{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/App%d"}, "Action": "kms:Decrypt", "Resource": "*"}`)
			return statements(append(apps, proveRoot, appDecrypts(""), appDecrypts(""))...)
		}, "statement-redundant", "says the same"},
		"values": {64, func(n int) []byte {
			return statements(proveRoot, appDecrypts(`"StringLike": {"kms:EncryptionContext:app": [`+list(append(many(n-2, "b%02d"), "a*", "ab")...)+`]}`))
		}, "value-redundant", `"ab" is covered by "a*"`},
		"actions": {128, func(n int) []byte {
			actions := append(many(n-1, "kms:None%d"), "kms:*", "kms:Decrypt")
			return statements(proveRoot, strings.Replace(appDecrypts(""), `"kms:Decrypt"`, "["+list(actions...)+"]", 1))
		}, "action-redundant", "kms:Decrypt is covered by kms:*"},
		"findings of a rule": {50, func(n int) []byte {
			return statements(proveRoot, strings.Replace(appDecrypts(""), `"kms:Decrypt"`, "["+list(many(n, "kms:None%02d")...)+"]", 1))
		}, "action-unknown", ""},
	} {
		for n, want := range map[int]bool{c.most: true, c.most + 1: false} {
			text := c.policy(n)
			found := slices.ContainsFunc(keypolicy.Check(text, keypolicy.Options{Key: provenKey}).Findings, func(f keypolicy.Finding) bool {
				if c.says == "" { // all are listed, or the rest is counted
					return f.Rule == "more-findings"
				}
				return f.Rule == c.rule && strings.Contains(f.Message, c.says)
			})
			if len(text) > keypolicy.MaxSize || found != (want != (c.says == "")) {
				t.Errorf("%d %s: found is %v", n, name, found)
			}
		}
	}
	partners := list(many(33, "4444555566%02d")...)
	for _, f := range keypolicy.Check(statements(proveRoot, `{"Effect": "Allow", "Principal": {"AWS": [`+partners+`]}, "Action": "kms:Decrypt", "Resource": "*"}`), keypolicy.Options{Key: provenKey}).Findings {
		if f.Rule == "external-account" && !strings.Contains(f.Message, "444455556603 and 28 more") {
			t.Errorf("of 33 accounts: %s", f.Message)
		}
	}
}

// TestPatternsOfManyActionsAreTheSameUpToALimit holds the form of a policy against that
// of one without an action that a pattern covers.
func TestPatternsOfManyActionsAreTheSameUpToALimit(t *testing.T) {
	with := func(n int, more ...string) keypolicy.Canonical {
		actions := append([]string{}, more...)
		for i := range n - len(more) {
			actions = append(actions, fmt.Sprintf("kms:None%d", i))
		}
		text := strings.Replace(appDecrypts(""), `"kms:Decrypt"`, `["`+strings.Join(actions, `", "`)+`"]`, 1)
		return mustParse(t, statements(proveRoot, text)).Canonical("aws")
	}
	if with(2, "kms:*DataKey*", "kms:GenerateDataK*").Equal(with(1, "kms:*DataKey*")) {
		t.Error("a pattern is covered by one that will not stand for all that it may stand for")
	}
	if !with(2, "kms:*Data**Key*", "kms:Gen*DataKeyPair*").Equal(with(1, "kms:*Data**Key*")) {
		t.Error("a pattern is not covered by one that will always stand for more")
	}
	for n, same := range map[int]bool{3: true, 128: true, 129: false} {
		for _, actions := range [][]string{{"kms:De*", "kms:Dec*", "kms:Sign*"}, {"kms:Dec*", "kms:De*", "kms:Sign*"}, {"kms:Sign*", "kms:Dec*", "kms:De*"}} {
			if got := with(n, actions...).Equal(with(n-1, "kms:De*", "kms:Sign*")); got != same {
				t.Errorf("of %d actions, one of %s that another covers makes no difference: %v", n, actions, got)
			}
		}
	}
}
