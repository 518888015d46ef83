package authz_test

import (
	"encoding/json"
	"os"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/authz"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/jsontree"
)

func TestPoliciesAreJudgedAsInTheCases(t *testing.T) {
	text, err := os.ReadFile("testdata/cases.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name, Want string
		Statements []map[string]any
	}
	if err := yaml.Unmarshal(text, &cases); err != nil || len(cases) == 0 {
		t.Fatalf("%d cases: %v", len(cases), err)
	}
	verdicts := map[string]authz.Verdict{
		"nothing": authz.NotAllowed, "denied": authz.Denied, "delegated": authz.Delegated, "allowed": authz.Allowed,
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			want, known := verdicts[c.Want]
			if !known {
				t.Fatalf("%q is no verdict", c.Want)
			}
			if got := authz.Judge(parse(t, map[string]any{"Statement": c.Statements}), request()); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func parse(t *testing.T, policy any) *jsontree.Node {
	t.Helper()
	text, err := json.Marshal(policy)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := jsontree.Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func request() authz.Request {
	return authz.Request{
		Caller:   "arn:aws:sts::111122223333:assumed-role/app/run",
		Account:  "111122223333",
		Action:   "kms:PutKeyPolicy",
		Resource: "arn:aws:kms:us-east-1:111122223333:key/1234",
		Context: map[string][]string{
			"aws:principalaccount": {"111122223333"},
			"aws:principalarn":     {"arn:aws:iam::111122223333:role/app"},
			"aws:securetransport":  {"true"},
			"aws:currenttime":      {"2026-11-21T00:00:00Z"},
			"aws:sourceip":         {"10.1.2.3"},
			"kms:calleraccount":    {"111122223333"},
			"test:n":               {"10"}, "test:list": {"a", "b"},
		},
	}
}

func TestPatternsOfNamesMatch(t *testing.T) {
	tests := []struct {
		pattern, s string
		want       bool
	}{
		{"*", "", true}, {"*", "abc", true}, {"", "", true}, {"", "a", false}, {"a", "a", true}, {"a?c", "abc", true},
		{"a?c", "ac", false}, {"a*c", "ac", true}, {"a*c", "abbbc", true}, {"a*c", "abbbcd", false}, {"*b*", "abc", true},
		{"a*b*c", "a-b-b-c", true}, {"**", "x", true}, {"a*", "b", false},
	}
	for _, test := range tests {
		if got := authz.Like(test.pattern, test.s); got != test.want {
			t.Errorf("Like(%q, %q) = %v", test.pattern, test.s, got)
		}
	}
}
