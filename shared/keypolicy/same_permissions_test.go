package keypolicy_test

import (
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
