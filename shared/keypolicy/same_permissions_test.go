package keypolicy_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/oracle"
)

func TestWhetherTwoTextsAllowTheSameIsDecided(t *testing.T) {
	const root = `{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}`
	app := func(rest string) string {
		return `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/App"},"Resource":"*",` + rest + `}`
	}
	tests := map[string]struct {
		a, b string
		want keypolicy.Verdict
	}{
		"split in two":                  {app(`"Action":["kms:Decrypt","kms:Encrypt"]`), app(`"Action":"kms:Decrypt"`) + "," + app(`"Action":"kms:Encrypt"`), keypolicy.Proven},
		"a condition that always holds": {app(`"Action":"kms:Decrypt","Condition":{"StringLike":{"aws:PrincipalArn":"*"}}`), app(`"Action":"kms:Decrypt"`), keypolicy.Proven},
		"an action more":                {app(`"Action":["kms:Decrypt","kms:Encrypt"]`), app(`"Action":"kms:Decrypt"`), keypolicy.Refuted},
		"a value less":                  {app(`"Action":"kms:Decrypt","Condition":{"StringEquals":{"kms:EncryptionContext:a":["1","2"]}}`), app(`"Action":"kms:Decrypt","Condition":{"StringEquals":{"kms:EncryptionContext:a":"1"}}`), keypolicy.Refuted},
		"operators that do not exist":   {app(`"Action":"kms:Decrypt","Condition":{"StringIs":{"aws:userid":"a"}}`), app(`"Action":"kms:Decrypt","Condition":{"StringAre":{"aws:userid":"a"}}`), keypolicy.Undecided},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := parsed(t, `{"Version":"2012-10-17","Statement":[`+root+","+test.a+`]}`)
			b := parsed(t, `{"Version":"2012-10-17","Statement":[`+root+","+test.b+`]}`)
			if a.Canonical("aws").Permissions == b.Canonical("aws").Permissions {
				t.Fatal("the texts are the same already")
			}
			for _, p := range []keypolicy.Proof{keypolicy.SamePermissions(a, b, provenKey), keypolicy.SamePermissions(b, a, provenKey)} {
				if p.Verdict != test.want || p.Verdict != keypolicy.Proven && p.Reason == "" {
					t.Errorf("%s, because %q, with %+v; want %s", p.Verdict, p.Reason, p.Witness, test.want)
				}
			}
		})
	}
}

func TestAnOpaquePolicyAllowsTheSameAsNoOther(t *testing.T) {
	p := parsed(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*"}]}`)
	if proof := keypolicy.SamePermissions(p, p, provenKey); proof.Verdict == keypolicy.Proven {
		t.Errorf("an opaque policy is called the same as itself: %+v", proof)
	}
}

// What is decided to be the same, the evaluator must not tell apart.
func TestWhatIsDecidedToBeTheSameAllowsTheSameRequests(t *testing.T) {
	same := 0
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawPolicy(t), drawPolicy(t)
		if rapid.Bool().Draw(t, "disturbed") {
			b = []byte(disturb(t, string(a)))
		}
		older, _ := keypolicy.Parse(a)
		newer, _ := keypolicy.Parse(b)
		if older.Opaque() || newer.Opaque() || keypolicy.SamePermissions(older, newer, provenKey).Verdict != keypolicy.Proven {
			return
		}
		same++
		r := drawRequest(t, rapid.SampledFrom([]string{rootName, breakGlass, "arn:aws:iam::111122223333:role/App"}).Draw(t, "caller"))
		r.action = rapid.SampledFrom([]string{"kms:PutKeyPolicy", "kms:Decrypt", "kms:Encrypt"}).Draw(t, "asked")
		x, err := oracle.Read(string(a))
		y, err2 := oracle.Read(string(b))
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if now, before, known := bothAllow(y, x, forOracle(r, rapid.Bool().Draw(t, "IAM allows"))); known && now != before {
			t.Fatalf("decided to be the same, but %v tells them apart:\n%s\n%s", r, a, b)
		}
	})
	t.Logf("%d pairs were the same", same)
}

// forOracle is a request as the oracle takes it.
func forOracle(r request, iam bool) *oracle.Request {
	out := &oracle.Request{Principal: r.principal, Action: r.action, Resource: r.resource, Own: ownAccount, IAM: iam, Context: map[string][]string{}}
	for key, value := range r.context {
		out.Context[key] = []string{value}
	}
	return out
}

// Of what cannot be decided, one thing is not another: a proof that takes them for the
// same would be none.
func TestTwoThingsThatAreNotDecidedAreNotTheSame(t *testing.T) {
	pairs := map[string][2]string{
		"bytes":                        {`"Condition":{"BinaryEquals":{"kms:EncryptionContext:a":"YQ=="}}`, `"Condition":{"BinaryEquals":{"kms:EncryptionContext:a":"Yg=="}}`},
		"unknown operators":            {`"Condition":{"StringIs":{"aws:userid":"a"}}`, `"Condition":{"StringAre":{"aws:userid":"a"}}`},
		"keys of an unknown operator":  {`"Condition":{"StringIs":{"aws:userid":"a"}}`, `"Condition":{"StringIs":{"aws:username":"a"}}`},
		"its values":                   {`"Condition":{"StringIs":{"aws:userid":"a"}}`, `"Condition":{"StringIs":{"aws:userid":"b"}}`},
		"operators without keys":       {`"Condition":{"StringEquals":{}}`, `"Condition":{"StringLike":{}}`},
		"one or two of them":           {`"Condition":{"a, b":{}}`, `"Condition":{"a":{},"b":{}}`},
		"empty lists":                  {`"Condition":{"StringEquals":{"aws:userid":[]}}`, `"Condition":{"StringLike":{"aws:userid":[]}}`},
		"several values without a set": {`"Condition":{"StringEquals":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/r-1/"}}`, `"Condition":{"StringEquals":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/r-2/"}}`},
		"accounts compared as ARNs":    {`"Condition":{"ArnLike":{"aws:PrincipalAccount":"111122223333"}}`, `"Condition":{"ArnLike":{"aws:PrincipalAccount":"444455556666"}}`},
		"patterns for the service":     {`"Action":"k*:Decrypt"`, `"Action":"km*:Decrypt"`},
		"one or both of them":          {`"Action":["k*:Decrypt","?ms:Encrypt"]`, `"Action":["km*:Decrypt","?ms:Encrypt"]`},
		"actions without a service":    {`"Action":"kms*"`, `"Action":"k*"`},
		"exceptions":                   {`"NotAction":["kms:PutKeyPolicy","k*:Decrypt"]`, `"NotAction":["kms:PutKeyPolicy","km*:Decrypt"]`},
		"an action and an exception":   {`"Action":["kms:Encrypt","k*:Decrypt"]`, `"NotAction":["kms:*","k*:Decrypt"]`},
		"variables":                    {`"Condition":{"StringEquals":{"aws:userid":"${aws:PrincipalTag/a}"}}`, `"Condition":{"StringEquals":{"aws:userid":"${aws:PrincipalTag/b}"}}`},
	}
	key := provenKey
	key.ID = ""
	for name, pair := range pairs {
		for _, effect := range []string{"Allow", "Deny"} {
			t.Run(name+"/"+effect, func(t *testing.T) {
				a, b := parsed(t, withPart(effect, pair[0])), parsed(t, withPart(effect, pair[1]))
				if p := keypolicy.SamePermissions(a, b, key); p.Verdict == keypolicy.Proven {
					t.Errorf("proven to be the same:\n%s\n%s", withPart(effect, pair[0]), withPart(effect, pair[1]))
				}
				if p := keypolicy.SamePermissions(a, a, key); p.Verdict != keypolicy.Proven {
					t.Errorf("not the same as itself: %s, %s", p.Verdict, p.Reason)
				}
				if p := keypolicy.NoNewAccess(a, parsed(t, withPart(effect, pair[0])), key); p.Verdict != keypolicy.Proven {
					t.Errorf("more than itself: %s, %s", p.Verdict, p.Reason)
				}
			})
		}
	}
}

// withPart is a policy with a statement that has the part and what it needs besides.
func withPart(effect, part string) string {
	s := `{"Effect":"` + effect + `",` + part
	for element, rest := range map[string]string{"Principal": `"AWS":"arn:aws:iam::111122223333:role/App"`, "Action": "", "Resource": ""} {
		switch {
		case strings.Contains(part, element+`":`):
		case rest != "":
			s += `,"` + element + `":{` + rest + `}`
		default:
			s += `,"` + element + `":"` + map[string]string{"Action": "kms:Decrypt", "Resource": "*"}[element] + `"`
		}
	}
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["111122223333","arn:aws:iam::111122223333:role/App"]},"Action":"kms:` +
		map[string]string{"Allow": "Verify", "Deny": "*"}[effect] + `","Resource":"*"},` + s + `}]}`
}
