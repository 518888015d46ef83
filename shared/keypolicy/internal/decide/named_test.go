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
		`{"AWS": "AROAEXAMPLEROLE1"}`:                                     nobody,
		`{"AWS": "AROAEXAMPLEROLE"}`:                                      unknown,
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

// TestWhatNotPrincipalMakesOfWhatIsNoCaller lists something beside which nobody can tell
// whether a caller is left out.
func TestWhatNotPrincipalMakesOfWhatIsNoCaller(t *testing.T) {
	for listed, want := range map[string]decide.Verdict{
		`{"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98e"}`: decide.Undecided,
		`{"Federated": "accounts.google.com"}`:                            decide.Undecided,
		`{"AWS": "AROAEXAMPLEROLEID123"}`:                                 decide.Refuted,
		`{"Service": "sns.amazonaws.com"}`:                                decide.Refuted,
		`"*"`:                                                             decide.Undecided,
	} {
		s := decide.NewSpace(knownKey, decide.NewBudget())
		policy := policyOf(fmt.Sprintf(`{"Effect": "Allow", "NotPrincipal": %s, "Action": "kms:Decrypt", "Resource": "*"}`, listed))
		if p := s.Ask(&decide.Question{Allowed: []*decide.Compiled{s.Compile(readPolicy(t, policy))}, Callers: decide.IAMAllows}); p.Verdict != want {
			t.Errorf("%s: %s, want %s: %s %+v", listed, p.Verdict, want, p.Reason, p.Witness)
		}
	}
}

// TestWhomADenyWithNotPrincipalSpares lists some of the names of a caller: all of them
// spare it; of a role's session, IAM's documentation says of two of the three that they
// do and that they do not.
func TestWhomADenyWithNotPrincipalSpares(t *testing.T) {
	const (
		root, eva, app = `"arn:aws:iam::111122223333:root"`, `"arn:aws:iam::111122223333:user/eva"`, `"arn:aws:iam::111122223333:role/App"`
		session, other = `"arn:aws:sts::111122223333:assumed-role/App/eva"`, `"arn:aws:sts::111122223333:assumed-role/App/bob"`
		federated      = `"arn:aws:sts::111122223333:federated-user/eva"`
	)
	const spared, denied, both = decide.Refuted, decide.Proven, decide.Undecided
	for _, c := range []struct {
		who, listed string
		want        decide.Verdict
	}{
		{root, root, spared},
		{root, eva, denied},
		{eva, root, denied},
		{eva, eva, denied},
		{eva, eva + "," + root, spared},
		{eva, app + "," + root, denied},
		{federated, federated + "," + root, spared},
		{federated, federated, denied},
		{app, app, denied},
		{app, root, denied},
		{app, app + "," + root, both},
		{app, app + "," + root + "," + session, spared}, // this one session
		{session, app + "," + root + "," + session, spared},
		{session, app + "," + root, both},
		{session, app + "," + root + "," + other, both},
		{session, session + "," + root, denied},
		{session, session + "," + app, denied},
		{session, session, denied},
		{session, app, denied},
		{session, other + "," + root, denied},
		{eva, `"*"`, both},
	} {
		s := decide.NewSpace(knownKey, decide.NewBudget())
		requests := policyOf(fmt.Sprintf(`{"Effect": "Allow", "Principal": {"AWS": %s}, "Action": "kms:Decrypt", "Resource": "*"}`, c.who))
		policy := policyOf(`{"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}`,
			fmt.Sprintf(`{"Effect": "Deny", "NotPrincipal": {"AWS": [%s]}, "Action": "kms:Decrypt", "Resource": "*"}`, c.listed))
		proof := s.Ask(&decide.Question{Allowed: []*decide.Compiled{s.Compile(readPolicy(t, requests)), s.Compile(readPolicy(t, policy))}, Callers: decide.IAMAllows})
		if proof.Verdict != c.want {
			t.Errorf("%s beside [%s]: %s, want %s: %s %+v", c.who, c.listed, proof.Verdict, c.want, proof.Reason, proof.Witness)
		}
	}
}
