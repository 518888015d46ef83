package awsid

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
)

// PartitionOf is the partition that a Region is in. Of a Region that the table does
// not have yet, the beginning of its name tells.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
func PartitionOf(region string) string {
	if partition, _ := catalog.Partition(region); partition != "" {
		return partition
	}
	return "aws"
}

// Regions lists the Regions of all partitions that the table has. AWS adds Regions,
// so another name is not wrong for that alone.
func Regions() []string { return catalog.Regions() }

// IsRegion reports whether s has the shape of the name of a Region, such as
// eu-west-1 or us-gov-east-1.
func IsRegion(s string) bool {
	_, known := catalog.Partition(s)
	return known != catalog.No && s == strings.ToLower(s)
}

// KnownRegion reports whether the table has a Region.
func KnownRegion(s string) bool {
	_, known := catalog.Partition(s)
	return known == catalog.Yes
}
