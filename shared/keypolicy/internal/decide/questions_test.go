package decide_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
)

func TestLockout(t *testing.T) {
	breakGlass := `{"AWS": "arn:aws:iam::111122223333:role/ops/BreakGlass"}`
	both := policyOf(rootStatement, conditioned(breakGlass, "kms:*", ""))
	with := func(deny string) string { return strings.TrimSuffix(both, "]}") + ", " + deny + "]}" }
	denied := func(who, action, condition string) string {
		return strings.Replace(conditioned(who, action, condition), "Allow", "Deny", 1)
	}
	for name, c := range map[string]struct {
		policy string
		want   decide.Verdict
	}{
		"nothing denied":              {both, decide.Proven},
		"another Region":              {with(denied(everybody, "kms:*", `"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "us-west-2"]}`)), decide.Proven},
		"the wrong Region":            {with(denied(everybody, "kms:*", `"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}`)), decide.Refuted},
		"what nobody can judge":       {with(denied(everybody, "kms:PutKeyPolicy", `"BinaryEquals": {"aws:PrincipalAccount": "111122223333"}`)), decide.Undecided},
		"all but one role":            {with(denied(everybody, "kms:PutKeyPolicy", `"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/ops/BreakGlass"}`)), decide.Proven},
		"all without MFA":             {with(denied(everybody, "kms:PutKeyPolicy", `"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}`)), decide.Refuted},
		"services themselves":         {with(denied(everybody, "kms:*", `"Bool": {"aws:PrincipalIsAWSService": "true"}`)), decide.Proven},
		"a list that lacks a session": {with(`{"Effect": "Deny", "NotPrincipal": ` + breakGlass + `, "Action": "kms:*", "Resource": "*"}`), decide.Refuted},
		"another key":                 {with(`{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "arn:aws:kms:us-east-1:111122223333:key/other"}`), decide.Proven},
	} {
		s := decide.NewSpace(knownKey, decide.NewBudget())
		p := s.Ask(&decide.Question{
			Allowed: []*decide.Compiled{s.Compile(readPolicy(t, policyOf(conditioned(breakGlass, "kms:PutKeyPolicy", ""))))},
			Refused: []*decide.Compiled{s.Compile(readPolicy(t, c.policy))},
			Actions: catalog.PutKeyPolicy,
			Callers: decide.IAMSilent,
		})
		if p.Verdict != c.want {
			t.Errorf("%s: %s, want %s: %s %+v", name, p.Verdict, c.want, p.Reason, p.Witness)
		}
	}
}

func TestAStatementThatAddsNothingIsRedundant(t *testing.T) {
	text := policyOf(rootStatement, conditioned(everybody, "kms:Decrypt", `"StringLike": {"aws:PrincipalTag/team": "a*"}`), conditioned(appRole, "kms:Decrypt", `"StringEquals": {"aws:PrincipalTag/team": ["ab", "ac"]}`))
	want := []decide.Verdict{decide.Refuted, decide.Refuted, decide.Proven}
	for i := range want {
		s := decide.NewSpace(knownKey, decide.NewBudget())
		p, without := s.Compile(readPolicy(t, text)), s.Compile(readPolicy(t, text))
		got := s.Ask(&decide.Question{Allowed: []*decide.Compiled{p}, Refused: []*decide.Compiled{without}, Without: map[*decide.Compiled]int{without: i}})
		if got.Verdict != want[i] {
			t.Errorf("statement %d: %s, want %s: %+v", i, got.Verdict, want[i], got.Witness)
		}
	}
}

func TestContextThatIsGiven(t *testing.T) {
	policy := policyOf(conditioned(appRole, "kms:Decrypt", `"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}, "Null": {"kms:EncryptionContext:x": "true"}`))
	who := policyOf(conditioned(appRole, "kms:Decrypt", ""))
	for _, c := range []struct {
		context map[string][]string
		closed  bool
		want    decide.Verdict
	}{
		{nil, false, decide.Refuted},
		{map[string][]string{"KMS:VIASERVICE": {"s3.us-east-1.amazonaws.com"}}, false, decide.Refuted},
		{map[string][]string{"kms:ViaService": {"s3.us-east-1.amazonaws.com"}}, true, decide.Proven},
		{map[string][]string{"kms:ViaService": {"s3.us-east-1.amazonaws.com"}, "kms:EncryptionContext:X": {}}, false, decide.Proven},
		{map[string][]string{"kms:ViaService": {"ec2.us-east-1.amazonaws.com"}}, true, decide.Refuted},
	} {
		s := decide.NewSpace(knownKey, decide.NewBudget())
		p := s.Ask(&decide.Question{
			Allowed: []*decide.Compiled{s.Compile(readPolicy(t, who))}, Refused: []*decide.Compiled{s.Compile(readPolicy(t, policy))},
			Context: c.context, Closed: c.closed,
		})
		if p.Verdict != c.want {
			t.Errorf("%v, closed %t: %s, want %s", c.context, c.closed, p.Verdict, c.want)
		}
	}
}

// TestWhatIsGivenIsNotMadeToAgree gives an organization or places in one, and asks for the
// other.
func TestWhatIsGivenIsNotMadeToAgree(t *testing.T) {
	for _, c := range []struct {
		condition, key, value string
		want                  decide.Verdict
	}{
		{`"StringEquals": {"aws:PrincipalOrgID": "o-bbbbbbbbbb"}`, "aws:PrincipalOrgPaths", "o-bbbbbbbbbb/r-1/", decide.Refuted},
		{`"StringEquals": {"aws:PrincipalOrgID": "o-bbbbbbbbbb"}`, "aws:PrincipalOrgPaths", "o-cccccccccc/r-1/", decide.Undecided},
		{`"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-b*/r-1/*"}`, "aws:PrincipalOrgID", "o-bbbbbbbbbb", decide.Refuted},
		{`"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-b*/r-1/*"}`, "aws:PrincipalOrgID", "o-cccccccccc", decide.Undecided},
		{`"StringEquals": {"aws:CalledViaLast": "s3.amazonaws.com"}`, "aws:CalledVia", "s3.amazonaws.com", decide.Refuted},
		{`"StringEquals": {"aws:CalledViaFirst": "s3.amazonaws.com"}`, "aws:CalledViaLast", "s3.amazonaws.com", decide.Refuted},
	} {
		s := decide.NewSpace(knownKey, decide.NewBudget())
		p := s.Ask(&decide.Question{
			Allowed: []*decide.Compiled{s.Compile(readPolicy(t, policyOf(conditioned(`{"AWS": "`+partner+`"}`, "kms:Decrypt", c.condition))))},
			Context: map[string][]string{c.key: {c.value}},
		})
		if p.Verdict != c.want {
			t.Errorf("%s with %s %s: %s, want %s: %+v", c.condition, c.key, c.value, p.Verdict, c.want, p.Witness)
		}
	}
}

// TestAKeyThatIsGivenCountsWhateverTheActionCarries gives one of requests for grants.
func TestAKeyThatIsGivenCountsWhateverTheActionCarries(t *testing.T) {
	for value, want := range map[string]decide.Verdict{"true": decide.Refuted, "false": decide.Proven} {
		s := decide.NewSpace(knownKey, decide.NewBudget())
		p := s.Ask(&decide.Question{
			Allowed: []*decide.Compiled{s.Compile(readPolicy(t, policyOf(conditioned(appRole, "kms:Decrypt", `"Bool": {"kms:GrantIsForAWSResource": "true"}`))))},
			Context: map[string][]string{"kms:GrantIsForAWSResource": {value}},
		})
		if p.Verdict != want {
			t.Errorf("%s: %s, want %s: %s", value, p.Verdict, want, p.Reason)
		}
		if p.Witness != nil && p.Witness.Context["kms:GrantIsForAWSResource"] != value {
			t.Errorf("the request has %v", p.Witness.Context)
		}
	}
}

// TestAValueInPlaceOfAVariableIsNoPattern has a tag that looks like one.
func TestAValueInPlaceOfAVariableIsNoPattern(t *testing.T) {
	policy := policyOf(conditioned(appRole, "kms:Decrypt", `"StringLike": {"kms:EncryptionContext:y": "${aws:PrincipalTag/team}"}`))
	for _, c := range []struct {
		tag, context string
		want         decide.Verdict
	}{{"*", "orders", decide.Proven}, {"*", "*", decide.Refuted}, {"orders", "orders", decide.Refuted}, {"or?ers", "orders", decide.Proven}, {"orders", "Orders", decide.Proven}} {
		s := decide.NewSpace(knownKey, decide.NewBudget())
		p := s.Ask(&decide.Question{
			Allowed: []*decide.Compiled{s.Compile(readPolicy(t, policy))},
			Context: map[string][]string{"aws:PrincipalTag/team": {c.tag}, "kms:EncryptionContext:y": {c.context}},
		})
		if p.Verdict != c.want {
			t.Errorf("the tag %s and the context %s: %s, want %s", c.tag, c.context, p.Verdict, c.want)
		}
	}
}

// TestAnAccountThatNobodyNamesMayBeTheOneInTheContext compares a value that is given with
// the caller's account.
func TestAnAccountThatNobodyNamesMayBeTheOneInTheContext(t *testing.T) {
	for _, c := range []struct {
		who, value string
		want       decide.Verdict
	}{
		{everybody, "999988887777", decide.Undecided},
		{everybody, "111122223333", decide.Refuted},
		{anAccount, "999988887777", decide.Proven},
		{anAccount, "111122223333", decide.Refuted},
	} {
		s := decide.NewSpace(knownKey, decide.NewBudget())
		p := s.Ask(&decide.Question{
			Allowed: []*decide.Compiled{s.Compile(readPolicy(t, policyOf(conditioned(c.who, "kms:Decrypt", `"StringEquals": {"vendor:x": "${aws:PrincipalAccount}"}`))))},
			Context: map[string][]string{"vendor:x": {c.value}},
		})
		if p.Verdict != c.want {
			t.Errorf("%s in account %s: %s, want %s: %s", c.who, c.value, p.Verdict, c.want, p.Reason)
		}
	}
}

// TestASessionOfAProviderIsKnownByItsContext asks about a federated principal where the
// request has no key but those that are given.
func TestASessionOfAProviderIsKnownByItsContext(t *testing.T) {
	policy := policyOf(conditioned(`{"Federated": "accounts.google.com"}`, "kms:Decrypt", ""))
	for provider, want := range map[string]decide.Verdict{"": decide.Proven, "accounts.google.com": decide.Refuted, "www.amazon.com": decide.Proven} {
		q := decide.Question{Closed: true}
		if provider != "" {
			q.Context = map[string][]string{"aws:FederatedProvider": {provider}}
		}
		s := decide.NewSpace(knownKey, decide.NewBudget())
		q.Allowed = []*decide.Compiled{s.Compile(readPolicy(t, policy))}
		if p := s.Ask(&q); p.Verdict != want {
			t.Errorf("a session of %q: %s, want %s", provider, p.Verdict, want)
		}
	}
}

func TestCallersThatOnlyAFewThingsTellApart(t *testing.T) {
	services := `{"Service": ["s3.amazonaws.com", "sns.amazonaws.com"]}`
	for name, c := range map[string]struct {
		new, old  string
		principal string
	}{
		"a service by its name": {
			policyOf(conditioned(services, "kms:Decrypt", "")),
			policyOf(conditioned(services, "kms:Decrypt", `"StringEquals": {"aws:PrincipalServiceName": "s3.amazonaws.com"}`)), "sns.amazonaws.com",
		},
		"members of an account of which only the root is left out": {
			policyOf(conditioned(`{"AWS": "444455556666"}`, "kms:Decrypt", "")),
			policyOf(conditioned(`{"AWS": "444455556666"}`, "kms:Decrypt", ""), `{"Effect": "Deny", "NotPrincipal": {"AWS": "444455556666"}, "Action": "kms:*", "Resource": "*"}`), "arn:aws:iam::444455556666:user/a",
		},
		"a user whose name begins as that of another": {
			policyOf(conditioned(anAccount, "kms:Decrypt", `"StringLike": {"aws:username": "Ann*"}`)),
			policyOf(conditioned(anAccount, "kms:Decrypt", `"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:user/Ann?"}`), conditioned(aUser, "kms:Decrypt", "")), "arn:aws:iam::111122223333:user/Anna",
		},
		"everybody, whom nobody names": {policyOf(conditioned(everybody, "kms:Decrypt", "")), policyOf(rootStatement), "arn:aws:iam::999999999999:root"},
	} {
		s := decide.NewSpace(knownKey, decide.NewBudget())
		p := s.Ask(&decide.Question{Allowed: []*decide.Compiled{s.Compile(readPolicy(t, c.new))}, Refused: []*decide.Compiled{s.Compile(readPolicy(t, c.old))}})
		if p.Verdict != decide.Refuted || p.Witness.Principal != c.principal {
			t.Errorf("%s: %s, %+v; want %s", name, p.Verdict, p.Witness, c.principal)
		}
	}
}

func TestWhatCountsAsNamed(t *testing.T) {
	root := policyOf(rootStatement)
	all := policyOf(conditioned(everybody, "kms:*", ""))
	for _, c := range []struct {
		policy  string
		callers decide.Callers
		want    decide.Verdict
	}{
		{root, decide.IAMAllows, decide.Proven}, {root, decide.IAMSilent, decide.Refuted}, {root, decide.ByNameOnly, decide.Refuted}, {root, decide.AnyCallers, decide.Refuted},
		{all, decide.IAMSilent, decide.Proven}, {all, decide.ByNameOnly, decide.Refuted},
		{policyOf(conditioned(appRole, "kms:*", "")), decide.ByNameOnly, decide.Proven},
		{policyOf(`{"Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/Other"}, "Action": "kms:*", "Resource": "*"}`), decide.ByNameOnly, decide.Refuted},
		{policyOf(`{"Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/Other"}, "Action": "kms:*", "Resource": "*"}`), decide.IAMSilent, decide.Proven},
	} {
		s := decide.NewSpace(knownKey, decide.NewBudget())
		p := s.Ask(&decide.Question{
			Allowed: []*decide.Compiled{s.Compile(readPolicy(t, policyOf(conditioned(appRole, "kms:PutKeyPolicy", ""))))},
			Refused: []*decide.Compiled{s.Compile(readPolicy(t, c.policy))}, Callers: c.callers,
		})
		if p.Verdict != c.want {
			t.Errorf("callers %d of %s: %s, want %s", c.callers, c.policy, p.Verdict, c.want)
		}
	}
}

func TestMoreTestsOfOneKeyThanFitAWord(t *testing.T) {
	const many = 70
	statements := []string{conditioned(appRole, "kms:Decrypt", `"StringLike": {"vendor:k": "v??"}`)}
	for i := range many {
		statements = append(statements, strings.Replace(conditioned(appRole, "kms:Decrypt", fmt.Sprintf(`"StringEquals": {"vendor:k": "v%d"}`, i+10)), "Allow", "Deny", 1))
	}
	for last, want := range map[string]decide.Verdict{"": decide.Refuted, `"StringLike": {"vendor:k": ["v8?", "v9?", "v?a"]}`: decide.Refuted, `"StringLike": {"vendor:k": "v*"}`: decide.Proven} {
		s := decide.NewSpace(knownKey, decide.NewBudget())
		q := decide.Question{Allowed: []*decide.Compiled{s.Compile(readPolicy(t, policyOf(statements...)))}}
		if last != "" {
			q.Refused = []*decide.Compiled{s.Compile(readPolicy(t, policyOf(conditioned(appRole, "kms:Decrypt", last))))}
		}
		if p := s.Ask(&q); p.Verdict != want {
			t.Errorf("beside %q: %s, want %s: %s", last, p.Verdict, want, p.Reason)
		}
	}
}

// TestTestsBeyondAWordAreNotTakenForEachOther asks two questions about tests of one key
// that have high numbers: the answer to the first is not the answer to the second.
func TestTestsBeyondAWordAreNotTakenForEachOther(t *testing.T) {
	s := decide.NewSpace(knownKey, decide.NewBudget())
	for i := range 70 {
		s.Compile(readPolicy(t, policyOf(conditioned(appRole, "kms:Decrypt", fmt.Sprintf(`"StringLike": {"vendor:k": "v%d*"}`, i+10)))))
	}
	for _, c := range []struct {
		condition string
		want      decide.Verdict
	}{
		{`"StringLike": {"vendor:k": "v78*"}`, decide.Refuted},
		{`"StringLike": {"vendor:k": "v79*"}, "StringNotLike": {"vendor:k": "v7*"}`, decide.Proven},
		{`"StringLike": {"vendor:k": "v77*"}, "StringEquals": {"vendor:k": "v77"}`, decide.Refuted},
	} {
		p := s.Ask(&decide.Question{Allowed: []*decide.Compiled{s.Compile(readPolicy(t, policyOf(conditioned(appRole, "kms:Decrypt", c.condition))))}})
		if p.Verdict != c.want {
			t.Errorf("%s: %s, want %s: %s", c.condition, p.Verdict, c.want, p.Reason)
		}
	}
}

// TestLongListsThatAValueMustNotBeOf has lists that are too long to be compared one by
// one: of constants, of patterns, and for a part of the caller's ARN.
func TestLongListsThatAValueMustNotBeOf(t *testing.T) {
	list := func(form string) string {
		var all []string
		for i := range 10 {
			all = append(all, fmt.Sprintf(`"`+form+`"`, i))
		}
		return "[" + strings.Join(all, ", ") + "]"
	}
	for condition, want := range map[string]decide.Verdict{
		`"StringLike": {"vendor:k": "v?"}, "StringNotLike": {"vendor:k": ` + list("v%d*") + `}`:                                                             decide.Refuted,
		`"StringLike": {"vendor:k": "v?"}, "StringNotEquals": {"vendor:k": ` + list("v%d") + `}`:                                                            decide.Refuted,
		`"StringLike": {"vendor:k": "*5"}, "StringNotLike": {"vendor:k": ` + strings.Replace(list("%d*"), `"0*"`, `"*5"`, 1) + `}`:                          decide.Proven,
		`"StringEquals": {"vendor:k": ` + list("v%d") + `}, "StringNotLike": {"vendor:k": "v?"}`:                                                            decide.Proven,
		`"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::00000000000?:role/App"}, "StringNotEquals": {"aws:PrincipalAccount": ` + list("00000000000%d") + `}`: decide.Proven,
		`"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::0000000000??:role/App"}, "StringNotEquals": {"aws:PrincipalAccount": ` + list("00000000000%d") + `}`: decide.Refuted,
		`"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::0000000000??:role/App"}, "StringNotLike": {"aws:PrincipalAccount": ` + list("0000000000%d?") + `}`:   decide.Proven,
		`"StringLike": {"aws:PrincipalArn": "*:role/??"}, "ArnNotLike": {"aws:PrincipalArn": ` + list("arn:aws:iam::*:role/%d*") + `}`:                      decide.Refuted,
	} {
		if p := never(t, everybody, "kms:Decrypt", condition, knownKey); p.Verdict != want {
			t.Errorf("%s: %s, want %s: %s", condition, p.Verdict, want, p.Reason)
		}
	}
}
