package grammar

import (
	"slices"
	"strconv"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/spell"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// valueFormat checks a value against what its key can hold.
func (c *checker) valueFormat(cond *document.Condition, v document.Item, pattern bool) {
	key := cond.Key
	switch {
	case key.Values != "":
		c.enumValue(cond, v)
	case key.Has(catalog.Attestation):
		c.attestation(cond, v)
	case key.Type == catalog.Numeric:
		c.numberRange(key, v)
	case key.Type == catalog.Date:
		c.expired(cond, v)
	}
	if key.Is("kms:viaservice") {
		c.viaService(v, pattern)
		return
	}
	if pattern {
		return
	}
	switch key.Lower {
	case "aws:principalaccount", "kms:calleraccount", "aws:sourceaccount", "aws:vpceaccount", "aws:resourceaccount", "aws:sourceowner":
		if !awsid.IsAccount(v.Text) {
			c.Value(&rule.AccountFormat, v.Node, phrase.Quote(v.Text)+" is no account id, which has 12 digits; the comparison can never be true.")
		}
	case "aws:principalorgid", "aws:sourceorgid", "aws:vpceorgid", "aws:resourceorgid":
		if !awsid.IsOrganization(v.Text) {
			c.Value(&rule.OrgFormat, v.Node, phrase.Quote(v.Text)+" is no organization id, which is o- and 10 to 32 small letters or digits.")
		}
	case "aws:principalorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths", "aws:resourceorgpaths":
		if org, _, found := strings.Cut(v.Text, "/"); !found || !awsid.IsOrganization(org) {
			c.Value(&rule.OrgFormat, v.Node, phrase.Quote(v.Text)+" is no organization path, which looks like o-…/r-…/ou-…/.")
		}
	case "aws:sourcevpc", "aws:ec2instancesourcevpc":
		c.networkID(v, "vpc-")
	case "aws:sourcevpce":
		c.networkID(v, "vpce-")
	case "kms:requestalias":
		if !strings.HasPrefix(v.Text, "alias/") {
			c.Value(&rule.AliasFormat, v.Node, phrase.Quote(v.Text)+" is no alias name; write it as requests do: alias/name, without an ARN around it.")
		}
	}
}

func (c *checker) networkID(v document.Item, prefix string) {
	if !awsid.IsNetwork(v.Text, prefix) {
		c.Value(&rule.NetworkFormat, v.Node, phrase.Quote(v.Text)+" is no id of its kind, which is "+prefix+" and 8 or 17 hexadecimal digits; the comparison can never be true, and a negated one always is.")
	}
}

// enumValue checks a value against the list of those that exist.
func (c *checker) enumValue(cond *document.Condition, v document.Item) {
	fold := cond.Operator.Compare == document.EqualsIgnoreCase
	for known := range strings.SplitSeq(cond.Key.Values, "|") {
		if known == v.Text || fold && strings.EqualFold(known, v.Text) || cond.Operator.Compare == document.Like && wildcard.Match(v.Text, known) {
			return
		}
	}
	message := cond.Key.Name + " never has the value " + phrase.Quote(v.Text) + "."
	values := func(yield func(string) bool) { strings.SplitSeq(cond.Key.Values, "|")(yield) }
	if near := spell.Closest(v.Text, values); near != "" {
		message += " Did you mean " + near + "?"
	} else {
		message += " It knows " + phrase.Some(strings.Split(cond.Key.Values, "|")) + "."
	}
	c.Value(&rule.ValueEnum, v.Node, message)
}

func (c *checker) numberRange(key *catalog.Key, v document.Item) {
	low, high := 0, 0
	switch key.Lower {
	case "kms:schedulekeydeletionpendingwindowindays":
		low, high = 7, 30
	case "kms:rotationperiodindays":
		low, high = 90, 2560
	default:
		return
	}
	if n, err := strconv.Atoi(v.Text); err == nil && (n < low || n > high) {
		c.Value(&rule.ValueRange, v.Node, key.Name+" lies between "+strconv.Itoa(low)+" and "+strconv.Itoa(high)+", so a comparison with "+v.Text+" decides nothing.")
	}
}

// attestation checks the register and the digest.
func (c *checker) attestation(cond *document.Condition, v document.Item) {
	register := cond.Name[min(len(cond.Name), len("kms:RecipientAttestation:")):]
	if !isRegister(register) {
		c.Member(&rule.Attestation, cond.Node, phrase.Quote(register)+" is no measurement: there are PCR0 to PCR31, NitroTPMPCR0 to NitroTPMPCR23, and ImageSha384.")
		return
	}
	digest := strings.ToLower(v.Text)
	if len(digest) != 96 || !awsid.IsHex(digest) {
		c.Value(&rule.Attestation, v.Node, "A measurement is a SHA-384 digest of 96 hexadecimal digits, and this value has "+strconv.Itoa(len(v.Text))+" characters; copy it as the build prints it.")
	}
}

func isRegister(name string) bool {
	for _, family := range [...]struct {
		prefix string
		last   int
	}{{"NitroTPMPCR", 23}, {"PCR", 31}} {
		if n := len(family.prefix); len(name) > n && wildcard.EqualFold(name[:n], family.prefix) {
			i, err := strconv.Atoi(name[n:])
			return err == nil && i <= family.last && strconv.Itoa(i) == name[n:]
		}
	}
	return wildcard.EqualFold(name, "ImageSha384")
}

// serviceDomain reports whether the names of services end so. For the partitions
// that AWS says little about, any will do.
func (c *checker) serviceDomain(domain string) bool {
	switch c.o.Key.PartitionName() {
	case "aws", "aws-cn", "aws-us-gov":
		return domain == "amazonaws.com" || domain == "amazonaws.com.cn"
	}
	return domain != ""
}

// viaService checks service.region.amazonaws.com.
func (c *checker) viaService(v document.Item, pattern bool) {
	service, rest, _ := strings.Cut(v.Text, ".")
	region, domain, _ := strings.Cut(rest, ".")
	switch {
	case pattern && wildcard.Has(service):
		return
	case !catalog.IsViaService(service):
		message := "No service calls KMS by the name " + phrase.Quote(v.Text) + "."
		if near := spell.Closest(service, slices.Values(catalog.ViaServices())); near != "" {
			message += " Did you mean " + near + ".<region>.amazonaws.com?"
		} else {
			message += " Write one such as s3.eu-west-1.amazonaws.com, in small letters."
		}
		c.Value(&rule.ViaUnknown, v.Node, message)
	case !pattern && !c.serviceDomain(domain):
		c.Value(&rule.ViaUnknown, v.Node, phrase.Quote(v.Text)+" lacks a Region or the domain; write "+service+".<region>.amazonaws.com.")
	case c.o.Key.Region == "":
		c.region(v.Node, region, c.o.Key.PartitionName())
	case rest != "" && !wildcard.Match(region, c.o.Key.Region):
		c.Value(&rule.ViaRegion, v.Node, phrase.Quote(v.Text)+" is another Region than the key's; write "+service+"."+c.o.Key.Region+".amazonaws.com.")
	}
}
