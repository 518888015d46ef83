package keypolicy

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// fit says whether a resource is the key.
type fit uint8

const (
	elsewhere fit = iota
	perhaps       // it could be
	thisKey       // it certainly is
)

// fits compares a resource with what is known of the key.
func (k Key) fits(resource string) fit {
	if resource == "*" || resource != "" && resource == k.arn() {
		return thisKey
	}
	a, ok := splitARN(resource)
	if !ok {
		return elsewhere
	}
	name, isKey := strings.CutPrefix(a.resource, "key/")
	if !isKey && !wildcard.Has(a.resource) {
		return elsewhere
	}
	if !isKey {
		name = a.resource
	}
	if (k.Partition == "" || wildcard.Match(a.partition, k.Partition)) && wildcard.Match(strings.ToLower(a.service), "kms") &&
		could(a.region, k.Region) && could(a.account, k.Account) && (could(name, k.ID) || !isKey) {
		return perhaps
	}
	return elsewhere
}

func could(pattern, known string) bool { return known == "" || wildcard.Match(pattern, known) }
