package grammar

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// principals checks how the principals of one statement are written.
func (c *checker) principals(s *document.Statement) {
	for i := range s.Principals {
		p := &s.Principals[i]
		switch p.Kind {
		case document.AWSPrincipal:
			c.awsPrincipal(s, p)
		case document.ServicePrincipal:
			c.servicePrincipal(p)
		case document.FederatedPrincipal:
			c.Value(&rule.PrincipalFederated, p.Node, "A federated provider is no principal that a key policy should name (a house rule): federated users come as sessions of a role. Name that role under AWS.")
		case document.CanonicalUser:
			c.Value(&rule.PrincipalCanonical, p.Node, "A canonical user id does not tell its account, so it cannot be judged (a house rule). Name the account under AWS.")
		}
	}
}

func (c *checker) awsPrincipal(s *document.Statement, p *document.Principal) {
	switch p.Form {
	case document.Anyone:
		if p.Node == s.PrincipalAt && c.Node(p.Node).Kind == jsontree.String {
			c.Value(&rule.PrincipalStar, p.Node, "Principal \"*\" means everybody in every account, the same as {\"AWS\": \"*\"}.")
		}
	case document.Malformed:
		c.malformedPrincipal(p)
	case document.GroupForm:
		c.Value(&rule.PrincipalGroup, p.Node, "A group cannot be a principal. Name the account, arn:"+c.o.Key.PartitionName()+":iam::"+p.Account+":root, and let the group's IAM policy allow the actions.")
	case document.UniqueID:
		c.Value(&rule.PrincipalOrphan, p.Node, phrase.Quote(p.Text)+" is the unique id that KMS shows for a deleted principal, and it refuses it when it is put. Take it away, or write the ARN of a principal that exists.")
	}
	if partition := c.o.Key.PartitionName(); p.Form != document.Malformed && strings.HasPrefix(p.Text, "arn:") && !strings.HasPrefix(p.Text[4:], partition+":") {
		c.Value(&rule.PrincipalPartition, p.Node, "The principal "+phrase.Quote(p.Text)+" belongs to another partition than the key: the one does not exist for the other. Write arn:"+partition+":….")
	}
}

// malformedPrincipal says what is wrong with the text of an AWS principal.
func (c *checker) malformedPrincipal(p *document.Principal) {
	if c.Skip(&rule.PrincipalInvalid) {
		return
	}
	broken, message := explainPrincipal(p.Text, c.o.Key.PartitionName())
	c.Value(broken, p.Node, message)
}

func explainPrincipal(text, partition string) (*rule.Rule, string) {
	a, isARN := awsid.SplitARN(text)
	switch {
	case placeholder(text) != "":
		return &rule.PrincipalInvalid, phrase.Quote(text) + " holds " + placeholder(text) + ", which nothing fills in: variables are not replaced in a principal, and no template is worked out here. Write what it stands for."
	case strings.Count(text, "arn:") > 1 || strings.ContainsAny(text, ",;") || strings.HasPrefix(text, "["):
		return &rule.PrincipalList, "Several principals seem to stand in one string, which KMS takes for one principal that does not exist. Write a list: [\"…\", \"…\"]."
	case isARN && rootTypo(a):
		return &rule.PrincipalRoot, phrase.Quote(text) + " does not name the account root; write " + awsid.RootARN(a.Partition, a.Account) + "."
	case wildcard.Has(text):
		return &rule.PrincipalWildcard, "A wildcard inside of a principal is refused by KMS. Name the account and narrow it by a condition: \"ArnLike\": {\"aws:PrincipalArn\": " + phrase.Quote(text) + "}."
	case strings.HasSuffix(text, ".amazonaws.com"):
		return &rule.PrincipalInvalid, phrase.Quote(text) + " is an AWS service; write it under \"Service\", not under \"AWS\"."
	case strings.TrimSpace(text) != text:
		return &rule.PrincipalInvalid, "White space surrounds the principal " + phrase.Quote(text) + "; take it away."
	case awsid.IsDigits(strings.ReplaceAll(text, "-", "")):
		return &rule.PrincipalInvalid, phrase.Quote(text) + " is no account id: those have 12 digits and no hyphens."
	case !isARN:
		return &rule.PrincipalInvalid, phrase.Quote(text) + " is no principal; write an account id, or an ARN such as arn:" + partition + ":iam::111122223333:role/Name."
	case !awsid.IsAccount(a.Account):
		return &rule.PrincipalInvalid, "The ARN " + phrase.Quote(text) + " names no account of 12 digits."
	case a.Region != "":
		return &rule.PrincipalInvalid, "The ARN " + phrase.Quote(text) + " names a Region, and principals have none: write arn:" + a.Partition + ":" + a.Service + "::" + a.Account + ":…."
	}
	return &rule.PrincipalInvalid, "The ARN " + phrase.Quote(text) + " is not that of an account root, a role, a user or a session, and nothing else can be a principal."
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

func rootTypo(a awsid.ARN) bool {
	if a.Service != "iam" && a.Service != "sts" {
		return false
	}
	switch strings.ToLower(a.Resource) {
	case "/root", "user/root", "role/root", "root/", "account/root", "root", "*root":
		return a.Service != "iam" || a.Resource != "root"
	}
	return false
}

func (c *checker) servicePrincipal(p *document.Principal) {
	text := p.Text
	labels := strings.Split(text, ".")
	domain := strings.HasSuffix(text, ".amazonaws.com") || strings.HasSuffix(text, ".amazonaws.com.cn") ||
		strings.HasSuffix(text, ".amazon.com") || strings.HasSuffix(text, ".aws.internal") || strings.HasSuffix(text, ".api.aws")
	switch {
	case wildcard.Has(text):
		c.Value(&rule.PrincipalWildcard, p.Node, "A wildcard in a service principal is refused by KMS; name each service.")
	case !domain || len(labels) < 3 || !plainLabels(labels):
		c.Value(&rule.ServiceInvalid, p.Node, serviceText(text))
	default:
		c.serviceRegion(p, labels)
	}
}

func serviceText(text string) string {
	if a, ok := awsid.SplitARN(text); ok || awsid.IsAccount(text) {
		return phrase.Quote(text) + " is " + map[bool]string{true: "an ARN of " + a.Service, false: "an account"}[ok] + "; write it under \"AWS\", not under \"Service\"."
	}
	return phrase.Quote(text) + " is not the name of a service principal; those look like cloudtrail.amazonaws.com, in small letters."
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
func (c *checker) serviceRegion(p *document.Principal, labels []string) {
	region := labels[1]
	if !isRegion(region) || region == c.o.Key.Region {
		return
	}
	if c.o.Key.Region == "" {
		c.region(p.Node, region, c.o.Key.PartitionName())
		return
	}
	c.Value(&rule.ServiceRegion, p.Node, "The service principal is that of "+region+", the key stands in "+c.o.Key.Region+". Write "+labels[0]+"."+c.o.Key.Region+"."+strings.Join(labels[2:], ".")+" unless you know that the service calls across Regions.")
}

// isRegion reports whether s has the shape of a Region's name.
func isRegion(s string) bool {
	parts := strings.Split(s, "-")
	return len(parts) >= 3 && len(parts[0]) <= 4 && awsid.IsDigits(parts[len(parts)-1])
}
