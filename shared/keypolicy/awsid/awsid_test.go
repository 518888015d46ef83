package awsid_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
)

func TestIDsAreToldByTheirShape(t *testing.T) {
	network := func(s string) bool { return awsid.IsNetwork(s, "vpc-") }
	for _, test := range []struct {
		what string
		is   func(string) bool
		text string
		want bool
	}{
		{"account", awsid.IsAccount, "111122223333", true},
		{"account of 11 digits", awsid.IsAccount, "11112222333", false},
		{"account with a letter", awsid.IsAccount, "11112222333a", false},
		{"Region", awsid.IsRegion, "us-gov-east-1", true},
		{"Region without a number", awsid.IsRegion, "eu-west", false},
		{"Region of one word", awsid.IsRegion, "west-1", false},
		{"Region in capitals", awsid.IsRegion, "EU-WEST-1", false},
		{"zone", awsid.IsRegion, "eu-west-1a", false},
		{"digits", awsid.IsDigits, "", false},
		{"hexadecimal", awsid.IsHex, "00af", true},
		{"hexadecimal in capitals", awsid.IsHex, "00AF", false},
		{"no hexadecimal", awsid.IsHex, "", false},
		{"organization", awsid.IsOrganization, "o-abcdefghij", true},
		{"organization too short", awsid.IsOrganization, "o-abcdefghi", false},
		{"longest organization", awsid.IsOrganization, "o-" + strings.Repeat("z9", 16), true},
		{"organization too long", awsid.IsOrganization, "o-" + strings.Repeat("z9", 16) + "a", false},
		{"organization in capitals", awsid.IsOrganization, "o-ABCDEFGHIJ", false},
		{"old network", network, "vpc-12345678", true},
		{"network", network, "vpc-0123456789abcdef0", true},
		{"network of nine digits", network, "vpc-123456789", false},
		{"network of another kind", network, "vpce-12345678", false},
		{"role that was deleted", awsid.IsUniqueID, "AROAABCDEFGHIJKLMNOPQ", true},
		{"its session", awsid.IsUniqueID, "AROAABCDEFGHIJKLMNOPQ:me", true},
		{"shortest unique id", awsid.IsUniqueID, "AROA" + strings.Repeat("Z9", 6), true},
		{"unique id too short", awsid.IsUniqueID, "AROA" + strings.Repeat("A", 11), false},
		{"longest unique id", awsid.IsUniqueID, "AROA" + strings.Repeat("A", 124), true},
		{"unique id too long", awsid.IsUniqueID, "AROA" + strings.Repeat("A", 125), false},
		{"unique id in small letters", awsid.IsUniqueID, "AROAabcdefghijklmnopq", false},
		{"another word", awsid.IsUniqueID, "AROMABCDEFGHIJKLMNOPQ", false},
	} {
		if got := test.is(test.text); got != test.want {
			t.Errorf("%s %q: %v, want %v", test.what, test.text, got, test.want)
		}
	}
}

func TestARNsComeApartAndTellTheirAccount(t *testing.T) {
	a, ok := awsid.SplitARN("arn:aws-cn:iam::111122223333:role/a:b/Name")
	if want := (awsid.ARN{Partition: "aws-cn", Service: "iam", Account: "111122223333", Resource: "role/a:b/Name"}); !ok || a != want {
		t.Errorf("%+v, %v", a, ok)
	}
	for _, text := range []string{"", "arn:", "arn:aws:iam::111122223333", "arn:aws:iam::111122223333:", "Arn:aws:iam::111122223333:root"} {
		if a, ok := awsid.SplitARN(text); ok {
			t.Errorf("%q is read as %+v", text, a)
		}
	}
	if got := awsid.AccountOf("arn:aws:s3:::bucket"); got != "" {
		t.Errorf("a bucket is of account %q", got)
	}
	if got := awsid.AccountOf(awsid.RootARN("aws", "111122223333")); got != "111122223333" {
		t.Errorf("the root is of account %q", got)
	}
	if got := awsid.SessionRole("arn:aws:sts::111122223333:assumed-role/App/me"); got != "App" {
		t.Errorf("the session is of role %q", got)
	}
	if got := awsid.RoleName("arn:aws:iam::111122223333:role/ops/App"); got != "App" {
		t.Errorf("the role is called %q", got)
	}
}

func TestTheValuesOfAPropertyAreThoseOfItsConditionKey(t *testing.T) {
	if got := awsid.KeyProperties("kms:KeyOrigin"); !slices.Contains(got, "AWS_KMS") || !slices.Contains(got, "EXTERNAL") {
		t.Errorf("the origins are %q", got)
	}
	for _, key := range []string{"aws:SourceIp", "kms:NoSuchKey"} {
		if got := awsid.KeyProperties(key); got != nil {
			t.Errorf("%s can be %q", key, got)
		}
	}
}

func TestEveryRegionIsInOnePartitionThoseToComeToo(t *testing.T) {
	for region, want := range map[string]string{
		"eu-west-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov", "eusc-de-east-1": "aws-eusc", "us-iso-east-1": "aws-iso",
		"eu-west-9": "aws", "cn-south-9": "aws-cn", "us-gov-north-9": "aws-us-gov",
	} {
		if got := awsid.PartitionOf(region); got != want {
			t.Errorf("%s is in %q, want %q", region, got, want)
		}
		if got, want := awsid.KnownRegion(region), !strings.HasSuffix(region, "9"); got != want || slices.Contains(awsid.Regions(), region) != want {
			t.Errorf("%s is known: %v, want %v", region, got, want)
		}
	}
}
