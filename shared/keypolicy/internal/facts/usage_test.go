package facts_test

import (
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
)

// TestWhatWorksOnAKeyOfWhichSomeIsKnown takes one action for each thing that it can
// depend on; what is not known excludes nothing.
func TestWhatWorksOnAKeyOfWhichSomeIsKnown(t *testing.T) {
	const looked = "Encrypt GenerateDataKey Sign GenerateMac DeriveSharedSecret Decapsulate GetPublicKey ImportKeyMaterial DescribeKey"
	for _, c := range []struct {
		key  facts.Key
		want string
	}{
		{facts.Key{}, looked},
		{facts.Key{Origin: "EXTERNAL"}, looked},
		{facts.Key{Origin: "AWS_KMS"}, "Encrypt GenerateDataKey Sign GenerateMac DeriveSharedSecret Decapsulate GetPublicKey DescribeKey"},
		{facts.Key{Origin: "AWS_KMS", Spec: "SYMMETRIC_DEFAULT"}, "Encrypt GenerateDataKey Sign GenerateMac DeriveSharedSecret Decapsulate DescribeKey"},
		{facts.Key{Origin: "EXTERNAL", Spec: "RSA_2048"}, "Encrypt Sign GenerateMac DeriveSharedSecret Decapsulate GetPublicKey ImportKeyMaterial DescribeKey"},
		{facts.Key{Usage: "ENCRYPT_DECRYPT"}, "Encrypt GenerateDataKey GetPublicKey ImportKeyMaterial DescribeKey"},
		{facts.Key{Usage: "ENCRYPT_DECRYPT", Spec: "SYMMETRIC_DEFAULT"}, "Encrypt GenerateDataKey ImportKeyMaterial DescribeKey"},
		{facts.Key{Usage: "ENCRYPT_DECRYPT", Spec: "RSA_2048"}, "Encrypt GetPublicKey ImportKeyMaterial DescribeKey"},
		{facts.Key{Usage: "SIGN_VERIFY", Spec: "ECC_NIST_P256"}, "Sign GetPublicKey ImportKeyMaterial DescribeKey"},
		{facts.Key{Usage: "GENERATE_VERIFY_MAC"}, "GenerateMac ImportKeyMaterial DescribeKey"},
		{facts.Key{Usage: "GENERATE_VERIFY_MAC", Spec: "HMAC_256", Origin: "AWS_KMS"}, "GenerateMac DescribeKey"},
		{facts.Key{Usage: "KEY_AGREEMENT"}, "DeriveSharedSecret GetPublicKey ImportKeyMaterial DescribeKey"},
		{facts.Key{Usage: "ENCAPSULATE_DECAPSULATE"}, "Decapsulate GetPublicKey ImportKeyMaterial DescribeKey"},
	} {
		usable, got := facts.UsableActions(c.key), []string{}
		for name := range strings.FieldsSeq(looked) {
			if set, _ := catalog.Match("kms:" + name); usable.Has(set) {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v: %v, want %s", c.key, got, c.want)
		}
	}
}
