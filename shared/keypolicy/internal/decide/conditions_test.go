package decide_test

import (
	"fmt"
	"testing"

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
	aSession  = `{"AWS": "arn:aws:sts::111122223333:assumed-role/App/build"}`
	aUser     = `{"AWS": "arn:aws:iam::111122223333:user/Ann"}`

	aFederatedUser = `{"AWS": "arn:aws:sts::111122223333:federated-user/bob"}`

	trail = `{"Service": "cloudtrail.amazonaws.com"}`
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
		{appRole, "kms:Decrypt", `"StringLike": {"aws:userid": "AROA*:*"}`, knownKey, "always"},
		{appRole, "kms:Decrypt", `"StringLike": {"aws:userid": "AIDA*"}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"StringNotLike": {"aws:userid": "AROAEXAMPLEEXAMPLE12:*"}`, knownKey, sometimes},
		{appRole, "kms:Decrypt", `"StringLike": {"aws:userid": "*:a:b"}`, knownKey, "never"}, // a session's name has no colon
		{aSession, "kms:Decrypt", `"StringLike": {"aws:userid": "AROAEXAMPLEEXAMPLE12:build"}`, knownKey, sometimes},
		{aSession, "kms:Decrypt", `"StringLike": {"aws:userid": "*:deploy"}`, knownKey, "never"},
		{aUser, "kms:Decrypt", `"StringLike": {"aws:userid": "AROA*:*"}`, knownKey, "never"},
		{aUser, "kms:Decrypt", `"StringLike": {"aws:userid": "*:*"}`, knownKey, "never"},
		{aUser, "kms:Decrypt", `"StringEquals": {"aws:userid": "AIDAEXAMPLEEXAMPLE12"}`, knownKey, sometimes},
		{aFederatedUser, "kms:Decrypt", `"StringEquals": {"aws:userid": "111122223333:bob"}`, knownKey, "always"},
		{aFederatedUser, "kms:Decrypt", `"StringEquals": {"aws:userid": "111122223333:Bob"}`, knownKey, "never"},
		{anAccount, "kms:Decrypt", `"StringEquals": {"aws:PrincipalType": "Account"}, "StringNotEquals": {"aws:userid": "111122223333"}`, knownKey, "never"},
		{anAccount, "kms:Decrypt", `"StringEquals": {"aws:userid": "444455556666"}`, knownKey, "never"},
		{everybody, "kms:Decrypt", `"StringEquals": {"aws:userid": "444455556666"}`, knownKey, sometimes},
		{everybody, "kms:Decrypt", `"StringEquals": {"aws:userid": "444455556666", "aws:PrincipalAccount": "777788889999"}`, knownKey, doubt},
		{everybody, "kms:Decrypt", `"StringEquals": {"aws:userid": "444455556666:bob"}, "ArnLike": {"aws:PrincipalArn": "arn:aws:sts::444455556666:federated-user/b*"}`, knownKey, sometimes},
		{trail, "kms:Decrypt", `"StringLike": {"aws:userid": "*"}`, knownKey, "never"},
		{trail, "kms:Decrypt", `"Bool": {"aws:ViaAWSService": "false"}, "StringLike": {"kms:ViaService": "s3.*"}`, knownKey, sometimes}, // AWS prints such a statement
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
		{anAccount, "kms:Decrypt", `"StringLike": {"aws:username": "e*"}`, knownKey, sometimes},
		{anAccount, "kms:Decrypt", `"StringEquals": {"aws:username": "eva"}`, knownKey, sometimes},
		{anAccount, "kms:Decrypt", `"StringEquals": {"aws:username": "ops/eva"}`, knownKey, "never"},
		{anAccount, "kms:Decrypt", `"StringEqualsIgnoreCase": {"aws:username": "Z"}, "StringNotEquals": {"aws:username": "Z"}`, knownKey, sometimes},
		{anAccount, "kms:Decrypt", `"StringEqualsIgnoreCase": {"aws:username": "\u0130"}, "StringEquals": {"aws:username": "i"}`, knownKey, "never"},
		{anAccount, "kms:Decrypt", `"StringLike": {"aws:username": "?/*"}`, knownKey, "never"},
		{anAccount, "kms:Decrypt", `"StringNotLike": {"aws:username": "*"}, "Null": {"aws:username": "false"}`, knownKey, "never"},
		{anAccount, "kms:Decrypt", `"StringEquals": {"aws:username": "eva"}, "StringNotLike": {"aws:PrincipalArn": "*:user/ops/eva"}`, knownKey, sometimes},
		{everybody, "kms:Decrypt", `"StringLike": {"aws:PrincipalAccount": "1*2"}`, knownKey, sometimes},
		{everybody, "kms:Decrypt", `"StringLike": {"aws:PrincipalAccount": "1*:*"}`, knownKey, "never"},
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
		{trail, "kms:Decrypt", `"ArnLike": {"aws:SourceArn": "arn:aws:logs:us-east-1:111122223333:a*:b"}, "StringEquals": {"aws:SourceArn": "arn:aws:logs:us-east-1:111122223333:a:x:b"}`, knownKey, sometimes},
		{trail, "kms:Decrypt", `"ArnLike": {"aws:SourceArn": "arn:aws:*:111122223333:a"}, "StringEquals": {"aws:SourceArn": "arn:aws:logs:us-east-1:111122223333:a"}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"Null": {"kms:KeySpec": "true"}`, unknown, "never"},
		{appRole, "kms:Decrypt", `"Null": {"kms:ResourceAliases": "true"}`, unknown, doubt},
		{appRole, "kms:Decrypt", `"Null": {"kms:MultiRegionKeyType": "true"}`, unknown, doubt},
		{appRole, "kms:Decrypt", `"NotIpAddress": {"aws:SourceIp": ["0.0.0.0/0", "::/0"]}, "Null": {"aws:SourceIp": "false"}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"NotIpAddress": {"vendor:ip": ["0.0.0.0/0", "::/0"]}, "Null": {"vendor:ip": "false"}`, knownKey, sometimes}, // a text
		{appRole, "kms:Decrypt", `"NumericNotEquals": {"vendor:n": "1"}, "NumericLessThanEquals": {"vendor:n": "1"}, "NumericGreaterThanEquals": {"vendor:n": "1"}`, knownKey, "never"},
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
		{appRole, "kms:Decrypt", `"StringEqualsIgnoreCase": {"vendor:s": ["a", "b"]}, "StringNotEqualsIgnoreCase": {"vendor:s": "A"}`, knownKey, sometimes},
		{appRole, "kms:Decrypt", `"StringEqualsIgnoreCase": {"vendor:s": ["a", "b"]}, "StringNotEqualsIgnoreCase": {"vendor:s": "B"}`, knownKey, sometimes},
		{appRole, "kms:Decrypt", `"StringEqualsIgnoreCase": {"vendor:s": ["a", "b", "A"]}, "StringNotEqualsIgnoreCase": {"vendor:s": ["B", "a"]}`, knownKey, "never"},
		{appRole, "kms:Decrypt", `"BoolIfExists": {"aws:MultiFactorAuthPresent": ["true", "false"]}`, knownKey, "always"},
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
