package verdict

import (
	"fmt"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
)

// TestWhatIsCalledDeadIsNeverThereForTheProcedureEither asks for a request with each
// condition key: of somebody with credentials, of a service, of anybody; for actions
// that come with the key, and for others. The rules about dead conditions read the
// catalogue, because they say which action or principal is to blame. Where only the
// procedure knows that there is none, the condition is reported as never true.
func TestWhatIsCalledDeadIsNeverThereForTheProcedureEither(t *testing.T) {
	key := facts.Key{Account: "111122223333", Region: "eu-west-1", ID: "1234abcd-12ab-34cd-56ef-1234567890ab"}
	count, never := map[bool]int{}, 0
	for _, k := range catalog.Keys() {
		name := k.Name
		if k.Has(catalog.Prefix) {
			name += "x"
		}
		for _, who := range []string{`"*"`, `{"AWS": "arn:aws:iam::111122223333:role/App"}`, `{"Service": "sns.amazonaws.com"}`} {
			for _, action := range []string{"kms:Decrypt", "kms:CreateGrant", "kms:ScheduleKeyDeletion", "kms:TagResource"} {
				text := fmt.Sprintf(`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": %s, "Action": %q, "Resource": "*", "Condition": {"Null": {%q: "false"}}}}`, who, action, name)
				var p document.Policy
				if _, ok := document.Read([]byte(text), document.MaxServed, &p); !ok {
					t.Fatalf("reading %s", text)
				}
				q := questions{p: &p, key: key, budget: decide.NewBudget()}
				s := &p.Statements[0]
				dead := neverThere(s, &s.Conditions[0]) || new(checker).deadFor(s, &s.Conditions[0]) != 0
				proof := q.applies(false, q.statement(s))
				if dead && proof.Verdict != decide.Proven {
					t.Errorf("%s of %s for %s: called dead, and a request with it: %s %s", name, who, action, proof.Verdict, proof.Reason)
				}
				if count[dead]++; !dead && proof.Verdict == decide.Proven {
					never++
				}
			}
		}
	}
	if count[true] == 0 || never == 0 || never > count[false]/10 {
		t.Errorf("dead or not: %v, and proven beside these: %d", count, never)
	}
}
