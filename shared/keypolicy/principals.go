package keypolicy

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// principals checks how the principals of one statement are written.
func (c *grammarChecker) principals(s *statement) {
	for i := range s.principals {
		p := &s.principals[i]
		switch p.kind {
		case awsPrincipal:
			c.awsPrincipal(s, p)
		case servicePrincipal:
			c.servicePrincipal(p)
		case federatedPrincipal:
			c.value(&rule.PrincipalFederated, p.node, "A federated provider is no principal that a key policy should name (a house rule): federated users come as sessions of a role. Name that role under AWS.")
		case canonicalUser:
			c.value(&rule.PrincipalCanonical, p.node, "A canonical user id does not tell its account, so it cannot be judged (a house rule). Name the account under AWS.")
		}
	}
}

func (c *grammarChecker) awsPrincipal(s *statement, p *principal) {
	switch p.form {
	case anyone:
		if p.node == s.principalAt && c.node(p.node).Kind == jsontree.String {
			c.value(&rule.PrincipalStar, p.node, "Principal \"*\" means everybody in every account, the same as {\"AWS\": \"*\"}.")
		}
	case malformed:
		c.malformedPrincipal(p)
	case groupForm:
		c.value(&rule.PrincipalGroup, p.node, "A group cannot be a principal. Name the account, arn:"+c.o.Key.partition()+":iam::"+p.account+":root, and let the group's IAM policy allow the actions.")
	case uniqueID:
		c.value(&rule.PrincipalOrphan, p.node, quote(p.text)+" is the unique id that KMS shows for a deleted principal, and it refuses it when it is put. Take it away, or write the ARN of a principal that exists.")
	}
	if partition := c.o.Key.partition(); p.form != malformed && strings.HasPrefix(p.text, "arn:") && !strings.HasPrefix(p.text[4:], partition+":") {
		c.value(&rule.PrincipalPartition, p.node, "The principal "+quote(p.text)+" belongs to another partition than the key: the one does not exist for the other. Write arn:"+partition+":….")
	}
}

// malformedPrincipal says what is wrong with the text of an AWS principal.
func (c *grammarChecker) malformedPrincipal(p *principal) {
	if c.skip(&rule.PrincipalInvalid) {
		return
	}
	broken, message := explainPrincipal(p.text, c.o.Key.partition())
	c.value(broken, p.node, message)
}

func explainPrincipal(text, partition string) (*rule.Rule, string) {
	a, isARN := splitARN(text)
	switch {
	case placeholder(text) != "":
		return &rule.PrincipalInvalid, quote(text) + " holds " + placeholder(text) + ", which nothing fills in: variables are not replaced in a principal, and no template is worked out here. Write what it stands for."
	case strings.Count(text, "arn:") > 1 || strings.ContainsAny(text, ",;") || strings.HasPrefix(text, "["):
		return &rule.PrincipalList, "Several principals seem to stand in one string, which KMS takes for one principal that does not exist. Write a list: [\"…\", \"…\"]."
	case isARN && rootTypo(a):
		return &rule.PrincipalRoot, quote(text) + " does not name the account root; write " + rootARN(a.partition, a.account) + "."
	case wildcard.Has(text):
		return &rule.PrincipalWildcard, "A wildcard inside of a principal is refused by KMS. Name the account and narrow it by a condition: \"ArnLike\": {\"aws:PrincipalArn\": " + quote(text) + "}."
	case strings.HasSuffix(text, ".amazonaws.com"):
		return &rule.PrincipalInvalid, quote(text) + " is an AWS service; write it under \"Service\", not under \"AWS\"."
	case strings.TrimSpace(text) != text:
		return &rule.PrincipalInvalid, "White space surrounds the principal " + quote(text) + "; take it away."
	case allDigits(strings.ReplaceAll(text, "-", "")):
		return &rule.PrincipalInvalid, quote(text) + " is no account id: those have 12 digits and no hyphens."
	case !isARN:
		return &rule.PrincipalInvalid, quote(text) + " is no principal; write an account id, or an ARN such as arn:" + partition + ":iam::111122223333:role/Name."
	case !isAccountID(a.account):
		return &rule.PrincipalInvalid, "The ARN " + quote(text) + " names no account of 12 digits."
	case a.region != "":
		return &rule.PrincipalInvalid, "The ARN " + quote(text) + " names a Region, and principals have none: write arn:" + a.partition + ":" + a.service + "::" + a.account + ":…."
	}
	return &rule.PrincipalInvalid, "The ARN " + quote(text) + " is not that of an account root, a role, a user or a session, and nothing else can be a principal."
}

// placeholder returns what somebody meant to be filled in, "" where there is none.
func placeholder(text string) string {
	for _, marks := range [...][2]string{{"${", "}"}, {"{{", "}}"}, {"<", ">"}} {
		before, rest, found := strings.Cut(text, marks[0])
		if name, _, closed := strings.Cut(rest, marks[1]); found && closed {
			return text[len(before) : len(before)+len(marks[0])+len(name)+len(marks[1])]
		}
	}
	return ""
}

func rootTypo(a arnParts) bool {
	if a.service != "iam" && a.service != "sts" {
		return false
	}
	switch strings.ToLower(a.resource) {
	case "/root", "user/root", "role/root", "root/", "account/root", "root", "*root":
		return a.service != "iam" || a.resource != "root"
	}
	return false
}

func (c *grammarChecker) servicePrincipal(p *principal) {
	text := p.text
	labels := strings.Split(text, ".")
	domain := strings.HasSuffix(text, ".amazonaws.com") || strings.HasSuffix(text, ".amazonaws.com.cn") ||
		strings.HasSuffix(text, ".amazon.com") || strings.HasSuffix(text, ".aws.internal") || strings.HasSuffix(text, ".api.aws")
	switch {
	case wildcard.Has(text):
		c.value(&rule.PrincipalWildcard, p.node, "A wildcard in a service principal is refused by KMS; name each service.")
	case !domain || len(labels) < 3 || !plainLabels(labels):
		c.value(&rule.ServiceInvalid, p.node, serviceText(text))
	default:
		c.serviceRegion(p, labels)
	}
}

func serviceText(text string) string {
	if a, ok := splitARN(text); ok || isAccountID(text) {
		return quote(text) + " is " + map[bool]string{true: "an ARN of " + a.service, false: "an account"}[ok] + "; write it under \"AWS\", not under \"Service\"."
	}
	return quote(text) + " is not the name of a service principal; those look like cloudtrail.amazonaws.com, in small letters."
}

func plainLabels(labels []string) bool {
	for _, l := range labels {
		if l == "" || strings.ContainsFunc(l, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' }) {
			return false
		}
	}
	return true
}

// serviceRegion compares the Region in a service's name, where there is one.
func (c *grammarChecker) serviceRegion(p *principal, labels []string) {
	region := labels[1]
	if !isRegion(region) || region == c.o.Key.Region {
		return
	}
	if c.o.Key.Region == "" {
		c.region(p.node, region, c.o.Key.partition())
		return
	}
	c.value(&rule.ServiceRegion, p.node, "The service principal is that of "+region+", the key stands in "+c.o.Key.Region+". Write "+labels[0]+"."+c.o.Key.Region+"."+strings.Join(labels[2:], ".")+" unless you know that the service calls across Regions.")
}

// isRegion reports whether s has the shape of a Region's name.
func isRegion(s string) bool {
	parts := strings.Split(s, "-")
	return len(parts) >= 3 && len(parts[0]) <= 4 && allDigits(parts[len(parts)-1])
}
