package keypolicy

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
)

// principalKind is the member of Principal that a principal stands under.
type principalKind uint8

const (
	awsPrincipal principalKind = iota
	servicePrincipal
	federatedPrincipal
	canonicalUser
)

// form is what the text of an AWS principal looks like.
type form uint8

const (
	malformed form = iota
	anyone         // *
	accountID      // 12 digits
	rootForm       // arn:…:root
	roleForm
	userForm
	assumedRole   // an sts ARN with the session's name
	federatedUser // an sts ARN
	groupForm     // no principal, but often written
	uniqueID      // AROA…, AIDA…: what KMS shows for a deleted principal
	serviceName
	providerForm // SAML or OIDC provider
	canonicalID
)

// principal is one entry of Principal or NotPrincipal.
type principal struct {
	item
	kind    principalKind
	form    form
	account string // "" where the text names none
}

// wholeAccount reports whether the principal stands for every principal of its
// account that IAM lets do it.
func (p principal) wholeAccount() bool { return p.form == rootForm || p.form == accountID }

// classify reads a principal's text.
func classify(kind principalKind, it item) principal {
	p := principal{item: it, kind: kind}
	switch {
	case it.text == "*":
		p.form = anyone
	case kind == awsPrincipal:
		p.form, p.account = awsForm(it.text)
	case kind == servicePrincipal:
		p.form = serviceName
	case kind == canonicalUser:
		p.form = canonicalID
	default:
		p.form, p.account = providerForm, awsid.AccountOf(it.text)
	}
	return p
}

func awsForm(text string) (form, string) {
	if awsid.IsAccount(text) {
		return accountID, text
	}
	if a, ok := awsid.SplitARN(text); ok {
		if !awsid.IsAccount(a.Account) {
			return malformed, ""
		}
		return arnForm(a), a.Account
	}
	if awsid.IsUniqueID(text) {
		return uniqueID, ""
	}
	return malformed, ""
}

func arnForm(a awsid.ARN) form {
	kind, name, named := strings.Cut(a.Resource, "/")
	switch {
	case a.Region != "":
		return malformed
	case a.Service == "iam" && a.Resource == "root":
		return rootForm
	case !named || name == "" || !oneName(a.Resource):
		return malformed
	case a.Service == "iam" && kind == "role":
		return roleForm
	case a.Service == "iam" && kind == "user" && name != "root":
		return userForm
	case a.Service == "iam" && kind == "group":
		return groupForm
	case kind == "assumed-role" && strings.Count(name, "/") == 1:
		return assumedRole
	case kind == "federated-user":
		return federatedUser
	}
	return malformed
}

// oneName reports whether s is neither a pattern, nor a list, nor something that
// is still to be filled in. Names may hold commas.
func oneName(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '@':
		case c == '*' || c == '?' || c == ' ' || c == '<' || c == '$' && strings.HasPrefix(s[i:], "${"):
			return false
		case c == ',' && strings.HasPrefix(s[i:], ",arn:"):
			return false
		}
	}
	return true
}

// canonical undoes what KMS is known to rewrite in a principal.
func (p *principal) canonical(partition string) string {
	switch p.form {
	case accountID:
		return awsid.RootARN(partition, p.account)
	case assumedRole, federatedUser:
		if a, _ := awsid.SplitARN(p.text); a.Service == "iam" {
			return strings.Replace(p.text, ":iam:", ":sts:", 1)
		}
	}
	return p.text
}
