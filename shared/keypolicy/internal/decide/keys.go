package decide

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
)

// origin says which requests carry a condition key, as far as AWS documents it.
type origin uint8

const (
	anyRequest      origin = iota // may be in any request, of the actions that the catalogue names
	everyRequest                  // is in every request
	fromPrincipal                 // comes with the caller's identity: never from a service or anonymously
	fromIdentity                  // part of the caller's ARN
	fromUser                      // IAM users only
	fromCaller                    // is in every request of a user, role or root
	fromFederation                // sessions of roles
	fromOrg                       // the caller's organization
	fromService                   // only when an AWS service calls directly
	serviceName                   // the calling service's name
	serviceNames                  // all names of the calling service
	callerKind                    // aws:PrincipalType
	callerIsService               // aws:PrincipalIsAWSService
	constantOfKey                 // the same in every request to the key
	moment                        // the time of the request
)

// values says which values a key can hold.
type values uint8

const (
	anyText values = iota
	booleans
	wholeNumbers
	numbers
	moments
	addresses
	accounts
)

// trait is what the procedure knows of a condition key.
type trait struct {
	origin origin
	values values
	span   span
}

// traits by the key's name in small letters. What is not listed may be in any
// request.
func traitOf(lower string, key *catalog.Key) trait {
	t := trait{origin: originOf(lower), values: valuesOf(lower, key)}
	switch lower {
	case "kms:schedulekeydeletionpendingwindowindays":
		t.span = span{whole: true, lowBound: true, low: 7, bound: true, high: 30}
	case "kms:rotationperiodindays":
		t.span = span{whole: true, lowBound: true, low: 90, bound: true, high: 2560}
	default:
		t.span = span{whole: t.values == wholeNumbers || t.values == accounts, lowBound: t.values == wholeNumbers || t.values == accounts}
		if t.values == accounts {
			t.span.bound, t.span.high = true, 999999999999
		}
	}
	return t
}

func originOf(lower string) origin {
	switch lower {
	case "aws:principalarn", "aws:principalaccount", "kms:calleraccount":
		return fromIdentity
	case "aws:username":
		return fromUser
	case "aws:userid":
		return fromCaller
	case "aws:principalorgid", "aws:principalorgpaths":
		return fromOrg
	case "aws:principaltype":
		return callerKind
	case "aws:principalisawsservice":
		return callerIsService
	case "aws:principalservicename":
		return serviceName
	case "aws:principalservicenameslist":
		return serviceNames
	case "aws:federatedprovider":
		return fromFederation
	case "aws:multifactorauthpresent", "aws:multifactorauthage", "aws:tokenissuetime", "aws:sourceidentity",
		"aws:assumedroot", "aws:signinsessionarn", "saml:sub", "saml:sub_type", "saml:namequalifier":
		return fromPrincipal
	case "aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths":
		return fromService
	case "aws:currenttime", "aws:epochtime":
		return moment
	case "aws:securetransport", "aws:requestedregion", "aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths",
		"kms:keyspec", "kms:customermasterkeyspec", "kms:keyusage", "kms:customermasterkeyusage", "kms:keyorigin",
		"kms:multiregion", "kms:multiregionkeytype", "kms:resourcealiases":
		return constantOfKey
	case "aws:viaawsservice":
		return everyRequest
	}
	switch {
	case strings.HasPrefix(lower, "aws:principaltag/"):
		return fromPrincipal
	case strings.HasPrefix(lower, "aws:resourcetag/"):
		return constantOfKey
	}
	return anyRequest
}

func valuesOf(lower string, key *catalog.Key) values {
	switch lower {
	case "aws:principalaccount", "kms:calleraccount", "aws:sourceaccount", "aws:resourceaccount", "aws:vpceaccount":
		return accounts
	case "aws:multifactorauthage", "kms:trailingdayswithoutkeyusage":
		return wholeNumbers
	}
	if key == nil || key.Has(catalog.TypeUnsure) {
		return anyText
	}
	switch key.Type {
	case catalog.Bool:
		return booleans
	case catalog.Numeric:
		return numbers
	case catalog.Date:
		return moments
	case catalog.IP:
		return addresses
	}
	return anyText
}

// isMoment reports whether a key holds a point in time.
func isMoment(lower string) bool { return valuesOf(lower, catalog.LookupKey(lower)) == moments }

// constant returns the value of a key that is the same in every request, where
// it is known. A key that is known to be missing has the value "".
func (f *Facts) constant(lower string) (value string, known bool) {
	switch lower {
	case "aws:securetransport":
		return "true", true // KMS takes TLS connections only
	case "aws:requestedregion":
		value = f.Region
	case "aws:resourceaccount":
		value = f.Account
	case "aws:resourceorgid":
		value = f.Org
	case "kms:keyspec", "kms:customermasterkeyspec":
		value = f.Spec
	case "kms:keyusage", "kms:customermasterkeyusage":
		value = f.Usage
	case "kms:keyorigin":
		value = f.Origin
	case "kms:multiregion":
		if f.ID != "" {
			value = "false"
			if f.multiRegion() {
				value = "true"
			}
		}
	case "kms:multiregionkeytype":
		value = f.KeyType
		if f.ID != "" && !f.multiRegion() {
			return "", true
		}
	}
	return value, value != ""
}

func (f *Facts) multiRegion() bool { return strings.HasPrefix(f.ID, "mrk-") }

// canonicalKey names keys that are the same variable by one name.
func canonicalKey(lower string) string {
	switch lower {
	case "kms:calleraccount":
		return "aws:principalaccount"
	case "kms:customermasterkeyspec":
		return "kms:keyspec"
	case "kms:customermasterkeyusage":
		return "kms:keyusage"
	case "aws:epochtime":
		return "aws:currenttime"
	}
	return lower
}
