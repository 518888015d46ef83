package catalog_test

import (
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// TestAPatternStandsForTheActionsThatItMatches holds the search in the table against the
// comparison with each name.
func TestAPatternStandsForTheActionsThatItMatches(t *testing.T) {
	for _, text := range []string{
		"*", "kms:*", "KMS:*", "kms:De*", "kms:Decr?", "kms:Decryp?", "kms:?ecrypt", "kms:D*t", "kms:*Key", "kms:*Pair*", "kms:Generate*Key?air",
		"kms:Z*", "kms:A*", "kms:?", "k*:Decrypt", "?ms:Sign", "*Sign", "*:Sign", "kms*Sign", "kms:Verify*", "kms:Verify?", "kms:Verify??c", "kms:decrypt*",
	} {
		var want catalog.Set
		for _, a := range catalog.Actions() {
			set, _ := catalog.Match(a.Name)
			if wildcard.Match(wildcard.ToLower(text), wildcard.ToLower(a.Name)) {
				want |= set
			}
		}
		if got, pattern := catalog.Match(text); got != want || !pattern {
			t.Errorf("%s: %v, want %v", text, got.Names(), want.Names())
		}
	}
}
