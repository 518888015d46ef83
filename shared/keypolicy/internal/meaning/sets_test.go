package meaning_test

import (
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/meaning"
)

func parse(t *testing.T, statement string) *document.Policy {
	t.Helper()
	var p document.Policy
	document.Read([]byte(`{"Version": "2012-10-17", "Statement": [`+statement+`]}`), document.MaxSize, &p)
	if p.Opaque() {
		t.Fatalf("opaque: %s", statement)
	}
	return &p
}

func allow(principal, condition string) string {
	return `{"Effect": "Allow", "Principal": ` + principal + `, "Action": "kms:Decrypt", "Resource": "*", "Condition": {` + condition + `}}`
}

// reaches asks whether a policy allows a request of a set.
func reaches(t *testing.T, set *decide.Policy, statement string, o *facts.Options) decide.Proof {
	t.Helper()
	s := decide.NewSpace(meaning.Facts(o.Key))
	return s.Ask(&decide.Question{Allowed: []*decide.Compiled{s.Compile(set), s.Compile(meaning.Policy(parse(t, statement)))}, Callers: decide.IAMAllows})
}

var known = facts.Options{
	Key:             facts.Key{Account: "111122223333", Region: "us-east-1", ID: "1234abcd-12ab-34cd-56ef-1234567890ab", Org: "o-a1b2c3d4e5"},
	TrustedAccounts: []string{"444455556666"},
	TrustedOrgs:     []string{"o-bbbbbbbbbb"},
}

func TestStrangers(t *testing.T) {
	unknownOrg := known
	unknownOrg.Key.Org = ""
	const everybody = `{"AWS": "*"}`
	for _, c := range []struct {
		name, statement string
		o               *facts.Options
		want            decide.Verdict
	}{
		{"everybody", allow(everybody, ""), &known, decide.Refuted},
		{"the account", allow(`{"AWS": "111122223333"}`, ""), &known, decide.Proven},
		{"a trusted account", allow(`{"AWS": "arn:aws:iam::444455556666:role/x"}`, ""), &known, decide.Proven},
		{"another account", allow(`{"AWS": "999988887777"}`, ""), &known, decide.Refuted},
		{"another account of the organization", allow(`{"AWS": "999988887777"}`, `"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}`), &known, decide.Proven},
		{"the own organization", allow(everybody, `"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}`), &known, decide.Proven},
		{"the own organization, whichever it is", allow(everybody, `"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}`), &unknownOrg, decide.Proven},
		{"a unit of the organization", allow(everybody, `"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/*"}`), &known, decide.Proven},
		{"all units", allow(everybody, `"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}`), &known, decide.Refuted}, // who has none
		{"a trusted organization", allow(everybody, `"StringEquals": {"aws:PrincipalOrgID": ["o-bbbbbbbbbb"]}`), &known, decide.Proven},
		{"another organization", allow(everybody, `"StringEquals": {"aws:PrincipalOrgID": ["o-cccccccccc"]}`), &known, decide.Refuted},
		{"the account by a condition", allow(everybody, `"StringEquals": {"kms:CallerAccount": "111122223333"}`), &known, decide.Proven},
		{"the account either way round", allow(everybody, `"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}`), &known, decide.Proven},
		{"roles of the account", allow(everybody, `"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/aws-reserved/*"}`), &known, decide.Proven},
		{"roles of any account", allow(everybody, `"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/aws-reserved/*"}`), &known, decide.Refuted},
		{"what looks like the account", allow(everybody, `"StringLike": {"aws:PrincipalAccount": "1111*"}`), &known, decide.Refuted},
		{"nobody but one account", allow(everybody, `"StringNotEquals": {"aws:PrincipalAccount": "999988887777"}`), &known, decide.Refuted},
		{"an endpoint", allow(everybody, `"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}`), &known, decide.Refuted}, // a rule may count networks
	} {
		if p := reaches(t, meaning.Strangers(c.o), c.statement, c.o); p.Verdict != c.want {
			t.Errorf("%s: %s, want %s: %s %+v", c.name, p.Verdict, c.want, p.Reason, p.Witness)
		}
	}
}

func TestDeputies(t *testing.T) {
	const trail = `{"Service": "cloudtrail.amazonaws.com"}`
	for name, c := range map[string]struct {
		condition string
		want      decide.Verdict
	}{
		"nothing":                      {``, decide.Refuted},
		"the account":                  {`"StringEquals": {"aws:SourceAccount": "111122223333"}`, decide.Proven},
		"the account, by a variable":   {`"StringEquals": {"aws:SourceAccount": "${aws:ResourceAccount}"}`, decide.Proven},
		"the account, if it is there":  {`"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}`, decide.Refuted},
		"a resource of the account":    {`"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:111122223333:trail/*"}`, decide.Proven},
		"a pattern over all accounts":  {`"StringLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:trail/*"}`, decide.Refuted},
		"a bucket":                     {`"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket"}`, decide.Refuted}, // its ARN has no account
		"a bucket, and the account":    {`"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket"}, "StringEquals": {"aws:SourceAccount": "111122223333"}`, decide.Proven},
		"accounts by their order":      {`"NumericGreaterThan": {"aws:SourceAccount": "111122223332"}`, decide.Refuted},
		"the organization":             {`"StringEquals": {"aws:SourceOrgID": "${aws:ResourceOrgID}"}`, decide.Proven},
		"a context that names nothing": {`"StringEquals": {"kms:EncryptionContext:x": "y"}`, decide.Refuted},
	} {
		if p := reaches(t, meaning.Deputies(&known), allow(trail, c.condition), &known); p.Verdict != c.want {
			t.Errorf("%s: %s, want %s: %s %+v", name, p.Verdict, c.want, p.Reason, p.Witness)
		}
	}
}
