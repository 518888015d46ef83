package facts

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// CouldBe compares a resource with what is known of the key.
func (k Key) CouldBe(resource string) bool {
	if resource == "*" {
		return true
	}
	a, ok := awsid.SplitARN(resource)
	if !ok {
		return false
	}
	name, isKey := strings.CutPrefix(a.Resource, "key/")
	if !isKey && !wildcard.Has(a.Resource) {
		return false
	}
	return could(a.Partition, k.partition()) && wildcard.Match(strings.ToLower(a.Service), "kms") &&
		could(a.Region, k.Region) && could(a.Account, k.Account) && (could(name, k.ID) || !isKey)
}

func could(pattern, known string) bool { return known == "" || wildcard.Match(pattern, known) }
