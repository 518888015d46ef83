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
		"one text, equal and not":             {appRole, opposed, exists, knownKey, decide.Proven},
		"two texts, equal and not":            {appRole, opposed, `"BinaryEqualsIfExists": {"vendor:k": "Yg=="}`, knownKey, decide.Undecided},
		"a list in a longer one":              {trail, trailSource(`"*", "arn:aws:s3:::a"`), trailSource(`"arn:aws:s3:::b", "*", "arn:aws:s3:::a"`), knownKey, decide.Proven},
		"a list beside another":               {trail, trailSource(`"*", "arn:aws:s3:::a"`), trailSource(`"*", "arn:aws:s3:::b"`), knownKey, decide.Undecided},
		"a list in one that is known":         {trail, trailSource(`"*"`), trailSource(`"arn:aws:s3:::a"`), knownKey, decide.Undecided},
		"a name, and an ARN that is none":     {anAccount, `"StringEquals": {"aws:username": "a"}`, `"StringEquals": {"aws:PrincipalArn": "a"}`, knownKey, decide.Refuted},
		"whether a service has an account":    {trail, `"Null": {"aws:PrincipalAccount": "false"}, "StringEqualsIfExists": {"aws:PrincipalAccount": "111122223333"}`, "", knownKey, decide.Undecided},
		"a variable that is not the account":  {everybody, `"ArnLike": {"aws:PrincipalArn": "arn:aws:iam:${aws:PrincipalAccount}:*:role/App"}`, "", knownKey, decide.Undecided},
		"an organization beside no account":   {anAccount, `"StringEquals": {"aws:PrincipalOrgID": "o-aaaaaaaaaa"}`, "", decide.Facts{Region: "us-east-1"}, decide.Undecided},
		"the type of a key of one Region":     {appRole, `"StringEquals": {"kms:MultiRegionKeyType": "PRIMARY"}`, "", knownKey, decide.Proven},
		"the type of a key of several":        {appRole, `"StringEquals": {"kms:MultiRegionKeyType": "PRIMARY"}`, "", decide.Facts{Account: ownAccount, ID: "mrk-1234"}, decide.Undecided},
		"the usage by its old name":           {appRole, `"StringEquals": {"kms:CustomerMasterKeyUsage": "SIGN_VERIFY"}`, "", decide.Facts{Account: ownAccount, Usage: "ENCRYPT_DECRYPT"}, decide.Proven},
		"the usage by both names":             {appRole, `"StringEquals": {"kms:CustomerMasterKeyUsage": "SIGN_VERIFY", "kms:KeyUsage": "ENCRYPT_DECRYPT"}`, "", decide.Facts{Account: ownAccount}, decide.Proven},
		"the spec by its old name":            {appRole, `"StringEquals": {"kms:CustomerMasterKeySpec": "RSA_2048"}`, "", decide.Facts{Account: ownAccount, Spec: "RSA_2048"}, decide.Refuted},
		"the origin":                          {appRole, `"StringEquals": {"kms:KeyOrigin": "EXTERNAL"}`, "", decide.Facts{Account: ownAccount, Origin: "AWS_KMS"}, decide.Proven},
		"a part of a variable, turned":        {trail, `"StringEquals": {"aws:ResourceAccount": "x${aws:SourceAccount}"}`, "", knownKey, decide.Undecided},
		"every value, turned":                 {trail, `"ForAllValues:StringEquals": {"aws:ResourceAccount": "${aws:SourceAccount}"}`, "", knownKey, decide.Undecided},
		"some value, turned":                  {trail, `"ForAnyValue:StringEquals": {"aws:ResourceAccount": "${aws:SourceAccount}"}`, "", knownKey, decide.Undecided},
		"a value that may lack, turned":       {trail, `"StringEqualsIfExists": {"aws:ResourceAccount": "${aws:SourceAccount}"}`, "", knownKey, decide.Undecided},
		"another value, turned":               {trail, `"StringNotEquals": {"aws:ResourceAccount": "${aws:SourceAccount}"}`, "", knownKey, decide.Undecided},
		"a pattern, turned":                   {trail, `"StringLike": {"aws:ResourceAccount": "${aws:SourceAccount}"}`, "", knownKey, decide.Undecided},
		"whatever the case, turned":           {trail, `"StringEqualsIgnoreCase": {"aws:ResourceAccount": "${aws:SourceAccount}"}`, "", knownKey, decide.Refuted},
		"another key, turned":                 {trail, `"StringEquals": {"aws:ResourceAccount": "${aws:SourceArn}"}`, "", knownKey, decide.Undecided},
		"a key of no constant, turned":        {trail, `"StringEquals": {"kms:EncryptionContext:a": "${aws:SourceAccount}"}`, "", knownKey, decide.Undecided},
		"places beside a variable":            {`{"AWS": "` + partner + `"}`, `"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-bbbbbbbbbb/*", "${aws:PrincipalTag/x}"]}, "StringEquals": {"aws:PrincipalOrgID": "o-cccccccccc"}`, "", knownKey, decide.Undecided},
		"places in an organization":           {`{"AWS": "` + partner + `"}`, `"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-bbbbbbbbbb/*"]}, "StringEquals": {"aws:PrincipalOrgID": "o-cccccccccc"}`, "", knownKey, decide.Proven},
		"a default that looks like a pattern": {appRole, `"StringLike": {"kms:EncryptionContext:a": "${aws:username, '*'}"}, "StringNotEquals": {"kms:EncryptionContext:a": "*"}`, "", knownKey, decide.Proven},
		"an open variable, turned":            {trail, `"StringEquals": {"aws:ResourceAccount": "${aws:SourceAccount"}`, "", knownKey, decide.Undecided},
		"a whole variable, turned":            {trail, `"StringEquals": {"aws:ResourceAccount": "${aws:SourceAccount}"}`, "", knownKey, decide.Refuted},
		"a variable beside another value":     {trail, `"StringEquals": {"aws:ResourceAccount": ["${aws:SourceAccount}", "444455556666"]}`, "", knownKey, decide.Undecided},
		"an empty text":                       {appRole, `"StringNotLike": {"vendor:k": "?*"}, "Null": {"vendor:k": "false"}`, "", knownKey, decide.Refuted},
		"no text":                             {appRole, `"StringNotLike": {"vendor:k": ["?*", ""]}, "Null": {"vendor:k": "false"}`, "", knownKey, decide.Proven},
		"ARNs that are excluded":              {anAccount, `"StringNotEquals": {"aws:PrincipalArn": ["arn:aws:iam::111122223333:role/a", "b", "c", "d", "e", "f", "g", "h", "i"]}, "StringLike": {"aws:PrincipalArn": "*:role/?"}`, "", knownKey, decide.Refuted},
		"a fact that looks like a pattern":    {appRole, `"StringLike": {"kms:ViaService": "${kms:KeySpec}"}, "StringEquals": {"kms:ViaService": "AES"}`, "", decide.Facts{Account: ownAccount, Spec: "A*"}, decide.Proven},
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
