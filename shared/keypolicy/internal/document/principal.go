package document

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/charset"
)

// Kind is the member of Principal that a principal stands under.
type Kind uint8

const (
	AWSPrincipal Kind = iota
	ServicePrincipal
	FederatedPrincipal
	CanonicalUser
)

// Form is what the text of an AWS principal looks like.
type Form uint8

const (
	Malformed Form = iota
	Anyone         // *
	AccountID      // 12 digits
	RootForm       // arn:…:root
	RoleForm
	UserForm
	AssumedRole   // an sts ARN with the session's name
	FederatedUser // an sts ARN
	GroupForm     // no principal, but often written
	UniqueID      // AROA…, AIDA…: what KMS shows for a deleted principal
	ServiceName
	ProviderForm // SAML or OIDC provider
	CanonicalID
)

// Principal is one entry of Principal or NotPrincipal.
type Principal struct {
	Item
	Kind    Kind
	Form    Form
	Account string // "" where the text names none for certain
}

// WholeAccount reports whether the principal stands for every principal of its
// account that IAM lets do it.
func (p Principal) WholeAccount() bool { return p.Form == RootForm || p.Form == AccountID }

// Partition is the partition that the principal's ARN names, "" where the text is no
// ARN.
func (p Principal) Partition() string {
	a, _ := awsid.SplitARN(p.Text)
	return a.Partition
}

// classify reads a principal's text.
func classify(kind Kind, it Item) Principal {
	p := Principal{Item: it, Kind: kind}
	switch {
	case it.Text == "*":
		p.Form = Anyone
	case kind == AWSPrincipal:
		p.Form, p.Account = AWSForm(it.Text)
	case kind == ServicePrincipal:
		p.Form = ServiceName
	case kind == CanonicalUser:
		p.Form = CanonicalID
	default:
		p.Form, p.Account = ProviderForm, awsid.AccountOf(it.Text)
	}
	return p
}

// AWSForm tells what the text of an AWS principal looks like, and the account that it
// names.
func AWSForm(text string) (Form, string) {
	if awsid.IsAccount(text) {
		return AccountID, text
	}
	if a, ok := awsid.SplitARN(text); ok {
		if !awsid.IsAccount(a.Account) {
			return Malformed, ""
		}
		return arnForm(a), a.Account
	}
	if awsid.IsUniqueID(text) {
		return UniqueID, ""
	}
	return Malformed, ""
}

func arnForm(a awsid.ARN) Form {
	kind, name, named := strings.Cut(a.Resource, "/")
	switch {
	case a.Region != "":
		return Malformed
	case a.Service == "iam" && a.Resource == "root":
		return RootForm
	case !named || name == "" || !oneName(a.Resource):
		return Malformed
	case a.Service == "iam" && kind == "role" && pathAndName(name):
		return RoleForm
	case a.Service == "iam" && kind == "user" && name != "root" && pathAndName(name):
		return UserForm
	case a.Service == "iam" && kind == "group":
		return GroupForm
	case !federation(a.Service):
		return Malformed
	case kind == "assumed-role" && strings.Count(name, "/") == 1 && pathAndName(name):
		return AssumedRole
	case kind == "federated-user" && isName(name):
		return FederatedUser
	}
	return Malformed
}

// MaxName is the most characters that the name of a role, user or session has.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const MaxName = 64

// federation reports whether the service is one that ARNs of sessions name: sts, or
// iam, which KMS rewrites.
func federation(service string) bool { return service == "sts" || service == "iam" }

// pathAndName reports whether s is a name, with a path of non-empty parts before it
// or without one.
func pathAndName(s string) bool {
	name := s[strings.LastIndexByte(s, '/')+1:]
	return isName(name) && !strings.HasPrefix(s, "/") && !strings.Contains(s, "//")
}

// inNames are the characters of the names of roles, users and sessions.
var inNames = charset.Of(charset.Letters + charset.Digits + "_+=,.@-")

func isName(s string) bool {
	return s != "" && len(s) <= MaxName && inNames.Has(s)
}

// oneName reports whether s is neither a pattern, nor a list, nor something that
// is still to be filled in. Names may hold commas.
func oneName(s string) bool {
	return !strings.ContainsAny(s, "*? <") && !strings.Contains(s, "${") && !strings.Contains(s, ",arn:")
}

// Canonical undoes what KMS is known to rewrite in a principal.
func (p *Principal) Canonical(partition string) string {
	switch p.Form {
	case AccountID:
		return awsid.RootARN(partition, p.Account)
	case AssumedRole, FederatedUser:
		if a, _ := awsid.SplitARN(p.Text); a.Service == "iam" {
			return strings.Replace(p.Text, ":iam:", ":sts:", 1)
		}
	}
	return p.Text
}
