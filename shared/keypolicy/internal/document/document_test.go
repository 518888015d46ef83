package document_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
)

func read(t *testing.T, text string) *document.Policy {
	t.Helper()
	var p document.Policy
	l, found := document.Read([]byte(text), document.MaxSize, &p)
	if findings := l.Findings(); !found || len(findings) > 0 {
		t.Fatalf("reading: %v, %+v", found, findings)
	}
	return &p
}

const whole = `{
  "Version": "2012-10-17",
  "Id": "keys",
  "Statement": [
    {"Sid": "a", "Effect": "Allow", "Principal": {"AWS": ["arn:aws-cn:iam::111122223333:role/App", "111122223333"], "Service": "sns.amazonaws.com"},
     "Action": ["kms:Decrypt", "kms:ReEncrypt*"], "Resource": "*",
     "Condition": {"ForAnyValue:StringNotLikeIfExists": {"aws:PrincipalTag/team": ["a*", "b"]}, "Bool": {"aws:viaawsservice": true}}},
    {"Effect": "Deny", "NotPrincipal": "*", "NotAction": "kms:*", "NotResource": ["*"], "Condition": {}}
  ]
}`

func TestAStatementIsReadWithAllThatAVerdictNeeds(t *testing.T) {
	p := read(t, whole)
	if p.Version != document.CurrentVersion || p.ID != "keys" || p.Opaque() || len(p.Statements) != 2 {
		t.Fatalf("the policy is %+v", p)
	}
	s := p.Statements[0]
	if s.Effect != document.Allow || s.Sid != "a" || s.NotPrincipal || s.NotAction || s.NotResource || s.Conditionless() {
		t.Errorf("the statement is %+v", s)
	}
	if want := catalog.Decrypt | catalog.ReEncryptFrom | catalog.ReEncryptTo; s.Acts != want {
		t.Errorf("it is about %v, want %v", s.Acts.Names(), want.Names())
	}
	if len(s.Resources) != 1 || s.Resources[0].Text != "*" {
		t.Errorf("resources %+v", s.Resources)
	}
	d := p.Statements[1]
	if d.Effect != document.Deny || !d.NotPrincipal || !d.NotAction || !d.NotResource || !d.Conditionless() || d.Acts != 0 {
		t.Errorf("the Deny is %+v", d)
	}
}

func TestAPrincipalTellsItsKindFormAccountAndPartition(t *testing.T) {
	type told struct {
		kind               document.Kind
		form               document.Form
		account, partition string
	}
	got := []told{}
	for _, q := range read(t, whole).Statements[0].Principals {
		got = append(got, told{q.Kind, q.Form, q.Account, q.Partition()})
	}
	want := []told{
		{document.AWSPrincipal, document.RoleForm, "111122223333", "aws-cn"},
		{document.AWSPrincipal, document.AccountID, "111122223333", ""},
		{document.ServicePrincipal, document.ServiceName, "", ""},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestAConditionIsReadWithItsOperatorTakenApart(t *testing.T) {
	conditions := read(t, whole).Statements[0].Conditions
	if len(conditions) != 2 {
		t.Fatalf("conditions %+v", conditions)
	}
	tag, via := conditions[0], conditions[1]
	if op := tag.Operator; op.Compare != document.Like || op.Family != catalog.String || !op.Negated || !op.IfExists || op.Set != document.ForAny || op.Name() != "StringNotLike" {
		t.Errorf("the operator is %+v", op)
	}
	if tag.Label() != "aws:PrincipalTag/team" || len(tag.Values) != 2 || tag.Values[1].Text != "b" {
		t.Errorf("the condition is %+v", tag)
	}
	if via.Operator.Compare != document.BoolIs || via.Label() != "aws:ViaAWSService" || via.Values[0].Text != "true" {
		t.Errorf("the condition is %+v", via)
	}
}

func TestEveryPartKnowsWhereItStands(t *testing.T) {
	p := read(t, whole)
	s, d := &p.Statements[0], &p.Statements[1]
	for node, want := range map[int32]string{
		p.VersionAt: "Version", p.StatementsAt: "Statement",
		s.Node: "Statement[0]", s.SidAt: "Statement[0].Sid", s.EffectAt: "Statement[0].Effect",
		s.PrincipalAt: "Statement[0].Principal", s.Principals[1].Node: "Statement[0].Principal.AWS[1]",
		s.ActionAt: "Statement[0].Action", s.Actions[1].Node: "Statement[0].Action[1]", s.Resources[0].Node: "Statement[0].Resource",
		s.ConditionAt: "Statement[0].Condition", s.Conditions[1].OpAt: "Statement[0].Condition.Bool",
		s.Conditions[1].Node:           `Statement[0].Condition.Bool["aws:viaawsservice"]`,
		s.Conditions[0].Values[0].Node: `Statement[0].Condition["ForAnyValue:StringNotLikeIfExists"]["aws:PrincipalTag/team"][0]`,
		d.PrincipalAt:                  "Statement[1].NotPrincipal", d.ResourceAt: "Statement[1].NotResource",
	} {
		if got := p.Tree.Path(node); got != want {
			t.Errorf("node %d is %q, want %q", node, got, want)
		}
	}
	if d.SidAt != jsontree.None {
		t.Errorf("a Sid that is not there stands at %d", d.SidAt)
	}
}

func TestWhatCouldBeReadInTwoWaysIsOpaqueAndWhatIsNoPolicyIsNotRead(t *testing.T) {
	for text, rule := range map[string]string{
		`{"Statement": []}`:                                    "statement-missing",
		strings.Replace(whole, `"Sid"`, `"sid"`, 1):            "unknown-element",
		strings.Replace(whole, `"Sid": "a"`, `"Sid": 1`, 1):    "wrong-type",
		strings.Replace(whole, `"Allow"`, `"allow"`, 1):        "effect-invalid",
		strings.Replace(whole, `"Id"`, `"Version"`, 1):         "duplicate-member",
		strings.Replace(whole, `"Sid": "a",`, `"Sid": "a"`, 1): "missing-comma",
	} {
		var p document.Policy
		l, found := document.Read([]byte(text), document.MaxSize, &p)
		if findings := l.Findings(); !found || !p.Opaque() || len(findings) == 0 || findings[0].Rule != rule {
			t.Errorf("found %v, opaque %v, findings %+v, want %s:\n%s", found, p.Opaque(), findings, rule, text)
		}
	}
	for text, rule := range map[string]string{"": "policy-empty", "{}": "policy-empty", "[1]": "not-json", whole + strings.Repeat(" ", document.MaxSize): "policy-too-large"} {
		var p document.Policy
		l, found := document.Read([]byte(text), document.MaxSize, &p)
		if findings := l.Findings(); found || len(findings) != 1 || findings[0].Rule != rule {
			t.Errorf("found %v, findings %+v, want %s", found, findings, rule)
		}
	}
}
