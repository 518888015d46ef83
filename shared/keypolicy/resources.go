package keypolicy

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// resources checks that a statement is about the key it is attached to.
func (c *checker) resources(s *statement) {
	if s.notResource {
		c.member(&ruleNotResource, s.resourceAt, "NotResource cannot be told from a mistake in a key policy, where there is one key only; write \"Resource\": \"*\".")
		return
	}
	star := false
	for _, r := range s.resources {
		star = star || r.text == "*"
	}
	for _, r := range s.resources {
		switch fit := c.o.Key.fits(r.text); {
		case r.text == "*":
		case fit == elsewhere:
			c.value(&ruleResourceOther, r.node, "The resource "+quote(r.text)+" is not this key, so the statement never applies to it; write \"Resource\": \"*\", which means this key.")
		case star:
			c.value(&ruleResourceRedundant, r.node, "\"*\" stands beside it and is this key already; keep \"*\" alone.")
		default:
			c.value(&ruleResourceNotStar, r.node, "AWS has announced that \"*\" is the only Resource that KMS takes in a key policy; write \"*\", which means this key.")
		}
	}
}

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
