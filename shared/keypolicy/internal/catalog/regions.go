package catalog

import "strings"

// partitions lists the Regions of each partition, each between two spaces.
//
// Source: the list of partitions that the SDK for Go carries (aws-sdk-go-v2
// v1.47.7), read in November 2026. AWS adds Regions, so a name that is missing
// here is worth a look and nothing more.
var partitions = [...]struct{ name, regions string }{
	{"aws", " af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 " +
		"ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 " +
		"ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 " +
		"eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2 "},
	{"aws-cn", " cn-north-1 cn-northwest-1 "},
	{"aws-eusc", " eusc-de-east-1 "},
	{"aws-iso", " us-iso-east-1 us-iso-west-1 "},
	{"aws-iso-b", " us-isob-east-1 us-isob-west-1 "},
	{"aws-iso-e", " eu-isoe-west-1 "},
	{"aws-iso-f", " us-isof-east-1 us-isof-south-1 "},
	{"aws-us-gov", " us-gov-east-1 us-gov-west-1 "},
}

// PartitionOf returns the partition that a Region belongs to, "" where the table
// does not have the Region.
func PartitionOf(region string) string {
	if strings.Contains(region, " ") {
		return "" // several are none
	}
	for _, p := range partitions {
		if strings.Contains(p.regions, " "+region+" ") {
			return p.name
		}
	}
	return ""
}

// EachRegion calls yield for the Regions of a partition until it says no.
func EachRegion(partition string, yield func(string) bool) {
	for _, p := range partitions {
		if p.name == partition {
			strings.FieldsSeq(p.regions)(yield)
		}
	}
}

// partitionPrefixes are how the Regions of the partitions begin, and the domains
// of their endpoints.
//
// Source: the same list (the field regionRegex, dnsSuffix).
var partitionPrefixes = [...]struct{ prefix, partition, domain string }{
	{"cn-", "aws-cn", "amazonaws.com.cn"},
	{"eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"},
	{"eusc-", "aws-eusc", "amazonaws.eu"},
	{"us-gov-", "aws-us-gov", "amazonaws.com"},
	{"us-iso-", "aws-iso", "c2s.ic.gov"},
	{"us-isob-", "aws-iso-b", "sc2s.sgov.gov"},
	{"us-isof-", "aws-iso-f", "csp.hci.ic.gov"},
}

// Partition tells in which partition a Region is. Yes: the table has the Region.
// Unknown: it does not, and the name begins like those of that partition ("aws"
// where it begins like no other). No: the text is not the name of a Region.
func Partition(region string) (partition string, known Answer) {
	if p := PartitionOf(region); p != "" {
		return p, Yes
	}
	if !regionShape(region) {
		return "", No
	}
	for _, p := range partitionPrefixes {
		if strings.HasPrefix(region, p.prefix) {
			return p.partition, Unknown
		}
	}
	return "aws", Unknown
}

// Domain returns what the endpoints of a partition end in, "" for a partition
// that is not known.
func Domain(partition string) string {
	if partition == "aws" {
		return "amazonaws.com"
	}
	for _, p := range partitionPrefixes {
		if p.partition == partition {
			return p.domain
		}
	}
	return ""
}

// Regions lists the Regions of all partitions.
func Regions() []string {
	var all []string
	for _, p := range partitions {
		all = append(all, strings.Fields(p.regions)...)
	}
	return all
}
