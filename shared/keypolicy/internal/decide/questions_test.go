package decide_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
)

// never asks whether no request can fulfil a condition in an Allow for somebody;
// always, whether every request does.
func never(t *testing.T, who, action, condition string, facts decide.Facts) decide.Proof {
	t.Helper()
	s := decide.NewSpace(facts, decide.NewBudget())
	return s.Ask(&decide.Question{Allowed: []*decide.Compiled{s.Compile(readPolicy(t, policyOf(conditioned(who, action, condition))))}})
}

func always(t *testing.T, who, action, condition string, facts decide.Facts) decide.Proof {
	t.Helper()
	s := decide.NewSpace(facts, decide.NewBudget())
	return s.Ask(&decide.Question{
		Allowed: []*decide.Compiled{s.Compile(readPolicy(t, policyOf(conditioned(who, action, ""))))},
		Refused: []*decide.Compiled{s.Compile(readPolicy(t, policyOf(conditioned(who, action, condition))))},
	})
}

func conditioned(who, action, condition string) string {
	return fmt.Sprintf(`{"Effect": "Allow", "Principal": %s, "Action": %q, "Resource": "*", "Condition": {%s}}`, who, action, condition)
}

const (
	appRole   = `{"AWS": "arn:aws:iam::111122223333:role/App"}`
	everybody = `"*"`
	anAccount = `{"AWS": "arn:aws:iam::111122223333:root"}`
	trail     = `{"Service": "cloudtrail.amazonaws.com"}`
)

func TestConditionsThatNeverOrAlwaysHold(t *testing.T) {
	unknown := decide.Facts{}
	const (
		sometimes = "sometimes"
		doubt     = "undecided"
	)
	for _, c := range []struct {
		who, action, condition string
		facts                  decide.Facts
		want                   string
	}{
		{appRole, "kms:Decrypt", `"StringEquals": {"aws:PrincipalAccount": "111122223333"}`, knownKey, "always"},
		{appRole, "kms:Decrypt", `"StringEquals": {"aws:PrincipalAccount": "11112222333"}`, knownKey, "never"},
		{everybody, "kms:Decrypt", `"StringNotEquals": {"aws:PrincipalAccount": "11112222333"}`, knownKey, "always"},
		{everybody, "kms:Decrypt", `"StringLike": {"aws:PrincipalAccount": "*"}`, knownKey, sometimes}, // services have none
		{anAccount, "kms:Decrypt", `"StringLike": {"aws:PrincipalAccount": "*"}`, knownKey, "always"},
		{everybody, "kms:Decrypt", `"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::ACCOUNT_ID:role/app"}`, knownKey, "always"},
		{appRole, "kms:Decrypt", `"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/App"}`, knownKey, "always"},
		{appRole, "kms:Decrypt", `"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:role/App"}`, knownKey, "always"},
		{anAccount, "kms:Decrypt", `"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/ops/*"}`, knownKey, sometimes},
		{appRole, "kms:Decrypt", `"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}`, knownKey, "always"},
		{appRole, "kms:Decrypt", `"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}`, decide.Facts{Account: ownAccount}, doubt},
		{appRole, "kms:Decrypt", `"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}`, knownKey, "always"},
		{`{"AWS": "444455556666"}`, "kms:Decrypt", `"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}`, knownKey, "never"},
		{everybody, "kms:Decrypt", `"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}`, knownKey, sometimes},
		{everybody, "kms:Decrypt", `"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:role/App"}`, knownKey, sometimes},
		{everybody, "kms:Decrypt", `"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:role/App"}, "StringNotLike": {"aws:PrincipalArn": "*:role/App"}`, knownKey, "never"},
		{everybody, "kms:Decrypt", `"StringLike": {"aws:PrincipalAccount": "0:${aws:PrincipalAccount}:0"}`, knownKey, doubt},
		{trail, "kms:Decrypt", `"StringNotEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}`, knownKey, doubt},
		{trail, "kms:Decrypt", `"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}`, knownKey, "never"},
		{everybody, "kms:Decrypt", `"StringEquals": {"aws:RequestedRegion": ["us-east-1", "us-west-2"]}`, knownKey, "always"},
		{everybody, "kms:Decrypt", `"StringEquals": {"aws:RequestedRegion": "eu-west-1"}`, knownKey, "never"},
		{everybody, "kms:Decrypt", `"StringEquals": {"aws:RequestedRegion": "eu-west-1"}`, unknown, doubt},
		{everybody, "kms:Decrypt", `"StringNotEquals": {"kms:KeySpec": "RSA_2048"}`, decide.Facts{Spec: "SYMMETRIC_DEFAULT"}, "always"},
		{everybody, "kms:Decrypt", `"Bool": {"kms:MultiRegion": "true"}`, decide.Facts{ID: "mrk-1234"}, "always"},
		{everybody, "kms:Decrypt", `"BoolIfExists": {"aws:SecureTransport": "true"}`, knownKey, "always"},
		{everybody, "kms:Decrypt", `"Bool": {"aws:SecureTransport": "false"}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"Bool": {"aws:PrincipalIsAWSService": "false"}`, knownKey, "always"},
		{trail, "kms:Decrypt", `"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"Null": {"aws:ViaAWSService": "true"}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"StringEquals": {"aws:SourceAccount": "111122223333"}`, knownKey, "never"},
		{trail, "kms:Decrypt", `"StringEquals": {"aws:SourceAccount": "${aws:ResourceAccount}"}`, knownKey, sometimes},
		{trail, "kms:Decrypt", `"StringEquals": {"aws:PrincipalOrgID": "o-aaaaaaaaaa"}`, knownKey, "never"},
		{trail, "kms:Decrypt", `"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}`, knownKey, sometimes},
		{appRole, "kms:Decrypt", `"Bool": {"kms:GrantIsForAWSResource": "true"}`, knownKey, "never"},
		{appRole, "kms:CreateGrant", `"Bool": {"kms:GrantIsForAWSResource": "true"}`, knownKey, sometimes},
		{appRole, "kms:CreateGrant", `"ForAllValues:StringLike": {"kms:GrantOperations": "*"}`, knownKey, "always"},
		{appRole, "kms:CreateGrant", `"ForAnyValue:StringLike": {"kms:GrantOperations": "*"}`, knownKey, "always"}, // the operation demands them
		{appRole, "kms:Decrypt", `"StringEquals": {"aws:username": "eva"}`, knownKey, "never"},
		{`{"AWS": "arn:aws:iam::111122223333:user/x/eva"}`, "kms:Decrypt", `"StringEquals": {"aws:username": "eva"}`, knownKey, "always"},
		{appRole, "kms:Decrypt", `"StringEquals": {"kms:EncryptionContext:user": "${aws:username}"}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"StringNotEquals": {"kms:EncryptionContext:user": "${aws:username}"}`, knownKey, doubt},
		{appRole, "kms:Decrypt", `"StringEquals": {"aws:PrincipalTag/team": "${aws:PrincipalTag/other}"}`, knownKey, doubt},
		{appRole, "kms:Decrypt", `"StringEquals": {"aws:PrincipalTag/team": "${aws:PrincipalTag/team}"}`, knownKey, sometimes}, // where there is a tag
		{appRole, "kms:Decrypt", `"StringEquals": {"aws:PrincipalTag/team": "${aws:PrincipalTag/team}"}, "Null": {"aws:PrincipalTag/team": "true"}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"StringLikeIfExists": {"aws:PrincipalTag/team": "${aws:PrincipalTag/team}"}`, knownKey, "always"},
		{appRole, "kms:Decrypt", `"StringEquals": {"aws:PrincipalTag/team": "${aws:PrincipalTag/team}s"}`, knownKey, doubt},
		{appRole, "kms:Decrypt", `"StringNotEquals": {"aws:PrincipalTag/team": "${aws:PrincipalTag/team}"}`, knownKey, doubt},
		{appRole, "kms:Decrypt", `"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": "${aws:PrincipalOrgPaths}"}`, knownKey, doubt},
		{anAccount, "kms:Decrypt", `"StringEquals": {"aws:PrincipalArn": "${aws:PrincipalArn}"}`, knownKey, "always"},
		{anAccount, "kms:Decrypt", `"ArnLike": {"aws:PrincipalArn": "${aws:PrincipalArn}"}`, knownKey, doubt},
		{anAccount, "kms:Decrypt", `"StringEquals": {"aws:PrincipalArn": "${aws:PrincipalAccount}"}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"StringEquals": {"kms:EncryptionContext:a": "*"}`, knownKey, sometimes},
		{appRole, "kms:Decrypt", `"StringLike": {"vendor:k": "1?"}, "NumericGreaterThan": {"vendor:k": "5"}`, knownKey, doubt}, // text and numbers
		{appRole, "kms:Decrypt", `"StringLike": {"vendor:k": "10.?.0.1"}, "IpAddress": {"vendor:k": "10.0.0.0/8"}`, knownKey, doubt},
		{trail, "kms:Decrypt", `"StringEquals": {"aws:SourceAccount": "${aws:PrincipalTag/x, '111122223333'}"}`, knownKey, sometimes},
		{trail, "kms:Decrypt", `"StringEquals": {"aws:SourceAccount": "${aws:PrincipalTag/x, 111122223333'}"}`, knownKey, "never"},
		{trail, "kms:Decrypt", `"StringEquals": {"aws:SourceAccount": "${aws:PrincipalTag/x, '111122223333}"}`, knownKey, "never"},
		{trail, "kms:Decrypt", `"StringEquals": {"aws:SourceAccount": "${aws:PrincipalTag/x, '}"}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"Null": {"vendor:k": "maybe"}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"Null": {"vendor:k": ["maybe", "TRUE"]}`, knownKey, sometimes},
		{appRole, "kms:Decrypt", `"Null": {"vendor:k": ["True", "false"]}`, knownKey, "always"},
		{appRole, "kms:Decrypt", `"NullIfExists": {"vendor:k": "true"}`, knownKey, doubt},
		{appRole, "kms:Decrypt", `"ForAnyValue:Null": {"aws:TagKeys": "true"}`, knownKey, doubt},
		{appRole, "kms:Decrypt", `"ForSomeValues:StringLike": {"aws:PrincipalOrgPaths": "*"}`, knownKey, doubt},
		{appRole, "kms:Decrypt", `"StringLike": {"vendor:s": "?"}, "StringNotEquals": {"vendor:s": ["a", "9", "A", "_", "b", "8", "B", "-", "c"]}`, knownKey, sometimes},
		{appRole, "kms:Decrypt", `"NumericLessThan": {"aws:EpochTime": "-100000000000"}`, knownKey, sometimes},   // before the year 1
		{appRole, "kms:Decrypt", `"NumericGreaterThan": {"aws:EpochTime": "300000000000"}`, knownKey, sometimes}, // after the year 9999
		{appRole, "kms:Decrypt", `"NumericGreaterThan": {"aws:EpochTime": "99999999999999999999"}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"NumericLessThan": {"aws:EpochTime": "-99999999999999999999"}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"ArnLike": {"aws:PrincipalOrgID": "arn:aws:s3:::a"}`, knownKey, doubt},
		{trail, "kms:Decrypt", `"ArnNotLike": {"aws:SourceAccount": "arn:aws:s3:::a"}`, knownKey, doubt},
		{everybody, "kms:Decrypt", `"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalTag/account}"}`, knownKey, doubt},
		{trail, "kms:Decrypt", `"ArnLike": {"aws:SourceArn": "arn:aws:logs:us-east-1:111122223333:log-group:${aws:ResourceAccount}:*"}`, knownKey, sometimes},
		{trail, "kms:Decrypt", `"ArnLike": {"aws:SourceArn": ["*", "arn:aws:s3:::a"]}, "ArnNotLike": {"aws:SourceArn": ["*", "arn:aws:s3:::b"]}`, knownKey, doubt},
		{appRole, "kms:Decrypt", `"NumericGreaterThan": {"aws:MultiFactorAuthAge": "7"}, "NumericLessThan": {"aws:MultiFactorAuthAge": "8"}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"NumericLessThan": {"aws:MultiFactorAuthAge": "0"}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"NumericLessThanEquals": {"aws:MultiFactorAuthAge": "0"}`, knownKey, sometimes},
		{trail, "kms:Decrypt", `"StringLike": {"aws:SourceAccount": "111122223333?"}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"StringEqualsIgnoreCase": {"vendor:s": "ÉTÉ"}, "StringLike": {"vendor:s": "é*"}`, knownKey, sometimes},
		{appRole, "kms:Decrypt", `"StringEqualsIgnoreCase": {"vendor:s": "ÉTÉ"}, "StringNotEqualsIgnoreCase": {"vendor:s": "été"}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"StringEqualsIgnoreCase": {"vendor:s": "É*"}, "StringNotLike": {"vendor:s": ["É*", "é*"]}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"StringLike": {"vendor:s": "a?"}, "StringNotEquals": {"vendor:s": ["a", "b", "c", "d", "e", "f", "g", "h", "i"]}`, knownKey, sometimes},
		{appRole, "kms:Decrypt", `"StringLike": {"vendor:s": "?"}, "StringNotLike": {"vendor:s": ["a", "b", "c", "d", "e", "f", "g", "h", "i"]}`, knownKey, sometimes},
		{appRole, "kms:Decrypt", `"BinaryEquals": {"vendor:b": "QUJD"}`, knownKey, doubt},
		{appRole, "kms:Decrypt", `"StringMatches": {"vendor:b": "x"}`, knownKey, doubt},
		{appRole, "kms:TagResource", `"StringEquals": {"aws:TagKeys": "team"}`, knownKey, doubt},
		{appRole, "kms:Decrypt", `"StringEquals": {"token.actions.githubusercontent.com:sub": "repo:a/b:ref"}`, knownKey, sometimes},
		{`{"AWS": "arn:aws:iam::111122223333:user/eva"}`, "kms:Decrypt", `"StringLike": {"token.actions.githubusercontent.com:sub": "*"}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "NotIpAddress": {"aws:SourceIp": "10.0.0.0/7"}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"IpAddressIfExists": {"aws:SourceIp": ["0.0.0.0/0", "::/0"]}`, knownKey, "always"},
		{appRole, "kms:Decrypt", `"IpAddressIfExists": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1", "::/0"]}`, knownKey, "always"},
		{appRole, "kms:Decrypt", `"DateGreaterThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}, "DateLessThan": {"aws:CurrentTime": "2030-01-01"}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"DateGreaterThanEquals": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}, "NumericLessThanEquals": {"aws:EpochTime": "1893456000"}`, knownKey, sometimes},
		{appRole, "kms:Decrypt", `"DateGreaterThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}, "NumericLessThanEquals": {"aws:EpochTime": "1893456000"}`, knownKey, "never"},
		{appRole, "kms:ScheduleKeyDeletion", `"NumericLessThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": "7"}`, knownKey, "never"},
		{appRole, "kms:ScheduleKeyDeletion", `"NumericGreaterThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": "7"}, "NumericLessThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": "8"}`, knownKey, "never"},
		{appRole, "kms:ScheduleKeyDeletion", `"NumericGreaterThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": "30"}`, knownKey, "never"},
		{appRole, "kms:ScheduleKeyDeletion", `"NumericEquals": {"kms:ScheduleKeyDeletionPendingWindowInDays": ["7", "30"]}`, knownKey, sometimes},
		{appRole, "kms:EnableKeyRotation", `"NumericLessThan": {"kms:RotationPeriodInDays": "90"}`, knownKey, "never"},
		{appRole, "kms:EnableKeyRotation", `"NumericGreaterThan": {"kms:RotationPeriodInDays": "2560"}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"NumericGreaterThan": {"vendor:n": "7"}, "NumericLessThan": {"vendor:n": "8"}`, knownKey, sometimes},
		{appRole, "kms:Decrypt", `"NumericEquals": {"vendor:n": "seven"}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"StringLike": {"vendor:s": "a*b"}, "StringNotLike": {"vendor:s": ["a*b", "x"]}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"StringLike": {"vendor:s": "a*b"}, "StringNotLike": {"vendor:s": ["a??*", "?b"]}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"StringEqualsIgnoreCase": {"vendor:s": "ABC"}, "StringNotEquals": {"vendor:s": ["abc", "ABC"]}`, knownKey, sometimes},
		{appRole, "kms:Decrypt", `"ForAllValues:StringEquals": {"aws:TagKeys": "a"}`, knownKey, "always"}, // none of these requests has it
		{`{"Federated": "cognito-identity.amazonaws.com"}`, "kms:Decrypt", `"StringEquals": {"aws:FederatedProvider": "accounts.google.com"}`, knownKey, "never"},
	} {
		n, a := never(t, c.who, c.action, c.condition, c.facts), always(t, c.who, c.action, c.condition, c.facts)
		got := sometimes
		switch {
		case n.Verdict == decide.Proven:
			got = "never"
		case a.Verdict == decide.Proven:
			got = "always"
		case n.Verdict == decide.Undecided || a.Verdict == decide.Undecided:
			got = doubt
		}
		if got != c.want {
			t.Errorf("%s to %s, %s: %s, want %s (%s %s)", c.action, c.who, c.condition, got, c.want, n.Reason, a.Reason)
		}
		for _, p := range []decide.Proof{n, a} {
			if (p.Verdict == decide.Undecided) != (p.Reason != "" && p.Witness == nil) {
				t.Errorf("%s: %s without a reason", c.condition, p.Verdict)
			}
		}
	}
}

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
