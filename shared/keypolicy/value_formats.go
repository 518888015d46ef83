package keypolicy

import (
	"slices"
	"strconv"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/spell"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// valueFormat checks a value against what its key can hold.
func (c *grammarChecker) valueFormat(cond *condition, v item, pattern bool) {
	key := cond.key
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
		if !awsid.IsAccount(v.text) {
			c.Value(&rule.AccountFormat, v.node, phrase.Quote(v.text)+" is no account id, which has 12 digits; the comparison can never be true.")
		}
	case "aws:principalorgid", "aws:sourceorgid", "aws:vpceorgid", "aws:resourceorgid":
		if !awsid.IsOrganization(v.text) {
			c.Value(&rule.OrgFormat, v.node, phrase.Quote(v.text)+" is no organization id, which is o- and 10 to 32 small letters or digits.")
		}
	case "aws:principalorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths", "aws:resourceorgpaths":
		if org, _, found := strings.Cut(v.text, "/"); !found || !awsid.IsOrganization(org) {
			c.Value(&rule.OrgFormat, v.node, phrase.Quote(v.text)+" is no organization path, which looks like o-…/r-…/ou-…/.")
		}
	case "aws:sourcevpc", "aws:ec2instancesourcevpc":
		c.networkID(v, "vpc-")
	case "aws:sourcevpce":
		c.networkID(v, "vpce-")
	case "kms:requestalias":
		if !strings.HasPrefix(v.text, "alias/") {
			c.Value(&rule.AliasFormat, v.node, phrase.Quote(v.text)+" is no alias name; write it as requests do: alias/name, without an ARN around it.")
		}
	}
}

func (c *grammarChecker) networkID(v item, prefix string) {
	if !awsid.IsNetwork(v.text, prefix) {
		c.Value(&rule.NetworkFormat, v.node, phrase.Quote(v.text)+" is no id of its kind, which is "+prefix+" and 8 or 17 hexadecimal digits; the comparison can never be true, and a negated one always is.")
	}
}

// enumValue checks a value against the list of those that exist.
func (c *grammarChecker) enumValue(cond *condition, v item) {
	fold := cond.operator.compare == equalsIgnoreCase
	for known := range strings.SplitSeq(cond.key.Values, "|") {
		if known == v.text || fold && strings.EqualFold(known, v.text) || cond.operator.compare == like && wildcard.Match(v.text, known) {
			return
		}
	}
	message := cond.key.Name + " never has the value " + phrase.Quote(v.text) + "."
	values := func(yield func(string) bool) { strings.SplitSeq(cond.key.Values, "|")(yield) }
	if near := spell.Closest(v.text, values); near != "" {
		message += " Did you mean " + near + "?"
	} else {
		message += " It knows " + phrase.Some(strings.Split(cond.key.Values, "|")) + "."
	}
	c.Value(&rule.ValueEnum, v.node, message)
}

func (c *grammarChecker) numberRange(key *catalog.Key, v item) {
	low, high := 0, 0
	switch key.Lower {
	case "kms:schedulekeydeletionpendingwindowindays":
		low, high = 7, 30
	case "kms:rotationperiodindays":
		low, high = 90, 2560
	default:
		return
	}
	if n, err := strconv.Atoi(v.text); err == nil && (n < low || n > high) {
		c.Value(&rule.ValueRange, v.node, key.Name+" lies between "+strconv.Itoa(low)+" and "+strconv.Itoa(high)+", so a comparison with "+v.text+" decides nothing.")
	}
}

// attestation checks the register and the digest.
func (c *grammarChecker) attestation(cond *condition, v item) {
	register := cond.name[min(len(cond.name), len("kms:RecipientAttestation:")):]
	if !isRegister(register) {
		c.Member(&rule.Attestation, cond.node, phrase.Quote(register)+" is no measurement: there are PCR0 to PCR31, NitroTPMPCR0 to NitroTPMPCR23, and ImageSha384.")
		return
	}
	digest := strings.ToLower(v.text)
	if len(digest) != 96 || !awsid.IsHex(digest) {
		c.Value(&rule.Attestation, v.node, "A measurement is a SHA-384 digest of 96 hexadecimal digits, and this value has "+strconv.Itoa(len(v.text))+" characters; copy it as the build prints it.")
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
func (c *grammarChecker) serviceDomain(domain string) bool {
	switch c.o.Key.PartitionName() {
	case "aws", "aws-cn", "aws-us-gov":
		return domain == "amazonaws.com" || domain == "amazonaws.com.cn"
	}
	return domain != ""
}

// viaService checks service.region.amazonaws.com.
func (c *grammarChecker) viaService(v item, pattern bool) {
	service, rest, _ := strings.Cut(v.text, ".")
	region, domain, _ := strings.Cut(rest, ".")
	switch {
	case pattern && wildcard.Has(service):
		return
	case !catalog.IsViaService(service):
		message := "No service calls KMS by the name " + phrase.Quote(v.text) + "."
		if near := spell.Closest(service, slices.Values(catalog.ViaServices())); near != "" {
			message += " Did you mean " + near + ".<region>.amazonaws.com?"
		} else {
			message += " Write one such as s3.eu-west-1.amazonaws.com, in small letters."
		}
		c.Value(&rule.ViaUnknown, v.node, message)
	case !pattern && !c.serviceDomain(domain):
		c.Value(&rule.ViaUnknown, v.node, phrase.Quote(v.text)+" lacks a Region or the domain; write "+service+".<region>.amazonaws.com.")
	case c.o.Key.Region == "":
		c.region(v.node, region, c.o.Key.PartitionName())
	case rest != "" && !wildcard.Match(region, c.o.Key.Region):
		c.Value(&rule.ViaRegion, v.node, phrase.Quote(v.text)+" is another Region than the key's; write "+service+"."+c.o.Key.Region+".amazonaws.com.")
	}
}
