package grammar

import (
	"strconv"
	"strings"
	"unicode/utf8"

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
			c.Value(&rule.AccountFormat, v.Node, "The value "+phrase.Quote(v.Text)+" is not an account id, so no request matches it. Write 12 digits.")
		}
	case "aws:principalorgid", "aws:sourceorgid", "aws:vpceorgid", "aws:resourceorgid":
		if !awsid.IsOrganization(v.Text) {
			c.Value(&rule.OrgFormat, v.Node, "The value "+phrase.Quote(v.Text)+" is not an organization id, so no request matches it. Write \"o-\" and 10 to 32 lower-case letters or digits.")
		}
	case "aws:principalorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths", "aws:resourceorgpaths":
		if org, _, found := strings.Cut(v.Text, "/"); !found || !awsid.IsOrganization(org) {
			c.Value(&rule.OrgFormat, v.Node, "The value "+phrase.Quote(v.Text)+" is not an organization path, so no request matches it. Write a path such as o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/.")
		}
	case "aws:sourcevpc", "aws:ec2instancesourcevpc":
		c.networkID(v, "vpc-")
	case "aws:sourcevpce":
		c.networkID(v, "vpce-")
	case "kms:requestalias":
		if !strings.HasPrefix(v.Text, "alias/") {
			c.Value(&rule.AliasFormat, v.Node, "The value "+phrase.Quote(v.Text)+" is not an alias name, so no request matches it. Write alias/name, not the ARN of the alias.")
		}
	}
}

func (c *checker) networkID(v document.Item, prefix string) {
	if !awsid.IsNetwork(v.Text, prefix) {
		c.Value(&rule.NetworkFormat, v.Node, "The value "+phrase.Quote(v.Text)+" is not the id of a network or endpoint, so no request matches it. Write "+prefix+" and 8 or 17 hexadecimal digits.")
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
	if c.Skip(&rule.ValueEnum) {
		return
	}
	message := cond.Key.Name + " never has the value " + phrase.Quote(v.Text) + ", so no request matches it."
	values := func(yield func(string) bool) { strings.SplitSeq(cond.Key.Values, "|")(yield) }
	if near := spell.Closest(v.Text, values); near != "" {
		message += " Did you mean " + near + "?"
	} else {
		message += " Write one of its values: " + phrase.Some(strings.Split(cond.Key.Values, "|")) + "."
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
		c.Value(&rule.ValueRange, v.Node, key.Name+" is between "+strconv.Itoa(low)+" and "+strconv.Itoa(high)+" in every request, so a comparison with "+v.Text+" always has the same result. Write a number in that range.")
	}
}

// attestation checks the register and the digest.
func (c *checker) attestation(cond *document.Condition, v document.Item) {
	register := cond.Name[min(len(cond.Name), len("kms:RecipientAttestation:")):]
	if !isRegister(register) {
		c.Member(&rule.Attestation, cond.Node, phrase.Quote(register)+" is not a measurement, so no request has this condition key. Write PCR0 to PCR31, NitroTPMPCR0 to NitroTPMPCR23, or ImageSha384.")
		return
	}
	if fault := digestFault(v.Text); fault != "" {
		c.Value(&rule.Attestation, v.Node, "The value "+phrase.Quote(v.Text)+" is not a SHA-384 digest: "+fault+". Copy the measurement from the output of the build.")
	}
}

// digestFault says why a text is no SHA-384 digest, "" where it is one.
func digestFault(text string) string {
	const digits = 96
	other := strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) })
	switch {
	case other >= 0:
		r, _ := utf8.DecodeRuneInString(text[other:])
		return "its character " + strconv.Itoa(utf8.RuneCountInString(text[:other])+1) + ", " + strconv.Quote(string(r)) + ", is not a hexadecimal digit"
	case len(text) != digits:
		return "it has " + strconv.Itoa(len(text)) + " hexadecimal digits, and a digest has " + strconv.Itoa(digits)
	}
	return ""
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

// serviceDomain reports whether the names of services end so.
func (c *checker) serviceDomain(domain string) bool {
	partition := c.o.Key.PartitionName()
	return domain == catalog.Domain(partition) || partition == "aws-cn" && domain == "amazonaws.com" ||
		catalog.Domain(partition) == "" && domain != ""
}

// viaService checks service.region.amazonaws.com.
func (c *checker) viaService(v document.Item, pattern bool) {
	service, rest, _ := strings.Cut(v.Text, ".")
	region, domain, _ := strings.Cut(rest, ".")
	if pattern && wildcard.Has(service) {
		return
	}
	known, near := catalog.ViaService(service)
	own := catalog.Domain(c.o.Key.PartitionName())
	switch {
	case known == catalog.No:
		c.Value(&rule.ViaUnknown, v.Node, "No AWS service has the name "+phrase.Quote(service)+", so no request matches "+phrase.Quote(v.Text)+". Did you mean "+near+".<region>."+own+"?")
	case service != strings.ToLower(service) || !pattern && !c.serviceDomain(domain):
		c.Value(&rule.ViaUnknown, v.Node, "The value "+phrase.Quote(v.Text)+" is not the name of a service with its Region and domain, so no request matches it. Write "+strings.ToLower(service)+".<region>."+own+".")
	case known == catalog.Unknown:
		c.Value(&rule.ViaUnlisted, v.Node, "The service "+phrase.Quote(service)+" is not in the KMS guide's list of values for kms:ViaService. Make sure that the service calls KMS by this name.")
	case c.o.Key.Region == "":
		c.region(v.Node, region, c.o.Key.PartitionName())
	case rest != "" && !wildcard.Match(region, c.o.Key.Region):
		c.Value(&rule.ViaRegion, v.Node, "The value "+phrase.Quote(v.Text)+" names another Region than the key's, so no request matches it. Write "+service+"."+c.o.Key.Region+"."+own+".")
	}
}
