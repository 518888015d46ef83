package keypolicy_test

import (
	"fmt"
	"maps"
	"strings"
)

// hostileLists make texts of very many entries, each of which costs something: a
// word that has to be looked up, a value that no key has, a finding to place.
var hostileLists = map[string]func(i int) string{
	`"Action":[%s]`:                                                       func(i int) string { return fmt.Sprintf("kms:Decrip%d", i) },
	`"Action":[%s] `:                                                      func(i int) string { return fmt.Sprintf("kms:*e*t?%d*", i) },
	`"Action": [%s]`:                                                      func(i int) string { return "kms:" + strings.Repeat("*?e", 1+i%14) + "*" },
	`"Action": [%s] `:                                                     func(i int) string { return fmt.Sprintf("%d*", i) },
	`"Principal":{"Service":[%s]}`:                                        func(i int) string { return fmt.Sprintf("clowdtrayl%d.amazonaws.com", i) },
	`"Principal":{"Service":[%s]} `:                                       func(i int) string { return fmt.Sprintf("a%d.eu-west-2.amazonaws.com", i) },
	`"Principal":{"AWS":[%s]}`:                                            func(i int) string { return fmt.Sprintf("arn:aws::iam:%012d:role/x", i) },
	`"Principal":{"AWS":[%s]} `:                                           func(i int) string { return fmt.Sprintf("%012d", i) },
	`"Principal":{"Federated":[%s]}`:                                      func(i int) string { return fmt.Sprint(i) },
	`"Resource":[%s]`:                                                     func(i int) string { return fmt.Sprintf("arn:aws:kms:*:*:key/%d*", i) },
	`"Condition":{"StringEquals":{"kms:KeySpec":[%s]}}`:                   func(i int) string { return fmt.Sprintf("RSB_%d", i) },
	`"Condition":{"StringEquals":{"kms:ViaService":[%s]}}`:                func(i int) string { return fmt.Sprintf("s%dm.eu-west-1.amazonaws.com", i) },
	`"Condition":{"ArnLike":{"aws:SourceArn":[%s]}}`:                      func(i int) string { return fmt.Sprintf("arn:aws:sns:eu-wost-%d:*:a", i) },
	`"Condition":{"IpAddress":{"aws:SourceIp":[%s]}}`:                     func(i int) string { return fmt.Sprintf("10.%d.%d.1/8", i/256%256, i%256) },
	`"Condition":{"NumericLessThan":{"kms:RotationPeriodInDays":[%s]}}`:   func(i int) string { return fmt.Sprintf("%d.x", i) },
	`"Condition":{"DateLessThan":{"aws:CurrentTime":[%s]}}`:               func(i int) string { return fmt.Sprintf("20%02d-01-01", i%100) },
	`"Condition":{"StringLike":{"aws:PrincipalOrgPaths":[%s]}}`:           func(i int) string { return fmt.Sprintf("o-*%d*/", i) },
	`"Condition":{"StringLike":{"kms:EncryptionContext:a":[%s]}}`:         func(i int) string { return fmt.Sprintf("${aws:username}${%d", i) },
	`"Condition":{"StringEquals":{"kms:RecipientAttestation:PCR0":[%s]}}`: func(i int) string { return fmt.Sprintf("%090dg", i) },
}

// hostileMembers make objects of very many members.
var hostileMembers = map[string]func(i int) string{
	`"Condition":{"StringLike":{%s}}`:               func(i int) string { return fmt.Sprintf(`"aws:Prncipal%d":"*"`, i) },
	`"Condition":{"ForAllValues:StringLike":{%s}}`:  func(i int) string { return fmt.Sprintf(`"a.b%d:amr":"*"`, i) },
	`"Condition":{"ForAllValues:StringLike": {%s}}`: func(i int) string { return fmt.Sprintf(`"aws:RequestTag/%d":["*","a"]`, i) },
	`"Condition":{%s}`:                              func(i int) string { return fmt.Sprintf(`"StringLik%d":{}`, i) },
	`"Condition":{%s} `:                             func(i int) string { return fmt.Sprintf(`"StringLik%d":{"a":"b"}`, i) },
	`"Principal":{%s}`:                              func(i int) string { return fmt.Sprintf(`"AWS%d":"*"`, i) },
	`%s`:                                            func(i int) string { return fmt.Sprintf(`"Resorce%d":"*"`, i) },
	`%s `:                                           func(i int) string { return fmt.Sprintf(`"É%d":"*"`, i) },
}

// hostileStatements make policies of very many statements.
var hostileStatements = map[string]func(i int) string{
	"empty":     func(int) string { return `{}` },
	"no effect": func(i int) string { return fmt.Sprintf(`{"Sid":"%d"}`, i) },
	"almost one": func(i int) string {
		return fmt.Sprintf(`{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"%d"}`, i)
	},
	"different": func(i int) string {
		return fmt.Sprintf(`{"Sid":"a%d","Effect":"Deny","Principal":{"AWS":"%012d"},"Action":"kms:*","Resource":"*"}`, i, i)
	},
	"alike": func(i int) string {
		return fmt.Sprintf(`{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*","Condition":{"StringLike":{"aws:userid":"%d"}}}`, i)
	},
	"identity":    func(i int) string { return `{"Effect":"Allow","Acton":"*"}` },
	"not objects": func(i int) string { return fmt.Sprint(i) },
}

// hostileTexts makes all of them, of about that many bytes.
func hostileTexts(size int) map[string][]byte {
	texts := map[string][]byte{}
	for form, entry := range hostileLists {
		texts["list "+form] = []byte(fillPolicy(size, "{"+besides(form)+form+"}", func(i int) string { return `"` + entry(i) + `"` }))
	}
	for form, member := range hostileMembers {
		texts["members "+form] = []byte(fillPolicy(size, "{"+besides(form)+form+"}", member))
	}
	for name, statement := range hostileStatements {
		texts["statements "+name] = []byte(fillPolicy(size, "%s", statement))
	}
	if size <= 32<<10 {
		maps.Copy(texts, worstCases())
	}
	return texts
}

// besides are the elements that a statement has beside the one that is filled.
func besides(form string) string {
	all := map[string]string{"Effect": `"Deny"`, "Principal": `"*"`, "Action": `"kms:*"`, "Resource": `"*"`}
	var b strings.Builder
	for name, value := range all {
		if !strings.HasPrefix(form, `"`+name+`"`) {
			fmt.Fprintf(&b, "%q:%s,", name, value)
		}
	}
	return b.String()
}

func fillPolicy(size int, form string, entry func(i int) string) string {
	head, tail, _ := strings.Cut(`{"Version":"2012-10-17","Statement":[`+form+`]}`, "%s")
	var b strings.Builder
	b.WriteString(head)
	for i := 0; b.Len() < size-len(tail)-250; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(entry(i))
	}
	return b.String() + tail
}
