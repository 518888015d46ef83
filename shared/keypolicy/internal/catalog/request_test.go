package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
)

func TestASessionKeepsTheClaimsThatAWSSays(t *testing.T) {
	for name, want := range map[string]catalog.Answer{
		"token.actions.githubusercontent.com:sub":        catalog.Yes,
		"token.actions.githubusercontent.com:AUD":        catalog.Yes,
		"token.actions.githubusercontent.com:repository": catalog.No,
		"gitlab.com:sub":                catalog.Yes,
		"gitlab.example.com:8443/x:sub": catalog.Yes,
		"oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B716D3041E:sub": catalog.Yes,
		"cognito-identity.amazonaws.com:amr":                                       catalog.Yes,
		"accounts.google.com:aud":                                                  catalog.Yes,
		"accounts.google.com:oaud":                                                 catalog.No,
		"accounts.google.com:email":                                                catalog.No,
		"graph.facebook.com:id":                                                    catalog.Yes,
		"www.amazon.com:user_id":                                                   catalog.Yes,
		"saml:sub":                                                                 catalog.Yes,
		"SAML:sub_type":                                                            catalog.Yes,
		"saml:namequalifier":                                                       catalog.Yes,
		"saml:aud":                                                                 catalog.No,
		"kms:ViaService":                                                           catalog.Unknown,
		"kms:EncryptionContext:sub":                                                catalog.Unknown,
		"aws:PrincipalArn":                                                         catalog.Unknown,
		"localhost:sub":                                                            catalog.Unknown,
		"idp..:sub":                                                                catalog.Unknown,
		"":                                                                         catalog.Unknown,
		":sub":                                                                     catalog.Unknown,
		"gitlab.com:":                                                              catalog.Unknown,
	} {
		if got := catalog.SessionKey(name); got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
		if found := catalog.LookupKey(name); want == catalog.Yes && !found.Has(catalog.Session) || want == catalog.No && found != nil {
			t.Errorf("%q: looked up as %v", name, found)
		}
	}
	if !strings.HasPrefix(catalog.SessionKeySource(), "https://docs.aws.amazon.com/IAM/") {
		t.Error("the claims have no source")
	}
}

func TestKMSRefusesWhatItWasSeenToRefuse(t *testing.T) {
	for name, want := range map[string]catalog.Answer{
		"aws:ResourceTag/team": catalog.Yes, "AWS:resourcetag": catalog.Yes, "kms:ResourceTag/x": catalog.Yes, "kms:ResourceAliases": catalog.Yes,
		"aws:RequestTag/team": catalog.No, "kms:ViaService": catalog.No, "kms:ViaServices": catalog.Unknown,
	} {
		if got := catalog.RefusedInKeyPolicy(name); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
		if k := catalog.LookupKey(name); k.Has(catalog.Refused) && want != catalog.Yes {
			t.Errorf("%s is marked as refused", name)
		}
	}
}

func TestARequestCarriesWhatAWSDocuments(t *testing.T) {
	anybody := catalog.RootUser | catalog.IAMUser | catalog.RoleSession | catalog.FederatedUser | catalog.AWSServiceItself
	for _, c := range []struct {
		key     string
		actions catalog.Set
		by      catalog.Caller
		want    catalog.Presence
	}{
		{"aws:SecureTransport", catalog.Decrypt, anybody | catalog.AnonymousCaller, catalog.Present},
		{"aws:ViaAWSService", catalog.All, anybody, catalog.Present},
		{"aws:PrincipalIsAWSService", catalog.All, anybody, catalog.Present},
		{"aws:PrincipalArn", catalog.PutKeyPolicy, catalog.RootUser | catalog.RoleSession, catalog.Present},
		{"aws:PrincipalArn", catalog.Decrypt, catalog.AWSServiceItself, catalog.Absent},
		{"aws:PrincipalArn", catalog.Decrypt, anybody, catalog.Sometimes},
		{"aws:PrincipalOrgID", catalog.Decrypt, catalog.RoleSession, catalog.Sometimes},
		{"aws:username", catalog.Decrypt, catalog.IAMUser, catalog.Present},
		{"aws:username", catalog.Decrypt, catalog.RoleSession, catalog.Absent},
		{"aws:SourceAccount", catalog.Decrypt, catalog.RoleSession, catalog.Absent},
		{"aws:SourceAccount", catalog.Decrypt, catalog.AWSServiceItself, catalog.Sometimes},
		{"kms:ViaService", catalog.Decrypt, catalog.AWSServiceItself, catalog.Sometimes},
		{"kms:KeySpec", catalog.All, anybody, catalog.Present},
		{"kms:GrantOperations", catalog.CreateGrant, catalog.RoleSession, catalog.Present},
		{"kms:GrantOperations", catalog.CreateGrant | catalog.Decrypt, catalog.RoleSession, catalog.Sometimes},
		{"kms:GrantOperations", catalog.Decrypt, catalog.RoleSession, catalog.Absent},
		{"kms:RecipientAttestation:PCR0", catalog.Encrypt, catalog.RoleSession, catalog.Absent},
		{"kms:CallerAccount", catalog.Decrypt, catalog.IAMUser, catalog.Present},
		{"kms:CallerAccount", catalog.SynchronizeMultiRegionKey, catalog.IAMUser, catalog.Sometimes},
		{"gitlab.com:sub", catalog.Decrypt, catalog.RoleSession, catalog.Sometimes},
		{"gitlab.com:sub", catalog.Decrypt, catalog.IAMUser, catalog.Absent},
	} {
		if got := catalog.LookupKey(c.key).In(c.actions, c.by); got != c.want {
			t.Errorf("%s with %v by %b: %v, want %v", c.key, c.actions.Names(), c.by, got, c.want)
		}
	}
	if got := catalog.LookupKey("no:such").In(catalog.All, anybody); got != catalog.Sometimes {
		t.Errorf("a key that is not known is %v", got)
	}
}

// What holds for several callers or actions holds for each of them.
func TestPresenceOfManyIsPresenceOfEach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SampledFrom(catalog.Keys()).Draw(t, "key")
		all := catalog.Set(rapid.Uint64().Draw(t, "actions"))&catalog.All | catalog.Decrypt
		by := catalog.Caller(rapid.IntRange(1, 63).Draw(t, "callers"))
		whole := key.In(all, by)
		if whole == catalog.Sometimes {
			return
		}
		for i := range catalog.All.Len() {
			if one := catalog.Set(1) << i; all.Has(one) {
				for c := catalog.RootUser; c <= catalog.AnonymousCaller; c <<= 1 {
					if got := key.In(one, c); by&c != 0 && got != whole && (got != catalog.Absent || whole == catalog.Present) {
						t.Fatalf("%s: %v for all, %v for %v by %b", key.Name, whole, got, one.Names(), c)
					}
				}
			}
		}
	})
}

func TestAPartitionIsToldByTheRegion(t *testing.T) {
	for region, want := range map[string]struct {
		partition string
		known     catalog.Answer
	}{
		"eu-west-1": {"aws", catalog.Yes}, "eusc-de-east-1": {"aws-eusc", catalog.Yes}, "eusc-fr-west-1": {"aws-eusc", catalog.Unknown},
		"us-iso-east-1": {"aws-iso", catalog.Yes}, "us-isob-east-1": {"aws-iso-b", catalog.Yes}, "us-isof-north-1": {"aws-iso-f", catalog.Unknown},
		"eu-isoe-west-1": {"aws-iso-e", catalog.Yes}, "cn-east-9": {"aws-cn", catalog.Unknown}, "us-gov-west-1": {"aws-us-gov", catalog.Yes},
		"sa-west-1": {"aws", catalog.Unknown}, "europe": {"", catalog.No}, "": {"", catalog.No}, "eu-west": {"", catalog.No},
	} {
		partition, known := catalog.Partition(region)
		if partition != want.partition || known != want.known {
			t.Errorf("%q: %q, %v", region, partition, known)
		}
		if known != catalog.No && catalog.Domain(partition) == "" {
			t.Errorf("%s has no domain", partition)
		}
	}
	if catalog.Domain("aws-mars") != "" {
		t.Error("a partition that is not known has a domain")
	}
	var prefixes []string
	for _, partition := range []string{"aws-cn", "aws-iso-e", "aws-eusc", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-f"} {
		catalog.EachRegion(partition, func(region string) bool {
			prefixes = append(prefixes, region)
			return true
		})
	}
	if slices.ContainsFunc(prefixes, func(r string) bool { p, known := catalog.Partition(r); return p == "aws" || known != catalog.Yes }) {
		t.Errorf("one of %v is taken for the commercial partition", prefixes)
	}
}
