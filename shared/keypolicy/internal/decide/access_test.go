package decide_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
)

const rootStatement = `{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}`

// policyOf wraps statements.
func policyOf(statements ...string) string {
	return `{"Version": "2012-10-17", "Statement": [` + strings.Join(statements, ", ") + `]}`
}

var knownKey = decide.Facts{Account: ownAccount, Region: "us-east-1", ID: ownKey[len(ownKey)-36:], Org: "o-aaaaaaaaaa"}

func differences(t *testing.T, old, new string) []string {
	t.Helper()
	s := decide.NewSpace(knownKey, decide.NewBudget())
	is, was := s.Compile(readPolicy(t, new)), s.Compile(readPolicy(t, old))
	var out []string
	for sign, list := range map[string][]decide.Difference{"+": s.Beyond(is, was), "-": s.Beyond(was, is)} {
		for _, d := range list {
			line := sign + d.Who + " " + strings.Join(d.Actions.Names(), ",")
			if d.Actions == catalog.All&^catalog.Ineffective {
				line = sign + d.Who + " all"
			}
			for what, is := range map[string]bool{" iam": d.IAM, " unsure": d.Unsure} {
				if is {
					line += what
				}
			}
			if !d.Always {
				line += " sometimes"
			}
			out = append(out, line)
		}
	}
	slices.Sort(out)
	return out
}

func TestDifferencesOfAccess(t *testing.T) {
	allow := func(who, action, condition string) string {
		return fmt.Sprintf(`{"Effect": "Allow", "Principal": %s, "Action": %q, "Resource": "*", "Condition": {%s}}`, who, action, condition)
	}
	deny := func(who, action, condition string) string {
		return strings.Replace(allow(who, action, condition), "Allow", "Deny", 1)
	}
	app := `{"AWS": "arn:aws:iam::111122223333:role/App"}`
	s3, ec2 := `"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}`, `"StringEquals": {"kms:ViaService": ["s3.us-east-1.amazonaws.com", "ec2.us-east-1.amazonaws.com"]}`
	noMFA := `"Bool": {"aws:MultiFactorAuthPresent": "false"}`
	for name, c := range map[string]struct {
		old, new string
		want     []string
	}{
		"a role is added":           {policyOf(rootStatement), policyOf(rootStatement, allow(app, "kms:Decrypt", "")), []string{"+" + iam + "role/App kms:Decrypt"}},
		"a condition is widened":    {policyOf(rootStatement, allow(app, "kms:Decrypt", s3)), policyOf(rootStatement, allow(app, "kms:Decrypt", ec2)), []string{"+" + iam + "role/App kms:Decrypt sometimes"}},
		"a condition is narrowed":   {policyOf(rootStatement, allow(app, "kms:Decrypt", ec2)), policyOf(rootStatement, allow(app, "kms:Decrypt", s3)), []string{"-" + iam + "role/App kms:Decrypt sometimes"}},
		"a Deny of a member goes":   {policyOf(rootStatement, deny(app, "kms:*", "")), policyOf(rootStatement), []string{"+" + iam + "role/App all iam"}},
		"an Allow and a Deny go":    {policyOf(rootStatement, allow(app, "kms:Decrypt", ""), deny(app, "kms:Decrypt", noMFA)), policyOf(rootStatement), []string{"+" + iam + "role/App kms:Decrypt iam sometimes", "-" + iam + "role/App kms:Decrypt sometimes"}},
		"a Deny for all is added":   {policyOf(rootStatement), policyOf(rootStatement, deny(`"*"`, "kms:Decrypt", s3)), []string{"-" + iam + "root kms:Decrypt sometimes"}},
		"everybody":                 {policyOf(rootStatement, allow(app, "kms:Decrypt", "")), policyOf(rootStatement, allow(`"*"`, "kms:Decrypt", "")), []string{"+* kms:Decrypt"}},
		"an account":                {policyOf(rootStatement), policyOf(rootStatement, allow(`{"AWS": "444455556666"}`, "kms:Decrypt", "")), []string{"+arn:aws:iam::444455556666:root kms:Decrypt"}},
		"a session of a denied one": {policyOf(rootStatement), policyOf(rootStatement, allow(`{"AWS": "arn:aws:sts::111122223333:assumed-role/App/alice"}`, "kms:Decrypt", ""), deny(app, "kms:Decrypt", "")), []string{"-" + iam + "role/App kms:Decrypt iam"}},
		"a service":                 {policyOf(rootStatement), policyOf(rootStatement, allow(`{"Service": "s3.amazonaws.com"}`, "kms:Decrypt", "")), []string{"+s3.amazonaws.com kms:Decrypt"}},
		"nothing":                   {policyOf(rootStatement, allow(app, "kms:Decrypt", s3)), policyOf(allow(app, "kms:Decrypt", s3), rootStatement), nil},
	} {
		if got := differences(t, c.old, c.new); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, c.want)
		}
	}
}
