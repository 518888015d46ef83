package grammar

import (
	"strconv"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/charset"
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
			c.Value(&rule.PrincipalFederated, p.Node, "A key policy cannot name a federated provider: federated users call KMS with the session of a role. Write the ARN of that role under \"AWS\".")
		case document.CanonicalUser:
			c.Value(&rule.PrincipalCanonical, p.Node, "A canonical user id does not show its account, so it is not known who gets access. Write the account or the ARN under \"AWS\".")
		}
	}
}

func (c *checker) awsPrincipal(s *document.Statement, p *document.Principal) {
	switch p.Form {
	case document.Anyone:
		if p.Node == s.PrincipalAt && c.Node(p.Node).Kind == jsontree.String {
			c.Value(&rule.PrincipalStar, p.Node, "Principal \"*\" means every principal in every account, as {\"AWS\": \"*\"} does. Name principals where you can.")
		}
	case document.Malformed:
		c.malformedPrincipal(p)
	case document.GroupForm:
		c.Value(&rule.PrincipalGroup, p.Node, "KMS refuses a group as a principal. Write the account, arn:"+c.o.Key.PartitionName()+":iam::"+p.Account+":root, and allow the actions in an IAM policy of the group.")
	case document.UniqueID:
		c.Value(&rule.PrincipalOrphan, p.Node, phrase.Quote(p.Text)+" is a unique id. KMS shows it in place of a principal that was deleted, and refuses a policy that contains it. Delete it, or write the ARN of an existing principal.")
	}
	if partition := c.o.Key.PartitionName(); p.Form != document.Malformed && strings.HasPrefix(p.Text, "arn:") && !strings.HasPrefix(p.Text[4:], partition+":") {
		c.Value(&rule.PrincipalPartition, p.Node, "The principal "+phrase.Quote(p.Text)+" is not in the partition of the key, "+partition+", so it does not exist for the key. Write arn:"+partition+":….")
	}
}

// malformedPrincipal reports the text of an AWS principal.
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
		return &rule.PrincipalInvalid, "The principal " + phrase.Quote(text) + " contains " + placeholder(text) + ", and KMS replaces no variables or placeholders in a principal. Write the value itself."
	case strings.Count(text, "arn:") > 1 || strings.ContainsAny(text, ",;") || strings.HasPrefix(text, "["):
		return &rule.PrincipalList, "The string seems to contain several principals, and KMS takes it for one that does not exist. Write a list: [\"…\", \"…\"]."
	case isARN && rootTypo(a):
		return &rule.PrincipalRoot, phrase.Quote(text) + " is not the ARN of the account root, so KMS refuses it. Write " + awsid.RootARN(a.Partition, a.Account) + "."
	case wildcard.Has(text):
		return &rule.PrincipalWildcard, "KMS refuses a principal with a wildcard in it. Name the account, and add the condition \"ArnLike\": {\"aws:PrincipalArn\": " + phrase.Quote(text) + "}."
	case strings.HasSuffix(text, ".amazonaws.com"):
		return &rule.PrincipalInvalid, phrase.Quote(text) + " is an AWS service, and KMS refuses it under \"AWS\". Write it under \"Service\"."
	case strings.TrimSpace(text) != text:
		return &rule.PrincipalInvalid, "The principal " + phrase.Quote(text) + " begins or ends with white space, so KMS refuses it. Delete the white space."
	case awsid.IsDigits(strings.ReplaceAll(text, "-", "")):
		return &rule.PrincipalInvalid, phrase.Quote(text) + " is not an account id, so KMS refuses it. Write 12 digits without hyphens."
	case repairPrincipal(text) != "":
		return &rule.PrincipalInvalid, "The ARN " + phrase.Quote(text) + " has a colon too many, too few or in the wrong place, so KMS refuses it. Write " + repairPrincipal(text) + "."
	case !isARN:
		return &rule.PrincipalInvalid, phrase.Quote(text) + " is not a principal, so KMS refuses it. Write an account id, or an ARN such as arn:" + partition + ":iam::111122223333:role/Name."
	case !awsid.IsAccount(a.Account):
		return &rule.PrincipalInvalid, "The ARN " + phrase.Quote(text) + " has no account of 12 digits, so KMS refuses it. Write the account between the fourth and the fifth colon."
	case a.Region != "":
		return &rule.PrincipalInvalid, "The ARN " + phrase.Quote(text) + " has a Region, and the ARN of a principal has none, so KMS refuses it. Write arn:" + a.Partition + ":" + a.Service + "::" + a.Account + ":…."
	}
	return &rule.PrincipalInvalid, "The ARN " + phrase.Quote(text) + nameFaultOf(a)
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
	name := catalog.Service(text)
	switch {
	case wildcard.Has(text):
		c.Value(&rule.PrincipalWildcard, p.Node, "KMS refuses a service principal with a wildcard in it. Name each service.")
	case name.Domain == "" || len(labels) < 3 || !plainLabels(labels):
		c.Value(&rule.ServiceInvalid, p.Node, serviceText(text))
	case name.Known == catalog.No:
		c.Value(&rule.ServiceUnknown, p.Node, "No AWS service is known by the name "+phrase.Quote(text)+", and KMS refuses a service principal that does not exist. Did you mean "+likeWritten(name)+"?")
	default:
		c.serviceRegion(p, labels)
	}
}

func serviceText(text string) string {
	if a, ok := awsid.SplitARN(text); ok || awsid.IsAccount(text) {
		return phrase.Quote(text) + " is " + map[bool]string{true: "an ARN of " + a.Service, false: "an account"}[ok] + ", and KMS refuses it under \"Service\". Write it under \"AWS\"."
	}
	return phrase.Quote(text) + " is not a service principal, so KMS refuses it. Write a name such as cloudtrail.amazonaws.com, in lower-case letters."
}

// inLabels are the characters of the parts of a service's name.
var inLabels = charset.Of(charset.Small + charset.Digits + "-_")

func plainLabels(labels []string) bool {
	for _, l := range labels {
		if l == "" || !inLabels.Has(l) {
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
	c.Value(&rule.ServiceRegion, p.Node, "The service principal belongs to "+region+" and the key to "+c.o.Key.Region+", and a Regional service uses keys of its own Region. Write "+labels[0]+"."+c.o.Key.Region+"."+strings.Join(labels[2:], ".")+", unless the service calls KMS in other Regions.")
}

// isRegion reports whether s has the shape of a Region's name.
func isRegion(s string) bool {
	parts := strings.Split(s, "-")
	return len(parts) >= 3 && len(parts[0]) <= 4 && awsid.IsDigits(parts[len(parts)-1])
}

// likeWritten is the service that was probably meant, with the Region of the text.
func likeWritten(n catalog.ServiceName) string {
	name := n.Near
	if n.Region != "" {
		name += "." + n.Region
	}
	return name + "." + n.Domain
}

// repairPrincipal is repairARN for what has to be a principal afterwards.
func repairPrincipal(text string) string {
	repaired := repairARN(text)
	if form, _ := document.AWSForm(repaired); form == document.Malformed {
		return ""
	}
	return repaired
}

// nameFaultOf says what is wrong with the last part of a principal's ARN.
func nameFaultOf(a awsid.ARN) string {
	kind, name, _ := strings.Cut(a.Resource, "/")
	last := name[strings.LastIndexByte(name, '/')+1:]
	switch {
	case a.Service != "iam" && a.Service != "sts":
		return " belongs to the service " + a.Service + ", so KMS refuses it. Write the ARN of an account root, a role, a user or a session."
	case kind != "role" && kind != "user" && kind != "assumed-role" && kind != "federated-user":
		return " is not that of an account root, a role, a user or a session, so KMS refuses it. Write the ARN of one of these."
	case last == "":
		return " has no name after " + kind + "/, so KMS refuses it. Write the name."
	case strings.HasPrefix(name, "/") || strings.Contains(name, "//"):
		return " has an empty part in its path, so KMS refuses it. Delete the slash that is too many."
	case len(last) > document.MaxName:
		return " has a name of " + strconv.Itoa(len(last)) + " characters, and IAM allows " + strconv.Itoa(document.MaxName) + ", so KMS refuses it. Write the name of an existing principal."
	}
	return " has a name that IAM does not allow, so KMS refuses it. Names have letters, digits and the characters _+=,.@- only."
}
