package facts

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// Fit says whether a resource is the key.
type Fit uint8

const (
	Elsewhere Fit = iota
	Perhaps       // it could be
	ThisKey       // it certainly is
)

// Fits compares a resource with what is known of the key.
func (k Key) Fits(resource string) Fit {
	if resource == "*" || resource != "" && resource == k.ARN() {
		return ThisKey
	}
	a, ok := awsid.SplitARN(resource)
	if !ok {
		return Elsewhere
	}
	name, isKey := strings.CutPrefix(a.Resource, "key/")
	if !isKey && !wildcard.Has(a.Resource) {
		return Elsewhere
	}
	if !isKey {
		name = a.Resource
	}
	if partition := k.partition(); (partition == "" || wildcard.Match(a.Partition, partition)) && wildcard.Match(strings.ToLower(a.Service), "kms") &&
		could(a.Region, k.Region) && could(a.Account, k.Account) && (could(name, k.ID) || !isKey) {
		return Perhaps
	}
	return Elsewhere
}

func could(pattern, known string) bool { return known == "" || wildcard.Match(pattern, known) }
