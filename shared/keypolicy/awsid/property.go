package awsid

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
)

// KeyProperties lists what a property of a KMS key can be, by the condition key that
// holds it: kms:KeyUsage, kms:KeySpec or kms:KeyOrigin.
func KeyProperties(conditionKey string) []string {
	k := catalog.LookupKey(conditionKey)
	if k == nil || k.Values == "" {
		return nil
	}
	return strings.Split(k.Values, "|")
}
