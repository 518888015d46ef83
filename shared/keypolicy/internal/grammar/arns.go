package grammar

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/spell"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// arnValue checks an ARN, or a pattern for ARNs; false where it is none.
func (c *checker) arnValue(cond *document.Condition, v document.Item) bool {
	a, split := awsid.SplitARN(v.Text)
	if fault := arnFault(cond, v.Text, a, split); fault != "" {
		c.Value(&rule.ARNFormat, v.Node, fault)
		return false
	}
	if split {
		c.arnPartition(v, a)
		c.region(v.Node, a.Region, a.Partition)
	}
	return true
}

// arnFault says what is wrong with an ARN, "" where nothing is.
func arnFault(cond *document.Condition, text string, a awsid.ARN, split bool) string {
	switch {
	case text == "*":
		return ""
	case !split && cond.Operator.Family == catalog.String && wildcard.Has(text):
		return "" // compared as text, where a wildcard reaches over colons
	case !split:
		return "The value " + phrase.Quote(text) + " is not an ARN, so no request matches it. " + writeARN(cond, text)
	case a.Account != "" && !awsid.IsAccount(a.Account) && a.Account != "aws" && !wildcard.Has(a.Account):
		return "The account of the ARN " + phrase.Quote(text) + " is not 12 digits, so no request matches it. " + writeARN(cond, text)
	case a.Service != strings.ToLower(a.Service):
		return "The service of the ARN " + phrase.Quote(text) + " has capital letters, so no request matches it. Write " + strings.ToLower(a.Service) + "."
	case a.Region == "" && catalog.RegionIn(a.Service) == catalog.Always:
		return "The ARN " + phrase.Quote(text) + " has no Region, and every ARN of " + a.Service + " has one, so no request matches it. Write a Region, or \"*\"."
	case a.Region != "" && a.Region != "*" && catalog.RegionIn(a.Service) == catalog.Never:
		return "The ARN " + phrase.Quote(text) + " has a Region, and no ARN of " + a.Service + " has one, so no request matches it. Leave that part empty."
	case a.Account == "" && catalog.AccountIn(a.Service) == catalog.Always:
		return "The ARN " + phrase.Quote(text) + " has no account, and every ARN of " + a.Service + " has one, so no request matches it. Write the account."
	case a.Account != "" && a.Account != "*" && catalog.AccountIn(a.Service) == catalog.Never:
		return "The ARN " + phrase.Quote(text) + " has an account, and no ARN of " + a.Service + " has one, so no request matches it. Leave that part empty."
	}
	return ""
}

// arnPartition compares an ARN's partition with the key's.
func (c *checker) arnPartition(v document.Item, a awsid.ARN) {
	if partition := c.o.Key.PartitionName(); !wildcard.Match(a.Partition, partition) {
		c.Value(&rule.ARNFormat, v.Node, "The ARN "+phrase.Quote(v.Text)+" belongs to the partition "+a.Partition+" and the key to "+partition+", so no request matches it. Write arn:"+partition+":….")
	}
}

// region reports a Region that no list has, or that is of another partition.
func (c *checker) region(node int32, region, partition string) {
	if region == "" || region == c.o.Key.Region || wildcard.Has(region) || strings.Contains(region, "$") {
		return
	}
	home := catalog.PartitionOf(region)
	if home == partition || wildcard.Match(partition, home) && home != "" {
		return
	}
	if c.Skip(&rule.RegionUnknown) {
		return
	}
	message := "The Region " + phrase.Quote(region) + " is not in the list of Regions of November 2026. If it does not exist, no request matches it."
	near := spell.Closest(region, func(yield func(string) bool) { catalog.EachRegion(partition, yield) })
	switch {
	case home != "":
		message = "The Region " + phrase.Quote(region) + " belongs to the partition " + home + " and the rest of the name to " + partition + ", so it names nothing. Write a Region of " + partition + "."
	case near != "":
		message += " Did you mean " + near + "?"
	default:
		message += " Write a Region such as eu-west-1, unless this one is new."
	}
	c.Value(&rule.RegionUnknown, node, message)
}

// writeARN says what to write in place of a text that is no ARN: the ARN that its
// parts make once they stand in their places, or the form of all ARNs.
func writeARN(cond *document.Condition, text string) string {
	if repaired := repairARN(text); repaired != "" {
		if a, split := awsid.SplitARN(repaired); arnFault(cond, repaired, a, split) == "" {
			return "Write " + repaired + "."
		}
	}
	return "Write an ARN of six parts: arn:partition:service:region:account:resource."
}

// repairARN puts the parts of an ARN into their places where a colon is missing, too
// many or shifted; "" where that does not make an ARN.
func repairARN(text string) string {
	rest, found := strings.CutPrefix(text, "arn:")
	if !found {
		return ""
	}
	parts := strings.FieldsFunc(rest, func(r rune) bool { return r == ':' })
	take := func(is bool) string {
		if !is || len(parts) == 0 {
			return ""
		}
		part := parts[0]
		parts = parts[1:]
		return part
	}
	a := awsid.ARN{Partition: take(len(parts) > 0 && strings.HasPrefix(parts[0], "aws"))}
	a.Service = take(true)
	account := func(i int) bool { return i < len(parts) && (awsid.IsAccount(parts[i]) || parts[i] == "*") }
	a.Region = take(len(parts) > 0 && catalog.PartitionOf(parts[0]) != "" || account(1))
	a.Account = take(account(0))
	a.Resource = strings.Join(parts, ":")
	repaired := strings.Join([]string{"arn", a.Partition, a.Service, a.Region, a.Account, a.Resource}, ":")
	if a.Partition == "" || a.Account == "" || a.Resource == "" || repaired == text {
		return ""
	}
	return repaired
}
