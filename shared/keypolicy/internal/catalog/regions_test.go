package catalog_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
)

func TestPartOfARegionIsNoRegion(t *testing.T) {
	for _, name := range []string{"", "us-east", "us-east-", "s-east-1", "east-1", "a", "-", " ", "us-east-1 us-east-2", "us-east-11"} {
		if p := catalog.PartitionOf(name); p != "" {
			t.Errorf("%q is of the partition %s", name, p)
		}
	}
	for _, name := range catalog.Regions() {
		if catalog.PartitionOf(name) == "" {
			t.Errorf("%s is of no partition", name)
		}
	}
}

func TestEachRegionBelongsToThePartitionThatTheSDKPutsItIn(t *testing.T) {
	suffixes := map[string]string{
		"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-cn": "amazonaws.com.cn", "aws-eusc": "amazonaws.eu",
		"aws-iso": "c2s.ic.gov", "aws-iso-b": "sc2s.sgov.gov", "aws-iso-e": "cloud.adc-e.uk", "aws-iso-f": "csp.hci.ic.gov",
	}
	for partition, suffix := range suffixes {
		regions := 0
		catalog.EachRegion(partition, func(region string) bool {
			regions++
			endpoint, err := kms.NewDefaultEndpointResolverV2().ResolveEndpoint(context.Background(), kms.EndpointParameters{Region: aws.String(region)})
			if err != nil || !strings.HasSuffix(endpoint.URI.Host, "."+region+"."+suffix) {
				t.Errorf("%s of %s: %v, %v", region, partition, endpoint.URI.Host, err)
			}
			if got := catalog.PartitionOf(region); got != partition {
				t.Errorf("%s belongs to %q, want %q", region, got, partition)
			}
			return true
		})
		if regions == 0 {
			t.Errorf("%s has no Regions", partition)
		}
	}
	if got := catalog.PartitionOf("eu-wst-1"); got != "" {
		t.Errorf("a misspelt Region belongs to %q", got)
	}
}

func TestTheKindsOfARNAreThoseOfTheirServices(t *testing.T) {
	for service, want := range map[string][2]catalog.Place{
		"sns": {catalog.Always, catalog.Always}, "iam": {catalog.Never, catalog.Always},
		"route53": {catalog.Never, catalog.Never}, "s3": {catalog.Varies, catalog.Varies}, "": {catalog.Varies, catalog.Varies},
	} {
		if got := [2]catalog.Place{catalog.RegionIn(service), catalog.AccountIn(service)}; got != want {
			t.Errorf("%q: %v, want %v", service, got, want)
		}
	}
}
