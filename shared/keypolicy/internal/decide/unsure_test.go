package decide_test

import (
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
)

// TestWhatIsNotKnownIsTheSameWhereverItStands asks for a request that statements let in
// of which some depend on what is not known. What one thing would have to be twice, in
// two ways, is not so.
func TestWhatIsNotKnownIsTheSameWhereverItStands(t *testing.T) {
	const exists, opposed = `"BinaryEqualsIfExists": {"vendor:k": "YQ=="}`, `"BinaryEquals": {"vendor:k": "YQ=="}`
	trailSource := func(values string) string { return `"ArnLike": {"aws:SourceArn": [` + values + `]}` }
	for name, c := range map[string]struct {
		who, allowed, denied string
		facts                decide.Facts
		want                 decide.Verdict
	}{
		"one text, equal and not":            {appRole, opposed, exists, knownKey, decide.Proven},
		"two texts, equal and not":           {appRole, opposed, `"BinaryEqualsIfExists": {"vendor:k": "Yg=="}`, knownKey, decide.Undecided},
		"a list in a longer one":             {trail, trailSource(`"*", "arn:aws:s3:::a"`), trailSource(`"arn:aws:s3:::b", "*", "arn:aws:s3:::a"`), knownKey, decide.Proven},
		"a list beside another":              {trail, trailSource(`"*", "arn:aws:s3:::a"`), trailSource(`"*", "arn:aws:s3:::b"`), knownKey, decide.Undecided},
		"a list in one that is known":        {trail, trailSource(`"*"`), trailSource(`"arn:aws:s3:::a"`), knownKey, decide.Undecided},
		"a name, and an ARN that is none":    {anAccount, `"StringEquals": {"aws:username": "a"}`, `"StringEquals": {"aws:PrincipalArn": "a"}`, knownKey, decide.Refuted},
		"whether a service has an account":   {trail, `"Null": {"aws:PrincipalAccount": "false"}, "StringEqualsIfExists": {"aws:PrincipalAccount": "111122223333"}`, "", knownKey, decide.Undecided},
		"a variable that is not the account": {everybody, `"ArnLike": {"aws:PrincipalArn": "arn:aws:iam:${aws:PrincipalAccount}:*:role/App"}`, "", knownKey, decide.Undecided},
		"a fact that looks like a pattern":   {appRole, `"StringLike": {"kms:ViaService": "${kms:KeySpec}"}, "StringEquals": {"kms:ViaService": "AES"}`, "", decide.Facts{Account: ownAccount, Spec: "A*"}, decide.Proven},
	} {
		statements := []string{conditioned(c.who, "kms:Decrypt", c.allowed)}
		if c.denied != "" {
			statements = append(statements, `{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {`+c.denied+`}}`)
		}
		s := decide.NewSpace(c.facts, decide.NewBudget())
		p := s.Ask(&decide.Question{Allowed: []*decide.Compiled{s.Compile(readPolicy(t, policyOf(statements...)))}, Callers: decide.IAMAllows})
		if p.Verdict != c.want {
			t.Errorf("%s: %s, want %s: %s %+v", name, p.Verdict, c.want, p.Reason, p.Witness)
		}
	}
}
