package decide_test

import (
	"fmt"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
)

// TestWhomAPrincipalNames asks for a request that a statement with one principal
// allows: nobody's, the named one's, or, where the text is no principal that IAM
// documents, undecided.
func TestWhomAPrincipalNames(t *testing.T) {
	const nobody, unknown = "nobody", "unknown"
	for principal, want := range map[string]string{
		`{"AWS": "111122223333"}`:                                         "arn:aws:iam::111122223333:root",
		`{"AWS": "arn:aws:iam::111122223333:root"}`:                       "arn:aws:iam::111122223333:root",
		`{"AWS": "arn:aws:iam::111122223333:user/ops/eva"}`:               "arn:aws:iam::111122223333:user/ops/eva",
		`{"AWS": "arn:aws:iam::111122223333:role/ops/App"}`:               "arn:aws:iam::111122223333:role/ops/App",
		`{"AWS": "arn:aws:sts::111122223333:assumed-role/App/eva"}`:       "arn:aws:sts::111122223333:assumed-role/App/eva",
		`{"AWS": "arn:aws:sts::111122223333:federated-user/eva"}`:         "arn:aws:sts::111122223333:federated-user/eva",
		`{"AWS": "arn:aws:sts::111122223333:user/eva"}`:                   unknown,
		`{"AWS": "arn:aws:sts::111122223333:role/App"}`:                   unknown,
		`{"AWS": "arn:aws:sts::111122223333:root"}`:                       unknown,
		`{"AWS": "arn:aws:sts::111122223333:assumed-role/App"}`:           unknown,
		`{"AWS": "arn:aws:iam::111122223333:user/"}`:                      unknown,
		`{"AWS": "arn:aws:iam::111122223333:role/App*"}`:                  unknown,
		`{"AWS": "arn:aws:iam::111122223333:group/ops"}`:                  unknown,
		`{"AWS": "arn:aws:iam::11112222333:root"}`:                        unknown,
		`{"AWS": "arn:aws:s3::111122223333:root"}`:                        unknown,
		`{"AWS": "arn:aws:iam:us-east-1:111122223333:root"}`:              unknown,
		`{"AWS": "arn:aws-cn:iam::111122223333:root"}`:                    nobody,
		`{"AWS": "AROAEXAMPLEROLEID123"}`:                                 nobody,
		`{"AWS": "AIDAEXAMPLEUSERID123"}`:                                 nobody,
		`{"AWS": "AROAEXAMPLE"}`:                                          unknown,
		`{"AWS": "AROAexampleroleid123"}`:                                 unknown,
		`{"Service": "sns.amazonaws.com"}`:                                "sns.amazonaws.com",
		`{"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98e"}`: unknown,
	} {
		s := decide.NewSpace(knownKey, decide.NewBudget())
		p := policyOf(fmt.Sprintf(`{"Effect": "Allow", "Principal": %s, "Action": "kms:Decrypt", "Resource": "*"}`, principal))
		proof := s.Ask(&decide.Question{Allowed: []*decide.Compiled{s.Compile(readPolicy(t, p))}, Callers: decide.IAMAllows})
		got := map[decide.Verdict]string{decide.Proven: nobody, decide.Undecided: unknown}[proof.Verdict]
		if proof.Witness != nil {
			got = proof.Witness.Principal
		}
		if got != want {
			t.Errorf("%s: %s (%s), want %s", principal, got, proof.Reason, want)
		}
	}
}
