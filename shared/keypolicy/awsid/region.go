package awsid

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
)

// PartitionOf is the partition that a Region is in. Of a Region that the table does
// not have yet, the beginning of its name tells.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
func PartitionOf(region string) string {
	if known := catalog.PartitionOf(region); known != "" {
		return known
	}
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}
