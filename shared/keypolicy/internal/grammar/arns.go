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
		return phrase.Quote(text) + " is no ARN: those have six parts, arn:partition:service:region:account:resource."
	case a.Account != "" && !awsid.IsAccount(a.Account) && a.Account != "aws" && !wildcard.Has(a.Account):
		return "The account of the ARN " + phrase.Quote(text) + " does not have 12 digits; the comparison can never be true."
	case a.Service != strings.ToLower(a.Service):
		return "The service of the ARN " + phrase.Quote(text) + " has capitals, which no ARN has; write " + strings.ToLower(a.Service) + "."
	case a.Region == "" && catalog.RegionIn(a.Service) == catalog.Always:
		return "The ARN " + phrase.Quote(text) + " names no Region, and every ARN of " + a.Service + " does; write one, or “*”."
	case a.Region != "" && a.Region != "*" && catalog.RegionIn(a.Service) == catalog.Never:
		return "The ARN " + phrase.Quote(text) + " names a Region, and no ARN of " + a.Service + " does; leave that part empty."
	case a.Account == "" && catalog.AccountIn(a.Service) == catalog.Always:
		return "The ARN " + phrase.Quote(text) + " names no account, and every ARN of " + a.Service + " does; write it."
	case a.Account != "" && a.Account != "*" && catalog.AccountIn(a.Service) == catalog.Never:
		return "The ARN " + phrase.Quote(text) + " names an account, and no ARN of " + a.Service + " does; leave that part empty."
	}
	return ""
}

// arnPartition compares an ARN's partition with the key's.
func (c *checker) arnPartition(v document.Item, a awsid.ARN) {
	if partition := c.o.Key.PartitionName(); !wildcard.Match(a.Partition, partition) {
		c.Value(&rule.ARNFormat, v.Node, phrase.Quote(v.Text)+" is of another partition than the key, so the comparison can never be true; write arn:"+partition+":….")
	}
}

// region reports a Region that nobody has heard of, or of another partition.
func (c *checker) region(node int32, region, partition string) {
	if region == "" || region == c.o.Key.Region || wildcard.Has(region) || strings.Contains(region, "$") {
		return
	}
	home := catalog.PartitionOf(region)
	if home == partition || wildcard.Match(partition, home) && home != "" {
		return
	}
	message := "The Region " + phrase.Quote(region) + " is not one that was known in November 2026, when this table was made."
	near := spell.Closest(region, func(yield func(string) bool) { catalog.EachRegion(partition, yield) })
	switch {
	case home != "":
		message = "The Region " + phrase.Quote(region) + " belongs to the partition " + home + ", and the rest to " + partition + ", so this names nothing that exists; write a Region of " + partition + "."
	case near != "":
		message += " Did you mean " + near + "?"
	default:
		message += " If it is not a new one, write the Region that is meant, such as eu-west-1."
	}
	c.Value(&rule.RegionUnknown, node, message)
}
