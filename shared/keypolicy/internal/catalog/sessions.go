package catalog

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/charset"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// sessionClaim and sessionMethods stand for every key of a provider that a session
// keeps; how somebody signed in (amr) has several values. They are no rows of the
// table, because the issuers are without number.
var (
	sessionClaim   = Key{Name: "<issuer>:<claim>", Lower: "<issuer>:<claim>", Type: String, Flags: Session}
	sessionMethods = Key{Name: "<issuer>:amr", Lower: "<issuer>:amr", Type: String, Flags: Session | Multi}
)

// The claims that a federated session keeps, so that a request to KMS carries
// them. All others are there only while the role is assumed.
//
// Source: the IAM User Guide ("Available keys for AWS OIDC federation",
// "Available keys for SAML-based AWS STS federation", the column "Available in
// session"), read in November 2026. Complete for that edition; a provider that
// AWS names later is still recognized by its claims.
const (
	claimSource = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif"
	webClaims   = " amr aud sub "
	samlClaims  = " namequalifier sub sub_type "
)

// ownClaims are the providers whose claims have names of their own.
var ownClaims = [...]struct{ issuer, claims string }{
	{"graph.facebook.com", " app_id id "},
	{"www.amazon.com", " app_id user_id "},
}

// SessionKey reports whether a session of a federated principal keeps the condition
// key: Yes for <issuer>:sub, :aud and :amr (GitHub, GitLab, an EKS cluster, a
// Cognito pool, Google …) and for three of SAML's; No for another claim of a
// provider, which no request to KMS carries; Unknown for what is not the key of a
// provider.
func SessionKey(name string) Answer {
	i := strings.LastIndexByte(name, ':')
	if i <= 0 || i == len(name)-1 || len(name) > 512 {
		return Unknown
	}
	issuer, claim := name[:i], strings.ToLower(name[i+1:])
	if wildcard.EqualFold(issuer, "saml") {
		return yes(strings.Contains(samlClaims, " "+claim+" "))
	}
	if !issuerShape(issuer) || strings.ContainsAny(claim, " ${}") {
		return Unknown
	}
	for _, own := range ownClaims {
		if wildcard.EqualFold(issuer, own.issuer) {
			return yes(strings.Contains(own.claims, " "+claim+" ") || strings.Contains(webClaims, " "+claim+" "))
		}
	}
	return yes(strings.Contains(webClaims, " "+claim+" "))
}

// SessionKeySource is the page that lists the claims.
func SessionKeySource() string { return claimSource }

var inIssuers = charset.Of(charset.Letters + charset.Digits + ".-_:/~")

// issuerShape reports whether s is a host with a dot in its name, and perhaps a
// port and a path, as AWS writes providers.
func issuerShape(s string) bool {
	host, _, _ := strings.Cut(s, "/")
	host, port, hasPort := strings.Cut(host, ":")
	if hasPort && (port == "" || strings.Trim(port, "0123456789") != "") {
		return false
	}
	if !strings.Contains(host, ".") || strings.HasPrefix(host, ".") || strings.HasSuffix(host, ".") {
		return false
	}
	return inIssuers.Has(s)
}

// refusedByKMS are the keys that PutKeyPolicy was seen to refuse ("These condition
// keys are not permitted in a key policy"). The second is no key of the
// documentation.
//
// Source: awsdocs/aws-kms-developer-guide, pull request 47, read in November 2026.
var refusedByKMS = [...]string{"aws:resourcetag", "kms:resourcetag", "kms:resourcealiases"}

// RefusedInKeyPolicy reports whether PutKeyPolicy refuses a policy with the
// condition key. Yes is an observation; No is that the key policies which AWS
// prints have keys such as this.
func RefusedInKeyPolicy(name string) Answer {
	name, _, _ = strings.Cut(name, "/")
	for _, refused := range refusedByKMS {
		if wildcard.EqualFold(name, refused) {
			return Yes
		}
	}
	if LookupKey(name) == nil && LookupKey(name+"/") == nil {
		return Unknown
	}
	return No
}
