package decide_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/oracle"
)

type context = map[string][]string

// families are keys that come together: conditions on them, and what requests can have
// of them.
var families = map[string]struct {
	who        string // "" for partner
	action     string
	conditions []string
	contexts   []context
}{
	"organization": {"", "kms:Decrypt", []string{
		`"StringEquals": {"aws:PrincipalOrgID": "o-bbbbbbbbbb"}`, `"StringNotEquals": {"aws:PrincipalOrgID": "o-bbbbbbbbbb"}`,
		`"StringEqualsIfExists": {"aws:PrincipalOrgID": ["o-bbbbbbbbbb", "o-cccccccccc"]}`, `"Null": {"aws:PrincipalOrgID": "true"}`,
		`"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-bbbbbbbbbb/*"}`, `"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-bbbbbbbbbb/r-1/*"}`,
		`"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-bbbbbbbbbb/r-1/ou-2/", "o-cccccccccc/*"]}`, `"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-bbbbbbbbbb/r-1/*"}`,
		`"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-bbbbbbbbbb/*"}`, `"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "*/r-1/*"}`, `"Null": {"aws:PrincipalOrgPaths": "false"}`,
	}, []context{
		{}, {"aws:principalorgid": {"o-bbbbbbbbbb"}, "aws:principalorgpaths": {"o-bbbbbbbbbb/r-1/ou-2/"}}, {"aws:principalorgid": {"o-bbbbbbbbbb"}, "aws:principalorgpaths": {"o-bbbbbbbbbb/r-0/"}},
		{"aws:principalorgid": {"o-cccccccccc"}, "aws:principalorgpaths": {"o-cccccccccc/r-1/ou-2/"}}, {"aws:principalorgid": {"o-cccccccccc"}, "aws:principalorgpaths": {"o-cccccccccc/r-0/"}},
		{"aws:principalorgid": {"o-dddddddddd"}, "aws:principalorgpaths": {"o-dddddddddd/r-1/"}}, {"aws:principalorgid": {"o-dddddddddd"}, "aws:principalorgpaths": {"o-dddddddddd/r-0/"}},
	}},
	"second factor": {"", "kms:Decrypt", []string{
		`"Bool": {"aws:MultiFactorAuthPresent": "true"}`, `"Bool": {"aws:MultiFactorAuthPresent": "false"}`, `"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}`, `"Null": {"aws:MultiFactorAuthPresent": "true"}`,
		`"NumericLessThan": {"aws:MultiFactorAuthAge": "300"}`, `"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "300"}`, `"Null": {"aws:MultiFactorAuthAge": "true"}`,
	}, []context{
		{}, {"aws:multifactorauthpresent": {"false"}}, {"aws:multifactorauthpresent": {"true"}, "aws:multifactorauthage": {"1"}}, {"aws:multifactorauthpresent": {"true"}, "aws:multifactorauthage": {"301"}},
	}},
	"encryption context": {"", "kms:Decrypt", []string{
		`"StringEquals": {"kms:EncryptionContext:app": "a"}`, `"StringNotEquals": {"kms:EncryptionContext:app": "a"}`, `"Null": {"kms:EncryptionContext:app": "true"}`, `"Null": {"kms:EncryptionContext:dept": "false"}`,
		`"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "app"}`, `"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["app", "other"]}`,
		`"ForAllValues:StringNotLike": {"kms:EncryptionContextKeys": "a*"}`, `"Null": {"kms:EncryptionContextKeys": "true"}`, `"ForAnyValue:StringLike": {"kms:EncryptionContextKeys": "d*"}`,
	}, []context{
		{}, {"kms:encryptioncontext:app": {"a"}, "kms:encryptioncontextkeys": {"app"}}, {"kms:encryptioncontext:app": {"b"}, "kms:encryptioncontextkeys": {"app"}},
		{"kms:encryptioncontext:dept": {"b"}, "kms:encryptioncontextkeys": {"dept"}}, {"kms:encryptioncontext:other": {"b"}, "kms:encryptioncontextkeys": {"other"}},
		{"kms:encryptioncontext:app": {"a"}, "kms:encryptioncontext:dept": {"b"}, "kms:encryptioncontextkeys": {"app", "dept"}}, {"kms:encryptioncontext:do": {"b"}, "kms:encryptioncontextkeys": {"do"}},
	}},
	"tags": {"", "kms:TagResource", []string{
		`"StringEquals": {"aws:RequestTag/team": "a"}`, `"Null": {"aws:RequestTag/team": "true"}`, `"Null": {"aws:RequestTag/team": "false"}`,
		`"ForAnyValue:StringEquals": {"aws:TagKeys": "team"}`, `"ForAllValues:StringEquals": {"aws:TagKeys": ["cost"]}`, `"Null": {"aws:TagKeys": "false"}`,
	}, []context{
		{}, {"aws:requesttag/team": {"a"}, "aws:tagkeys": {"team"}}, {"aws:requesttag/team": {"b"}, "aws:tagkeys": {"team"}}, {"aws:requesttag/cost": {"b"}, "aws:tagkeys": {"cost"}},
		{"aws:requesttag/team": {"a"}, "aws:requesttag/cost": {"b"}, "aws:tagkeys": {"cost", "team"}},
	}},
	"services between": {"", "kms:Decrypt", []string{
		`"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}`, `"Null": {"aws:CalledVia": "true"}`, `"StringEquals": {"aws:CalledViaFirst": "athena.amazonaws.com"}`,
		`"Null": {"aws:CalledViaFirst": "false"}`, `"StringNotEquals": {"aws:CalledViaLast": "s3.amazonaws.com"}`, `"Null": {"aws:CalledViaLast": "true"}`,
		`"Bool": {"aws:ViaAWSService": "true"}`, `"Bool": {"aws:ViaAWSService": "false"}`, `"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}`, `"Null": {"kms:ViaService": "true"}`,
	}, []context{
		{"aws:viaawsservice": {"false"}}, {"aws:viaawsservice": {"true"}}, {"aws:viaawsservice": {"true"}, "kms:viaservice": {"s3.us-east-1.amazonaws.com"}},
		{"aws:viaawsservice": {"true"}, "aws:calledvia": {"athena.amazonaws.com"}, "aws:calledviafirst": {"athena.amazonaws.com"}, "aws:calledvialast": {"athena.amazonaws.com"}},
		{"aws:viaawsservice": {"true"}, "aws:calledvia": {"athena.amazonaws.com", "s3.amazonaws.com"}, "aws:calledviafirst": {"athena.amazonaws.com"}, "aws:calledvialast": {"s3.amazonaws.com"}, "kms:viaservice": {"s3.us-east-1.amazonaws.com"}},
		{"aws:viaawsservice": {"true"}, "aws:calledvia": {"s3.amazonaws.com", "athena.amazonaws.com"}, "aws:calledviafirst": {"s3.amazonaws.com"}, "aws:calledvialast": {"athena.amazonaws.com"}},
	}},
	"sources": {trailService, "kms:Decrypt", []string{
		`"StringEquals": {"aws:SourceAccount": "111122223333"}`, `"StringNotEqualsIfExists": {"aws:SourceAccount": "111122223333"}`, `"Null": {"aws:SourceAccount": "false"}`,
		`"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:111122223333:trail/*"}`, `"ArnLike": {"aws:SourceArn": ["arn:aws:cloudtrail:*:111122223333:*", "arn:aws:cloudtrail:*:444455556666:*"]}`,
		`"ArnNotLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:4444*:trail/*"}`, `"StringLike": {"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:*:trail/*"}`, `"ArnLikeIfExists": {"aws:SourceArn": "arn:aws:s3:::bucket"}`,
		`"Null": {"aws:SourceArn": "true"}`, `"StringEquals": {"aws:SourceOrgID": "o-aaaaaaaaaa"}`, `"StringNotEqualsIfExists": {"aws:SourceOrgID": "o-aaaaaaaaaa"}`, `"StringNotEquals": {"aws:SourceOrgID": "o-bbbbbbbbbb"}`,
	}, []context{
		{}, {"aws:sourceaccount": {ownAccount}, "aws:sourceorgid": {"o-aaaaaaaaaa"}, "aws:sourceorgpaths": {"o-aaaaaaaaaa/r-1/"}}, {"aws:sourcearn": {"arn:aws:s3:::bucket"}},
		{"aws:sourcearn": {"arn:aws:cloudtrail:us-east-1:111122223333:trail/a"}, "aws:sourceaccount": {ownAccount}, "aws:sourceorgid": {"o-aaaaaaaaaa"}, "aws:sourceorgpaths": {"o-aaaaaaaaaa/r-1/"}},
		{"aws:sourcearn": {"arn:aws:cloudtrail:us-east-1:111122223333:trail/a"}, "aws:sourceorgid": {"o-aaaaaaaaaa"}, "aws:sourceorgpaths": {"o-aaaaaaaaaa/r-1/"}},
		{"aws:sourcearn": {"arn:aws:cloudtrail:us-east-1:444455556666:trail/a"}, "aws:sourceaccount": {"444455556666"}}, {"aws:sourcearn": {"arn:aws:cloudtrail:eu-west-1:444455556666:trail/a"}},
		{"aws:sourcearn": {"arn:aws:s3:::bucket"}, "aws:sourceaccount": {"444455556666"}, "aws:sourceorgid": {"o-bbbbbbbbbb"}, "aws:sourceorgpaths": {"o-bbbbbbbbbb/r-1/"}}, {"aws:sourceaccount": {"444455556666"}},
	}},
	"endpoints": {"", "kms:Decrypt", []string{
		`"StringEquals": {"aws:SourceVpc": "vpc-11111111"}`, `"Null": {"aws:SourceVpc": "true"}`, `"StringNotEquals": {"aws:SourceVpce": "vpce-11111111"}`, `"Null": {"aws:SourceVpce": "false"}`,
		`"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}`, `"Null": {"aws:VpceAccount": "false"}`, `"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}`, `"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}`,
	}, []context{
		{}, {"aws:sourceip": {"203.0.113.1"}}, {"aws:sourceip": {"198.51.100.1"}}, {"aws:sourcevpc": {"vpc-11111111"}, "aws:sourcevpce": {"vpce-11111111"}, "aws:vpcsourceip": {"10.1.1.1"}, "aws:vpceaccount": {ownAccount}},
		{"aws:sourcevpc": {"vpc-11111111"}, "aws:sourcevpce": {"vpce-22222222"}}, {"aws:sourcevpc": {"vpc-22222222"}, "aws:sourcevpce": {"vpce-22222222"}, "aws:vpcsourceip": {"172.1.1.1"}},
	}},
}

const (
	partner      = "arn:aws:iam::444455556666:role/Partner"
	trailService = "cloudtrail.amazonaws.com"
)

// TestKeysThatComeTogether holds random questions about such keys against all contexts
// that requests can have, and each witness against what comes together.
func TestKeysThatComeTogether(t *testing.T) {
	for name, f := range families {
		count := map[decide.Verdict]int{}
		caller, who := partner, `{"AWS": "`+partner+`"}`
		if f.who != "" {
			caller, who = f.who, `{"Service": "`+f.who+`"}`
		}
		for seed := range uint64(400) {
			g := generator{rand.New(rand.NewPCG(seed, 9))}
			statement := func(effect string) string {
				byOperator := map[string]string{}
				for range 1 + g.IntN(3) {
					operator, _, _ := strings.Cut(pick(g, f.conditions), ": ")
					for _, c := range f.conditions {
						if strings.HasPrefix(c, operator) {
							byOperator[operator] = c
						}
					}
				}
				var conditions []string
				for _, c := range byOperator {
					conditions = append(conditions, c)
				}
				slices.Sort(conditions)
				return strings.Replace(conditioned(who, f.action, strings.Join(conditions, ", ")), "Allow", effect, 1)
			}
			newer, older := policyOf(statement("Allow"), statement("Deny")), policyOf(statement("Allow"))
			s := decide.NewSpace(knownKey, decide.NewBudget())
			p := s.Ask(&decide.Question{Allowed: []*decide.Compiled{s.Compile(readPolicy(t, newer))}, Refused: []*decide.Compiled{s.Compile(readPolicy(t, older))}})
			count[p.Verdict]++
			is, was := readOracle(t, newer), readOracle(t, older)
			switch p.Verdict {
			case decide.Proven:
				for _, c := range f.contexts {
					if r := requestOf(caller, f.action, c); is.Allows(r) && !was.Allows(r) {
						t.Fatalf("%s, seed %d: called proven, but this is new: %v\nnew %s\nold %s", name, seed, c, newer, older)
					}
				}
			case decide.Refuted:
				c := replay(&p, world{"o-aaaaaaaaaa", "SYMMETRIC_DEFAULT", "us-east-1"}).Context
				if r := requestOf(caller, f.action, c); !is.Allows(r) || was.Allows(r) || oddContext(c) != "" {
					found, _ := json.Marshal(p.Witness)
					t.Fatalf("%s, seed %d: %s is no request, or not a new one: %s\nnew %s\nold %s", name, seed, found, oddContext(c), newer, older)
				}
			}
		}
		if t.Log(name, count); count[decide.Undecided] > 40 || count[decide.Proven] < 20 || count[decide.Refuted] < 20 {
			t.Errorf("%s: %v", name, count)
		}
	}
}

func readOracle(t *testing.T, text string) *oracle.Policy {
	t.Helper()
	p, err := oracle.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func requestOf(caller, action string, c context) *oracle.Request {
	return &oracle.Request{Principal: caller, Action: action, Resource: ownKey, Own: ownAccount, IAM: true, Context: c}
}

// oddContext says what in a context no request has.
func oddContext(c context) string {
	for _, pair := range [][2]string{
		{"aws:principalorgid", "aws:principalorgpaths"}, {"aws:multifactorauthage", "aws:multifactorauthpresent"}, {"aws:calledvia", "aws:calledviafirst"},
		{"aws:calledviafirst", "aws:calledvialast"}, {"aws:calledvialast", "aws:calledvia"}, {"aws:sourcevpc", "aws:sourcevpce"}, {"aws:sourcevpce", "aws:sourcevpc"},
		{"aws:vpcsourceip", "aws:sourcevpc"}, {"aws:vpceaccount", "aws:sourcevpce"}, {"aws:principalorgpaths", "aws:principalorgid"},
	} {
		if len(c[pair[0]]) > 0 && len(c[pair[1]]) == 0 {
			return pair[0] + " without " + pair[1]
		}
	}
	if len(c["aws:sourceip"]) > 0 && len(c["aws:sourcevpc"]) > 0 {
		return "a public address of a request through an endpoint"
	}
	if len(c["aws:calledvia"])+len(c["kms:viaservice"]) > 0 && len(c["aws:viaawsservice"]) > 0 && c["aws:viaawsservice"][0] == "false" {
		return "a service between, and none"
	}
	arn := strings.SplitN(strings.Join(c["aws:sourcearn"], ""), ":", 6)
	if account := c["aws:sourceaccount"]; len(arn) == 6 && arn[4] != "" && len(account) > 0 && arn[4] != account[0] {
		return "an account that the ARN does not name"
	}
	own := slices.Contains(c["aws:sourceaccount"], ownAccount) || len(arn) == 6 && arn[4] == ownAccount
	if _, of := c["aws:sourceorgid"]; of && own && c["aws:sourceorgid"][0] != "o-aaaaaaaaaa" {
		return "the own account in another organization"
	}
	for _, path := range c["aws:principalorgpaths"] {
		if !strings.HasPrefix(path, c["aws:principalorgid"][0]+"/") {
			return "places of another organization"
		}
	}
	if len(c["aws:calledvia"]) > 0 && (!slices.Contains(c["aws:calledvia"], c["aws:calledviafirst"][0]) || !slices.Contains(c["aws:calledvia"], c["aws:calledvialast"][0])) {
		return "a first or last service that is not in the list"
	}
	if (len(c["aws:multifactorauthage"]) > 0) != slices.Equal(c["aws:multifactorauthpresent"], []string{"true"}) {
		return "the age of a factor that was not used, or none of one that was"
	}
	for prefix, list := range map[string]string{"kms:encryptioncontext:": "kms:encryptioncontextkeys", "aws:requesttag/": "aws:tagkeys"} {
		for key := range c {
			if name, is := strings.CutPrefix(key, prefix); is && !slices.ContainsFunc(c[list], func(k string) bool { return strings.EqualFold(k, name) }) {
				return key + " that is not in the list"
			}
		}
		for _, name := range c[list] {
			if len(c[prefix+strings.ToLower(name)]) == 0 {
				return name + " in a list, and nowhere else"
			}
		}
	}
	return ""
}
