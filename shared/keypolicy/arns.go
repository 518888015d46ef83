package keypolicy

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/spell"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// arnValue checks an ARN, or a pattern for ARNs; false where it is none.
func (c *grammarChecker) arnValue(cond *condition, v item) bool {
	a, split := splitARN(v.text)
	if fault := arnFault(cond, v.text, a, split); fault != "" {
		c.value(&rule.ARNFormat, v.node, fault)
		return false
	}
	if split {
		c.arnPartition(v, a)
		c.region(v.node, a.region, a.partition)
	}
	return true
}

// arnFault says what is wrong with an ARN, "" where nothing is.
func arnFault(cond *condition, text string, a arnParts, split bool) string {
	switch {
	case text == "*":
		return ""
	case !split && cond.operator.family == catalog.String && wildcard.Has(text):
		return "" // compared as text, where a wildcard reaches over colons
	case !split:
		return quote(text) + " is no ARN: those have six parts, arn:partition:service:region:account:resource."
	case a.account != "" && !isAccountID(a.account) && a.account != "aws" && !wildcard.Has(a.account):
		return "The account of the ARN " + quote(text) + " does not have 12 digits; the comparison can never be true."
	case a.service != strings.ToLower(a.service):
		return "The service of the ARN " + quote(text) + " has capitals, which no ARN has; write " + strings.ToLower(a.service) + "."
	case a.region == "" && catalog.RegionIn(a.service) == catalog.Always:
		return "The ARN " + quote(text) + " names no Region, and every ARN of " + a.service + " does; write one, or “*”."
	case a.region != "" && a.region != "*" && catalog.RegionIn(a.service) == catalog.Never:
		return "The ARN " + quote(text) + " names a Region, and no ARN of " + a.service + " does; leave that part empty."
	case a.account == "" && catalog.AccountIn(a.service) == catalog.Always:
		return "The ARN " + quote(text) + " names no account, and every ARN of " + a.service + " does; write it."
	case a.account != "" && a.account != "*" && catalog.AccountIn(a.service) == catalog.Never:
		return "The ARN " + quote(text) + " names an account, and no ARN of " + a.service + " does; leave that part empty."
	}
	return ""
}

// arnPartition compares an ARN's partition with the key's.
func (c *grammarChecker) arnPartition(v item, a arnParts) {
	if partition := c.o.Key.partition(); !wildcard.Match(a.partition, partition) {
		c.value(&rule.ARNFormat, v.node, quote(v.text)+" is of another partition than the key, so the comparison can never be true; write arn:"+partition+":….")
	}
}

// region reports a Region that nobody has heard of, or of another partition.
func (c *grammarChecker) region(node int32, region, partition string) {
	if region == "" || region == c.o.Key.Region || wildcard.Has(region) || strings.Contains(region, "$") {
		return
	}
	home := catalog.PartitionOf(region)
	if home == partition || wildcard.Match(partition, home) && home != "" {
		return
	}
	message := "The Region " + quote(region) + " is not one that was known in November 2026, when this table was made."
	near := spell.Closest(region, func(yield func(string) bool) { catalog.EachRegion(partition, yield) })
	switch {
	case home != "":
		message = "The Region " + quote(region) + " belongs to the partition " + home + ", and the rest to " + partition + ", so this names nothing that exists; write a Region of " + partition + "."
	case near != "":
		message += " Did you mean " + near + "?"
	default:
		message += " If it is not a new one, write the Region that is meant, such as eu-west-1."
	}
	c.value(&rule.RegionUnknown, node, message)
}
