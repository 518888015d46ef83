package keypolicy_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

type document = map[string]any

// mutations each turn an accepted policy into one that must be refused.
var mutations = map[string]func(statements []any) []any{
	"drop the root": func(s []any) []any { return s[1:] },
	"deny everybody everything": func(s []any) []any {
		return append(s, document{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"})
	},
	"deny the account PutKeyPolicy": func(s []any) []any {
		return append(s, document{"Effect": "Deny", "Principal": document{"AWS": ownAccount}, "Action": "kms:P*Policy", "Resource": "*"})
	},
	"deny all but reading": func(s []any) []any {
		return append(s, document{"Effect": "Deny", "Principal": document{"AWS": "*"}, "NotAction": []string{"kms:Get*"}, "Resource": "*"})
	},
	"deny everybody but one": func(s []any) []any {
		return append(s, document{"Effect": "Deny", "NotPrincipal": document{"AWS": "arn:aws:iam::111122223333:role/App"}, "Action": "kms:*", "Resource": "*"})
	},
	"deny under a condition that may hold": func(s []any) []any {
		return append(s, document{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
			"Condition": document{"BoolIfExists": document{"aws:MultiFactorAuthPresent": "false"}}})
	},
	"put the root under a condition": func(s []any) []any {
		s[0].(document)["Condition"] = document{"Bool": document{"aws:MultiFactorAuthPresent": "true"}}
		return s
	},
	"swap the account": func(s []any) []any {
		s[0].(document)["Principal"] = document{"AWS": "arn:aws:iam::999988887777:root"}
		return s
	},
	"take PutKeyPolicy out": func(s []any) []any {
		first := s[0].(document)
		delete(first, "Action")
		first["NotAction"] = "kms:PutKeyPolicy"
		return s
	},
	"turn Principal round": func(s []any) []any {
		first := s[0].(document)
		first["NotPrincipal"] = first["Principal"]
		delete(first, "Principal")
		return s
	},
	"turn the root's Allow into a Deny": func(s []any) []any {
		s[0].(document)["Effect"] = "Deny"
		return s
	},
	"open it to everybody": func(s []any) []any {
		return append(s, document{"Effect": "Allow", "Principal": document{"AWS": []string{"*"}}, "Action": "kms:Decrypt", "Resource": "*"})
	},
	"open it to everybody who is not somebody": func(s []any) []any {
		return append(s, document{"Effect": "Allow", "NotPrincipal": document{"AWS": rootName}, "Action": "kms:Decrypt", "Resource": "*"})
	},
	"open it to another account": func(s []any) []any {
		return append(s, document{"Effect": "Allow", "Principal": document{"AWS": "arn:aws:sts::999988887777:assumed-role/App/me"}, "Action": "kms:Decrypt", "Resource": "*"})
	},
	"open it to another organization": func(s []any) []any {
		return append(s, document{"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*",
			"Condition": document{"StringEquals": document{"aws:PrincipalOrgID": "o-zzzzzzzzzz"}}})
	},
	"misspell the Action": func(s []any) []any {
		first := s[0].(document)
		first["Actions"] = first["Action"]
		delete(first, "Action")
		return s
	},
	"point at another key": func(s []any) []any {
		s[0].(document)["Resource"] = "arn:aws:kms:eu-west-1:111122223333:key/other"
		return s
	},
}

func TestEachMutationOfAnAcceptedPolicyIsCaught(t *testing.T) {
	for _, file := range caseFiles(t) {
		c := readCase(t, file)
		if !strings.HasPrefix(file, "testdata/aws/") || c.check().Reason(keypolicy.Security, nil) != keypolicy.Accepted {
			continue
		}
		for name, mutate := range mutations {
			t.Run(file+"/"+name, func(t *testing.T) {
				var doc document
				if err := json.Unmarshal(c.policy, &doc); err != nil {
					t.Fatal(err)
				}
				doc["Statement"] = mutate(doc["Statement"].([]any))
				text, err := json.Marshal(doc)
				if err != nil {
					t.Fatal(err)
				}
				if reason := keypolicy.Check(text, c.options).Reason(keypolicy.Error, allRules()); reason == keypolicy.Accepted {
					t.Errorf("accepted:\n%s", text)
				}
			})
		}
	}
}

// allRules is the widest ACCEPT_FINDINGS that anybody could set.
func allRules() []string {
	var ids []string
	for _, r := range keypolicy.Rules() {
		ids = append(ids, r.ID)
	}
	return ids
}

func TestVerdictsAreTheSameEachTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawPolicy(t)
		a, b := keypolicy.Check(text, lockoutOptions), keypolicy.Check(text, lockoutOptions)
		x, err := json.Marshal(a.Findings)
		if err != nil {
			t.Fatal(err)
		}
		y, err := json.Marshal(b.Findings)
		if err != nil {
			t.Fatal(err)
		}
		if string(x) != string(y) {
			t.Fatalf("first %s\nthen %s", x, y)
		}
	})
}
