package keypolicy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

func TestBaselinesAreProvenOfPoliciesInsideAndRefutedOfOthers(t *testing.T) {
	key := keypolicy.Key{Account: ownAccount, Region: "eu-west-1", ID: "1234abcd-12ab-34cd-56ef-1234567890ab", Org: "o-a1b2c3d4e5"}
	for _, b := range baselines(t) {
		within := mustParse(t, b.text)
		if p := keypolicy.Within(within, mustParse(t, b.passes), key); p.Verdict != keypolicy.Proven {
			t.Errorf("%s: a policy inside is %s: %s %+v", b.name, p.Verdict, p.Reason, p.Witness)
		}
		if len(b.fails) == 0 {
			continue
		}
		p := keypolicy.Within(within, mustParse(t, b.fails), key)
		if p.Verdict == keypolicy.Undecided && (strings.Contains(p.Reason, "aws:ResourceTag/") || strings.Contains(p.Reason, "aws:ResourceOrgPaths")) {
			continue // the baseline asks for facts of the key that are not known here
		}
		if p.Verdict != keypolicy.Refuted {
			t.Errorf("%s: a policy outside is %s: %s", b.name, p.Verdict, p.Reason)
			continue
		}
		r := request{principal: p.Witness.Principal, action: p.Witness.Action, resource: ownKey, context: map[string]string{}}
		for k, v := range p.Witness.Context {
			if text, one := v.(string); one {
				r.context[strings.ToLower(k)] = text
			}
		}
		if !allowedByPolicy(facts(b.fails), r) || !b.refuses(r) {
			t.Errorf("%s: the witness %+v does not replay: the policy allows it: %t; the baseline refuses it: %t", b.name, *p.Witness, allowedByPolicy(facts(b.fails), r), b.refuses(r))
		}
	}
}

func mustParse(t *testing.T, text []byte) *keypolicy.Policy {
	t.Helper()
	p, findings := keypolicy.Parse(text)
	if p == nil || p.Opaque() {
		t.Fatalf("%s: %v", text, findings)
	}
	return p
}

var provenKey = keypolicy.Key{Account: ownAccount, Region: "eu-west-1", ID: "1234abcd-12ab-34cd-56ef-1234567890ab", Org: "o-a1b2c3d4e5"}

const proveRoot = `{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}`

func statements(all ...string) []byte {
	return []byte(`{"Version": "2012-10-17", "Statement": [` + strings.Join(all, ", ") + `]}`)
}

func appDecrypts(condition string) string {
	return `{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/App"}, "Action": "kms:Decrypt", "Resource": "*", "Condition": {` + condition + `}}`
}

func TestNoNewAccess(t *testing.T) {
	viaS3, viaTwo := `"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}`, `"StringEquals": {"kms:ViaService": ["s3.eu-west-1.amazonaws.com", "ec2.eu-west-1.amazonaws.com"]}`
	stranger := `{"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "kms:Decrypt", "Resource": "*"}`
	for name, c := range map[string]struct {
		old, new  []byte
		verdict   keypolicy.Verdict
		principal string
	}{
		"the same in another order":    {statements(proveRoot, appDecrypts(viaS3)), statements(appDecrypts(viaS3), proveRoot), keypolicy.Proven, ""},
		"a narrower condition":         {statements(proveRoot, appDecrypts(viaTwo)), statements(proveRoot, appDecrypts(viaS3)), keypolicy.Proven, ""},
		"a wider condition":            {statements(proveRoot, appDecrypts(viaS3)), statements(proveRoot, appDecrypts(viaTwo)), keypolicy.Refuted, "arn:aws:iam::111122223333:role/App"},
		"another account":              {statements(proveRoot), statements(proveRoot, stranger), keypolicy.Refuted, "arn:aws:iam::444455556666:root"},
		"fewer statements":             {statements(proveRoot, stranger), statements(proveRoot), keypolicy.Proven, ""},
		"an operator nobody knows":     {statements(proveRoot), statements(proveRoot, appDecrypts(`"StringMatches": {"kms:ViaService": "a"}`)), keypolicy.Undecided, ""},
		"the first policy":             {nil, statements(proveRoot), keypolicy.Refuted, "arn:aws:iam::111122223333:root"},
		"an old one that is ambiguous": {[]byte(`{"Version": "2012-10-17", "Version": "2008-10-17", "Statement": [` + proveRoot + `]}`), statements(proveRoot), keypolicy.Undecided, ""},
	} {
		var old *keypolicy.Policy
		if c.old != nil {
			old, _ = keypolicy.Parse(c.old)
		}
		p := keypolicy.NoNewAccess(old, mustParse(t, c.new), provenKey)
		if p.Verdict != c.verdict || (p.Verdict != keypolicy.Proven) != (p.Reason != "" || p.Witness != nil) {
			t.Errorf("%s: %s, want %s: %s", name, p.Verdict, c.verdict, p.Reason)
		}
		if c.principal != "" && (p.Witness == nil || p.Witness.Principal != c.principal) {
			t.Errorf("%s: the witness is %+v, want %s", name, p.Witness, c.principal)
		}
	}
}

func TestAssertions(t *testing.T) {
	policy := statements(proveRoot, appDecrypts(`"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}`),
		`{"Effect": "Deny", "Principal": "*", "Action": "kms:ScheduleKeyDeletion", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/break-glass/*"}}}`)
	app, account := []string{"arn:aws:iam::111122223333:role/App"}, []string{"{account}"}
	decrypt, destroy := []string{"kms:Decrypt"}, []string{"kms:ScheduleKeyDeletion"}
	s3 := map[string][]string{"kms:ViaService": {"s3.eu-west-1.amazonaws.com"}}
	for name, c := range map[string]struct {
		keypolicy.Assertion
		want keypolicy.Verdict
	}{
		"App can, through S3":               {keypolicy.Assertion{Claim: keypolicy.Can, Who: app, Actions: decrypt, When: s3}, keypolicy.Proven},
		"App can, directly":                 {keypolicy.Assertion{Claim: keypolicy.Can, Who: app, Actions: decrypt}, keypolicy.Undecided},
		"the account can":                   {keypolicy.Assertion{Claim: keypolicy.Can, Who: account, Actions: decrypt}, keypolicy.Proven},
		"the account cannot delete":         {keypolicy.Assertion{Claim: keypolicy.Can, Who: account, Actions: destroy}, keypolicy.Refuted},
		"App cannot delete":                 {keypolicy.Assertion{Claim: keypolicy.Cannot, Who: app, Actions: destroy}, keypolicy.Proven},
		"App cannot decrypt":                {keypolicy.Assertion{Claim: keypolicy.Cannot, Who: app, Actions: decrypt}, keypolicy.Refuted},
		"services cannot":                   {keypolicy.Assertion{Claim: keypolicy.Cannot, Who: []string{"service:*"}, Actions: []string{"kms:*"}}, keypolicy.Proven},
		"other organizations cannot":        {keypolicy.Assertion{Claim: keypolicy.Cannot, Who: []string{"org:o-bbbbbbbbbb"}, Actions: []string{"kms:*"}}, keypolicy.Proven},
		"only the account":                  {keypolicy.Assertion{Claim: keypolicy.Only, Who: account, Actions: []string{"kms:*"}}, keypolicy.Proven},
		"only App decrypts":                 {keypolicy.Assertion{Claim: keypolicy.Only, Who: app, Actions: decrypt}, keypolicy.Refuted},
		"only break-glass deletes":          {keypolicy.Assertion{Claim: keypolicy.Only, Who: []string{"arn:aws:iam::{account}:role/break-glass/*"}, Actions: destroy}, keypolicy.Proven},
		"only the root user and some roles": {keypolicy.Assertion{Claim: keypolicy.Only, Who: []string{"arn:aws:iam::{account}:root", "arn:aws:iam::*:role/*"}, Actions: decrypt}, keypolicy.Refuted},
	} {
		p, err := keypolicy.Assert(&c.Assertion, mustParse(t, policy), provenKey)
		if err != nil || p.Verdict != c.want {
			t.Errorf("%s: %s, want %s: %s %+v %v", name, p.Verdict, c.want, p.Reason, p.Witness, err)
		}
	}
	for name, a := range map[string]keypolicy.Assertion{
		"nobody":          {Claim: keypolicy.Only, Actions: decrypt},
		"nothing":         {Claim: keypolicy.Only, Who: account},
		"no action":       {Claim: keypolicy.Only, Who: account, Actions: []string{"kms:Decrypted"}},
		"not in a policy": {Claim: keypolicy.Only, Who: account, Actions: []string{"kms:ListKeys"}},
		"a group":         {Claim: keypolicy.Only, Who: []string{"arn:aws:iam::111122223333:group/x"}, Actions: decrypt},
		"no ARN":          {Claim: keypolicy.Only, Who: []string{"App"}, Actions: decrypt},
		"who, as a value": {Claim: keypolicy.Cannot, Who: account, Actions: decrypt, When: map[string][]string{"aws:PrincipalArn": {"x"}}},
	} {
		if p, err := keypolicy.Assert(&a, mustParse(t, policy), provenKey); err == nil {
			t.Errorf("%s: accepted, %s", name, p.Verdict)
		}
	}
}

// TestByNameIsNewWhereTheAccountWasNamed fixes what NoNewAccess says of the key's own
// account: the key policy alone counts, and through the root it takes IAM as well.
func TestByNameIsNewWhereTheAccountWasNamed(t *testing.T) {
	root, byName := statements(proveRoot), statements(proveRoot, appDecrypts(""))
	p := keypolicy.NoNewAccess(mustParse(t, root), mustParse(t, byName), provenKey)
	if p.Verdict != keypolicy.Refuted || !p.ByName || p.Reason != "without a permission in IAM, which was needed before" || p.Witness.Principal != "arn:aws:iam::111122223333:role/App" {
		t.Errorf("a role by name beside the root: %s, %q, %+v", p.Verdict, p.Reason, p.Witness)
	}
	if p := keypolicy.NoNewAccess(mustParse(t, byName), mustParse(t, root), provenKey); p.Verdict != keypolicy.Proven {
		t.Errorf("the root alone, after a role by name beside it: %s, %+v", p.Verdict, p.Witness)
	}
	partner := strings.ReplaceAll(appDecrypts(""), "111122223333", "444455556666")
	account := strings.ReplaceAll(partner, "role/App", "root")
	if p := keypolicy.NoNewAccess(mustParse(t, statements(account)), mustParse(t, statements(account, partner)), provenKey); p.Verdict != keypolicy.Proven {
		t.Errorf("a role of another account, which needs its IAM anyway: %s, %+v", p.Verdict, p.Witness)
	}
}

func TestWhoCan(t *testing.T) {
	policy := mustParse(t, statements(proveRoot, appDecrypts(`"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}`),
		`{"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "kms:Decrypt", "Resource": "*"}`,
		`{"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:role/Old"}, "Action": "kms:*", "Resource": "*"}`,
		`{"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:role/Night"}, "Action": "kms:*", "Resource": "*", "Condition": {"Bool": {"aws:ViaAWSService": "false"}}}`))
	got, err := keypolicy.WhoCan("kms:Decrypt", policy, provenKey)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, h := range got {
		lines = append(lines, fmt.Sprint(h.Principal, " ", h.Through, " ", h.Always, " ", h.When, " ", h.Unless))
	}
	slices.Sort(lines)
	want := []string{
		"arn:aws:iam::111122223333:role/App policy false [kms:ViaService is s3.eu-west-1.amazonaws.com] []",
		"arn:aws:iam::111122223333:role/Night iam false [] [aws:ViaAWSService is false]",
		"arn:aws:iam::111122223333:root iam true [] []",
		"arn:aws:iam::444455556666:root iam true [] []",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	if _, err := keypolicy.WhoCan("kms:*", policy, provenKey); err == nil {
		t.Error("a pattern is taken for an action")
	}
}

func TestDifferencesTellUnderWhichConditions(t *testing.T) {
	noMFA := `{"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:role/App"}, "Action": "kms:Decrypt", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}`
	viaS3, viaTwo := `"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}`, `"StringEquals": {"kms:ViaService": ["s3.eu-west-1.amazonaws.com", "ec2.eu-west-1.amazonaws.com"]}`
	context := func(key string, values ...string) string {
		return fmt.Sprintf(`"StringEquals": {"kms:EncryptionContext:%s": ["%s"]}`, key, strings.Join(values, `", "`))
	}
	deny := func(condition string) string { return strings.Replace(appDecrypts(condition), "Allow", "Deny", 1) }
	for name, c := range map[string]struct {
		old, new []byte
		want     string
	}{
		"added":                              {statements(proveRoot), statements(proveRoot, appDecrypts("")), "gains [kms:Decrypt] loses []"},
		"narrowed":                           {statements(proveRoot, appDecrypts("")), statements(proveRoot, appDecrypts(viaS3)), "gains [] loses [kms:Decrypt unless kms:ViaService is s3.eu-west-1.amazonaws.com]"},
		"widened":                            {statements(proveRoot, appDecrypts(viaS3)), statements(proveRoot, appDecrypts(viaTwo)), "gains [kms:Decrypt when kms:ViaService is s3.eu-west-1.amazonaws.com, ec2.eu-west-1.amazonaws.com unless kms:ViaService is s3.eu-west-1.amazonaws.com] loses []"},
		"a Deny is narrowed":                 {statements(proveRoot, deny("")), statements(proveRoot, deny(context("a", "b"))), "gains [kms:Decrypt through IAM unless kms:EncryptionContext:a is b] loses []"},
		"a Deny is widened":                  {statements(appDecrypts(""), deny(context("a", "b"))), statements(appDecrypts(""), deny("")), "gains [] loses [kms:Decrypt unless kms:EncryptionContext:a is b]"},
		"more values":                        {statements(proveRoot, appDecrypts(context("a", "b"))), statements(proveRoot, appDecrypts(context("a", "b", "c"))), "gains [kms:Decrypt when kms:EncryptionContext:a is b, c unless kms:EncryptionContext:a is b] loses []"},
		"a Deny beside a condition goes":     {statements(appDecrypts(context("a", "b")), deny(context("z", "b"))), statements(appDecrypts(context("a", "b"))), "gains [kms:Decrypt when kms:EncryptionContext:a is b and kms:EncryptionContext:z is b] loses []"},
		"a Deny beside a condition comes":    {statements(appDecrypts(context("a", "b"))), statements(appDecrypts(context("a", "b")), deny("")), "gains [] loses [kms:Decrypt when kms:EncryptionContext:a is b]"},
		"an Allow and a Deny change":         {statements(appDecrypts(context("a", "b")), deny(context("z", "b"))), statements(appDecrypts("")), "gains [kms:Decrypt unless (kms:EncryptionContext:a is b and not kms:EncryptionContext:z is b)] loses []"},
		"by name under a condition, and IAM": {statements(proveRoot, deny("")), statements(proveRoot, appDecrypts(context("a", "b"))), "gains [kms:Decrypt when kms:EncryptionContext:a is b kms:Decrypt through IAM] loses []"},
		"what was allowed stays":             {statements(appDecrypts(viaS3)), statements(appDecrypts(viaS3), appDecrypts(context("a", "b"))), "gains [kms:Decrypt when kms:EncryptionContext:a is b unless kms:ViaService is s3.eu-west-1.amazonaws.com] loses []"},
		"all was denied":                     {statements(appDecrypts(context("a", "b")), deny("")), statements(appDecrypts(context("c", "d"))), "gains [kms:Decrypt when kms:EncryptionContext:c is d] loses []"},
		"denied":                             {statements(proveRoot, appDecrypts("")), statements(proveRoot, appDecrypts(""), noMFA), "gains [] loses [kms:Decrypt when aws:MultiFactorAuthPresent is false]"},
		"both gone":                          {statements(proveRoot, appDecrypts(""), noMFA), statements(proveRoot), "gains [] loses [kms:Decrypt unless aws:MultiFactorAuthPresent is false]"},
	} {
		got := keypolicy.CompareAccess(mustParse(t, c.old), mustParse(t, c.new), provenKey)
		if len(got) != 1 || got[0].Principal != "arn:aws:iam::111122223333:role/App" || fmt.Sprint("gains ", got[0].Gains, " loses ", got[0].Loses) != c.want {
			t.Errorf("%s: %+v, want %s", name, got, c.want)
		}
	}
}

// The baseline names the organization; a policy may name the account, or the resource,
// which belongs to it.
func TestTheOwnAccountIsInsideTheBaselineOfItsOrganization(t *testing.T) {
	all := baselines(t)
	deputy := all[slices.IndexFunc(all, func(b baseline) bool { return b.name == "confused-deputy.txtar" })]
	elsewhere := provenKey
	elsewhere.Org = "o-zzzzzzzzzz"
	for condition, want := range map[string]keypolicy.Verdict{
		`"StringEquals": {"aws:SourceAccount": "111122223333"}`:                                                                       keypolicy.Proven,
		`"StringEquals": {"aws:SourceAccount": "${aws:ResourceAccount}"}`:                                                             keypolicy.Proven,
		`"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:111122223333:trail/*"}`:                                                   keypolicy.Proven,
		`"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/a", "aws:SourceAccount": "111122223333"}`: keypolicy.Proven,
		`"StringEquals": {"aws:SourceAccount": "444455556666"}`:                                                                       keypolicy.Refuted,
		`"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket"}`:                                                                         keypolicy.Refuted,
		`"StringLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:111122223333:trail/*"}`:                                                keypolicy.Refuted, // its first * reaches over colons
		`"ArnLike": {"aws:SourceArn": ["arn:aws:cloudtrail:*:111122223333:trail/*", "arn:aws:cloudtrail:*:444455556666:trail/*"]}`:    keypolicy.Refuted,
	} {
		policy := mustParse(t, statements(proveRoot, `{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:GenerateDataKey*", "Resource": "*", "Condition": {`+condition+`}}`))
		if p := keypolicy.Within(mustParse(t, deputy.text), policy, provenKey); p.Verdict != want {
			t.Errorf("%s: %s, want %s: %s %+v", condition, p.Verdict, want, p.Reason, p.Witness)
		}
		if p := keypolicy.Within(mustParse(t, deputy.text), policy, elsewhere); p.Verdict != keypolicy.Refuted {
			t.Errorf("%s, of an account of another organization: %s", condition, p.Verdict)
		}
	}
}
