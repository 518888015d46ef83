package decide_test

import (
	"fmt"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
)

// TestWhichResourceIsTheKey asks for a request that a statement about a resource
// allows. A part of the key's ARN that is not known is fitted by a wildcard only; what
// else stands there may be the key or not.
func TestWhichResourceIsTheKey(t *testing.T) {
	const id, other = "1234abcd-12ab-34cd-56ef-1234567890ab", "ffffffff-12ab-34cd-56ef-1234567890ab"
	whole := decide.Facts{Account: ownAccount, Region: "us-east-1", ID: id}
	noRegion, noAccount, noID := whole, whole, whole
	noRegion.Region, noAccount.Account, noID.ID = "", "", ""
	const this, no, perhaps = decide.Refuted, decide.Proven, decide.Undecided
	for _, c := range []struct {
		resource                               string
		whole, noRegion, noAccount, noID, none decide.Verdict
	}{
		{"*", this, this, this, this, this},
		{"arn:aws:kms:us-east-1:111122223333:key/" + id, this, perhaps, perhaps, perhaps, perhaps},
		{"arn:aws:kms:us-east-1:111122223333:key/" + other, no, no, no, perhaps, perhaps},
		{"arn:aws:kms:eu-west-1:111122223333:key/" + id, no, perhaps, no, no, perhaps},
		{"arn:aws:kms:us-east-1:444455556666:key/" + id, no, no, perhaps, no, perhaps},
		{"arn:aws:kms:*:111122223333:key/" + id, this, this, perhaps, perhaps, perhaps},
		{"arn:aws:kms:us-east-1:*:key/" + id, this, perhaps, this, perhaps, perhaps},
		{"arn:aws:kms:us-east-1:111122223333:key/*", this, perhaps, perhaps, this, perhaps},
		{"arn:aws:kms:us-east-1:111122223333:*", this, perhaps, perhaps, this, perhaps},
		{"arn:aws:kms:us-east-1:111122223333:*ab", this, perhaps, perhaps, perhaps, perhaps},
		{"arn:aws:kms:us-east-1:111122223333:*x", no, perhaps, perhaps, perhaps, perhaps},
		{"arn:aws:kms:us-east-1:111122223333:key/12*", this, perhaps, perhaps, perhaps, perhaps},
		{"arn:aws:kms:us-east-1:111122223333:key/13*", no, no, no, perhaps, perhaps},
		{"arn:aws:kms:us-east-1:111122223333:alias/app", no, no, no, no, no},
		{"arn:aws:s3:us-east-1:111122223333:key/" + id, no, no, no, no, no},
		{"arn:aws-cn:kms:us-east-1:111122223333:key/" + id, no, no, no, no, no},
		{"arn:*:kms:*:*:key/*", this, this, this, this, this},
		{"arn:aws:kms:*:*:key/1???abcd-*", this, this, this, perhaps, perhaps},
		{"key/" + id, no, no, no, no, no},
		{"arn:aws:kms:us-east-1:${aws:PrincipalAccount}:key/" + id, perhaps, perhaps, perhaps, perhaps, perhaps},
	} {
		for _, f := range []struct {
			facts decide.Facts
			want  decide.Verdict
		}{{whole, c.whole}, {noRegion, c.noRegion}, {noAccount, c.noAccount}, {noID, c.noID}, {decide.Facts{}, c.none}} {
			is := aboutResource(t, "Resource", c.resource, f.facts)
			if is != f.want {
				t.Errorf("%s, where %+v is known: %s, want %s", c.resource, f.facts, is, f.want)
			}
			opposite := map[decide.Verdict]decide.Verdict{this: no, no: this, perhaps: perhaps}[f.want]
			if is := aboutResource(t, "NotResource", c.resource, f.facts); is != opposite {
				t.Errorf("all but %s, where %+v is known: %s, want %s", c.resource, f.facts, is, opposite)
			}
		}
	}
}

func aboutResource(t *testing.T, element, resource string, facts decide.Facts) decide.Verdict {
	t.Helper()
	s := decide.NewSpace(facts, decide.NewBudget())
	p := policyOf(fmt.Sprintf(`{"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", %q: %q}`, element, resource))
	return s.Ask(&decide.Question{Allowed: []*decide.Compiled{s.Compile(readPolicy(t, p))}}).Verdict
}
