package catalog

import "strings"

// Place says whether the ARNs of a service name a Region or an account.
type Place uint8

const (
	Varies Place = iota // some of its resources do
	Never
	Always
)

// Source: the Service Authorization Reference (resource types of each service),
// read in November 2026; services that are seen in key policies and all of whose
// ARNs look alike in this.
const (
	regional   = " acm athena autoscaling cloudtrail config ecr ecs firehose kinesis kms lambda logs redshift secretsmanager sns sqs states "
	regionless = " cloudfront iam organizations route53 sts "
)

// RegionIn reports whether an ARN of the service names a Region.
func RegionIn(service string) Place {
	switch {
	case strings.Contains(regional, " "+service+" "):
		return Always
	case strings.Contains(regionless, " "+service+" "):
		return Never
	}
	return Varies
}

// AccountIn reports whether an ARN of the service names an account.
func AccountIn(service string) Place {
	switch {
	case strings.Contains(regional, " "+service+" "), service == "iam", service == "sts", service == "cloudfront", service == "organizations":
		return Always
	case service == "route53":
		return Never
	}
	return Varies
}
