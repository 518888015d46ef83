package decide

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
)

// origin says where the value of a condition key comes from, where the procedure
// has to know more than which requests carry it.
type origin uint8

const (
	anywhere        origin = iota
	fromIdentity           // a part of the caller's ARN
	fromOrg                // the caller's organization
	serviceName            // the calling service's name
	callerKind             // aws:PrincipalType
	callerID               // aws:userid
	callerIsService        // aws:PrincipalIsAWSService
	constantOfKey          // the same in every request to the key
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

// traitOf looks a key up by its name in small letters.
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
	case "aws:principalarn", "aws:principalaccount", "kms:calleraccount", "aws:username":
		return fromIdentity
	case "aws:principalorgid", "aws:principalorgpaths":
		return fromOrg
	case "aws:principaltype":
		return callerKind
	case "aws:userid":
		return callerID
	case "aws:principalisawsservice":
		return callerIsService
	case "aws:principalservicename":
		return serviceName
	case "aws:securetransport", "aws:requestedregion", "aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths",
		"kms:keyspec", "kms:customermasterkeyspec", "kms:keyusage", "kms:customermasterkeyusage", "kms:keyorigin",
		"kms:multiregion", "kms:multiregionkeytype", "kms:resourcealiases":
		return constantOfKey
	}
	if strings.HasPrefix(lower, "aws:resourcetag/") {
		return constantOfKey
	}
	return anywhere
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
