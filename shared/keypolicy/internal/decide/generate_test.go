package decide_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
)

// The generator writes policies from small vocabularies, so that two of them
// often speak of the same things, in slightly different words.

const (
	ownAccount   = "111122223333"
	otherAccount = "444455556666"
	ownKey       = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	iam          = "arn:aws:iam::111122223333:"
	sts          = "arn:aws:sts::111122223333:"
)

var (
	awsPrincipals = []string{
		"*", iam + "root", ownAccount, iam + "role/App", iam + "role/ops/Break", iam + "user/eva", iam + "user/x/max",
		sts + "assumed-role/App/alice", sts + "assumed-role/Zed/bob", sts + "federated-user/fred",
		"arn:aws:iam::444455556666:root", otherAccount, "arn:aws:iam::444455556666:role/Partner", "AROAEXAMPLEEXAMPLE000",
	}
	servicePrincipals = []string{"cloudtrail.amazonaws.com", "s3.amazonaws.com"}
	actionNames       = []string{
		"kms:*", "kms:Decrypt", "kms:Encrypt", "kms:Generate*", "kms:CreateGrant", "kms:PutKeyPolicy", "kms:EnableKeyRotation",
		"kms:D*", "kms:ListKeys", "kms:TagResource", "*",
	}
)

// vocabulary is a condition key with the operators and values that are tried.
type vocabulary struct {
	key    string
	family string
	values []string
}

var vocabularies = []vocabulary{
	{"aws:PrincipalArn", "text", []string{iam + "role/App", iam + "role/*", iam + "role/ops/*", "arn:aws:iam::*:role/App", "arn:aws:iam::1111*:user/?va", "*", "*App", iam + "root", "arn:aws:iam::${aws:PrincipalAccount}:role/App", sts + "federated-user/*"}},
	{"aws:PrincipalAccount", "text", []string{ownAccount, otherAccount, "1111*", "*", "4444????6666", "${aws:ResourceAccount}", "12345"}},
	{"kms:CallerAccount", "text", []string{ownAccount, otherAccount, "999999999999", "9*"}},
	{"aws:PrincipalOrgID", "text", []string{"o-aaaaaaaaaa", "o-bbbbbbbbbb", "o-a*", "${aws:ResourceOrgID}"}},
	{"kms:ViaService", "text", []string{"s3.us-east-1.amazonaws.com", "ec2.us-east-1.amazonaws.com", "*.us-east-1.amazonaws.com", "s?.*", "*"}},
	{"kms:EncryptionContext:app", "text", []string{"orders", "Orders", "or*", "o?ders", "*s", "", "${*}", "*"}},
	{"kms:EncryptionContextKeys", "sets", []string{"app", "dept", "a*", "*p", "App"}},
	{"aws:TagKeys", "sets", []string{"team", "t*", "cost"}},
	{"aws:SourceIp", "address", []string{"203.0.113.0/24", "203.0.113.7", "0.0.0.0/0", "203.0.112.0/23", "2001:db8::/32", "::/0"}},
	{"kms:RotationPeriodInDays", "number", []string{"90", "180", "181", "2560", "365.5"}},
	{"aws:MultiFactorAuthAge", "number", []string{"0", "300", "301", "3600"}},
	{"vendor:score", "number", []string{"1", "1.5", "2", "-3", "x"}},
	{"aws:CurrentTime", "date", []string{"2026-01-01T00:00:00Z", "2026-06-01", "2026-01-01T00:00:01Z", "1767225600"}},
	{"aws:EpochTime", "number", []string{"1767225600", "1767225601", "1780272000"}},
	{"aws:MultiFactorAuthPresent", "bool", []string{"true", "false", "True"}},
	{"aws:SecureTransport", "bool", []string{"true", "false"}},
	{"aws:ViaAWSService", "bool", []string{"true", "false"}},
	{"aws:PrincipalIsAWSService", "bool", []string{"true", "false"}},
	{"kms:GrantIsForAWSResource", "bool", []string{"true", "false"}},
	{"aws:PrincipalTag/team", "text", []string{"a", "b", "${aws:username}", "${aws:PrincipalTag/x, 'a'}", "${aws:PrincipalTag/team}", "?", "${aws:PrincipalType}"}},
	{"aws:SourceArn", "text", []string{"arn:aws:s3:::bucket", "arn:aws:s3:::*", "arn:aws:cloudtrail:*:111122223333:trail/*", "arn:aws:cloudtrail:us-east-1:111122223333:trail/t", "*bucket"}},
	{"aws:SourceAccount", "text", []string{ownAccount, "${aws:ResourceAccount}", otherAccount, "1*"}},
	{"aws:RequestedRegion", "text", []string{"us-east-1", "eu-west-1", "us-*"}},
	{"aws:ResourceAccount", "text", []string{ownAccount, "${aws:PrincipalAccount}", otherAccount}},
	{"kms:KeySpec", "text", []string{"SYMMETRIC_DEFAULT", "RSA_2048", "RSA*"}},
	{"aws:username", "text", []string{"eva", "e*", "max", "?ax"}},
	{"aws:PrincipalType", "text", []string{"User", "AssumedRole", "A*"}},
	{"aws:FederatedProvider", "text", []string{"cognito-identity.amazonaws.com", "*"}},
	{"aws:PrincipalServiceName", "text", []string{"s3.amazonaws.com", "*.amazonaws.com"}},
	{"vendor:thing", "text", []string{"one", "two", "t*", "*o", "o*e"}},
}

var operatorsOf = map[string][]string{
	"text":    {"StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals"},
	"sets":    {"StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"},
	"address": {"IpAddress", "NotIpAddress"},
	"number":  {"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"},
	"date":    {"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"},
	"bool":    {"Bool", "Bool", "StringEquals"},
}

// generator makes policies out of random numbers.
type generator struct{ *rand.Rand }

func pick[T any](g generator, from []T) T { return from[g.IntN(len(from))] }

func (g generator) chance(percent int) bool { return g.IntN(100) < percent }

func (g generator) some(from []string) any {
	n := 1 + g.IntN(3)
	if n == 1 {
		return pick(g, from)
	}
	var out []any
	for range n {
		out = append(out, pick(g, from))
	}
	return out
}

func (g generator) document() *document {
	d := &document{Version: "2012-10-17"}
	if g.chance(12) {
		d.Version = "2008-10-17"
	}
	for range 1 + g.IntN(4) {
		d.Statement = append(d.Statement, g.statement())
	}
	return d
}

func (g generator) statement() map[string]any {
	s := map[string]any{"Effect": "Allow", "Resource": "*"}
	if g.chance(35) {
		s["Effect"] = "Deny"
	}
	g.who(s)
	name := "Action"
	if g.chance(8) {
		name = "NotAction"
	}
	s[name] = g.some(actionNames)
	switch g.IntN(25) {
	case 0:
		s["Resource"] = ownKey
	case 1:
		s["Resource"] = "arn:aws:kms:*:111122223333:key/*"
	case 2:
		s["Resource"] = "arn:aws:kms:eu-west-1:111122223333:key/*"
	case 3:
		delete(s, "Resource")
		s["NotResource"] = pick(g, []string{"*", "arn:aws:s3:::x"})
	}
	conditions := map[string]any{}
	for range g.IntN(4) {
		g.condition(conditions)
	}
	if len(conditions) > 0 {
		s["Condition"] = conditions
	}
	return s
}

func (g generator) who(s map[string]any) {
	name := "Principal"
	if s["Effect"] == "Deny" && g.chance(15) {
		name = "NotPrincipal"
	}
	switch n := g.IntN(20); {
	case n < 3 && name == "Principal":
		s[name] = "*"
	case n < 6:
		s[name] = map[string]any{"Service": g.some(servicePrincipals)}
	case n < 7 && name == "Principal":
		s[name] = map[string]any{"Federated": "cognito-identity.amazonaws.com"}
	case n < 8:
		s[name] = map[string]any{"Service": g.some(servicePrincipals), "AWS": g.some(awsPrincipals)}
	default:
		s[name] = map[string]any{"AWS": g.some(awsPrincipals)}
	}
}

func (g generator) condition(conditions map[string]any) {
	v := pick(g, vocabularies)
	op := pick(g, operatorsOf[v.family])
	switch {
	case g.chance(10):
		op = "Null"
	case g.chance(20):
		op += "IfExists"
	}
	if op != "Null" && (v.family == "sets" || g.chance(6)) {
		op = pick(g, []string{"ForAllValues:", "ForAnyValue:"}) + op
	}
	keys, _ := conditions[op].(map[string]any)
	if keys == nil {
		keys = map[string]any{}
		conditions[op] = keys
	}
	if op == "Null" {
		keys[v.key] = pick(g, []string{"true", "false"})
	} else {
		keys[v.key] = g.some(v.values)
	}
}

// neighbour is a policy that differs a little.
func (g generator) neighbour(d *document) *document {
	out := d.copy(nil)
	for range 1 + g.IntN(2) {
		g.change(out)
	}
	return out
}

// copy copies a document, with some texts replaced.
func (d *document) copy(texts *strings.Replacer) *document {
	text, err := json.Marshal(d)
	if err == nil && texts != nil {
		text = []byte(texts.Replace(string(text)))
	}
	var out document
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		panic(err) // it was made by the generator
	}
	return &out
}

func (g generator) change(d *document) {
	i := g.IntN(len(d.Statement))
	s := d.Statement[i]
	conditions, _ := s["Condition"].(map[string]any)
	switch g.IntN(8) {
	case 0:
		d.Statement = append(d.Statement, g.statement())
	case 1:
		if len(d.Statement) > 1 {
			d.Statement = append(d.Statement[:i], d.Statement[i+1:]...)
		}
	case 2:
		delete(s, "Principal")
		delete(s, "NotPrincipal")
		g.who(s)
	case 3:
		delete(s, "NotAction")
		s["Action"] = g.some(actionNames)
	case 4:
		if conditions == nil {
			conditions = map[string]any{}
			s["Condition"] = conditions
		}
		g.condition(conditions)
	default:
		g.changeCondition(conditions)
	}
}

// changeCondition drops a condition, changes its operator, or its values.
func (g generator) changeCondition(conditions map[string]any) {
	if len(conditions) == 0 {
		return
	}
	op := pick(g, sortedKeys(conditions))
	keys := conditions[op].(map[string]any)
	if len(keys) == 0 {
		return
	}
	key := pick(g, sortedKeys(keys))
	values := keys[key]
	switch g.IntN(3) {
	case 0:
		delete(keys, key)
	case 1:
		for _, v := range vocabularies {
			if v.key == key && op != "Null" {
				keys[key] = g.some(v.values)
			}
		}
	case 2:
		delete(keys, key)
		turned := map[bool]string{true: strings.Replace(op, "Equals", "NotEquals", 1), false: strings.Replace(op, "Not", "", 1)}[!strings.Contains(op, "Not") && strings.HasPrefix(op, "String")]
		if _, there := conditions[turned]; !there {
			conditions[turned] = map[string]any{key: values}
		}
	}
}
