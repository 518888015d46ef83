package decide

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/charset"
)

// form is what a principal's text stands for.
type form uint8

const (
	formUnknown form = iota
	formNobody       // a principal that was deleted, or of another partition
	formEveryone
	formAccount
	formRole
	formUser
	formSession   // of a role
	formFederated // a user with a token of STS
	formService
	formProvider
)

// identity is a principal that a statement names.
type identity struct {
	form    form
	account string
	arn     string // or the name of a service
	role    string // the role's name, of a role or a session
}

// name tells identities apart.
func (id identity) name() string {
	switch id.form {
	case formAccount:
		return id.account
	case formService:
		return id.arn
	}
	return id.arn
}

// identify reads a principal.
func identify(p Principal, partition string) identity {
	switch {
	case p.Kind == AWS && p.Text == "*":
		return identity{form: formEveryone}
	case p.Kind == AWS:
		return identifyAWS(p.Text, partition)
	case strings.ContainsAny(p.Text, "*?") || p.Kind == CanonicalUser || p.Text == "":
		return identity{form: formUnknown}
	case p.Kind == Service:
		return identity{form: formService, arn: p.Text}
	}
	return identity{form: formProvider}
}

func identifyAWS(text, partition string) identity {
	if isAccount(text) {
		return identity{form: formAccount, account: text}
	}
	parts := strings.SplitN(text, ":", 6)
	if len(parts) < 6 {
		if isUniqueID(text) {
			return identity{form: formNobody}
		}
		return identity{form: formUnknown}
	}
	account, resource := parts[4], parts[5]
	kind, name, named := strings.Cut(resource, "/")
	id := identity{account: account, arn: text}
	switch {
	case parts[0] != "arn" || parts[3] != "" || !isAccount(account) || parts[2] != "iam" && parts[2] != "sts":
		return identity{form: formUnknown}
	case parts[1] != partition:
		return identity{form: formNobody}
	case parts[2] == "iam" && resource == "root":
		id.form = formAccount
	case !named || name == "" || strings.ContainsAny(name, "*?:"):
	case parts[2] == "iam" && kind == "role":
		id.form, id.role = formRole, name[strings.LastIndexByte(name, '/')+1:]
	case parts[2] == "iam" && kind == "user":
		id.form = formUser
	case kind == "assumed-role" && strings.Count(name, "/") == 1:
		id.form = formSession
		id.role, _, _ = strings.Cut(name, "/")
		id.arn = "arn:" + partition + ":sts::" + account + ":" + resource
	case kind == "federated-user":
		id.form = formFederated
		id.arn = "arn:" + partition + ":sts::" + account + ":" + resource
	}
	return id
}

var (
	digits      = charset.Of(charset.Digits)
	inUniqueIDs = charset.Of(charset.Capitals + charset.Digits)
)

func isAccount(s string) bool { return len(s) == 12 && digits.Has(s) }

// isUniqueID reports whether s is what IAM shows for a principal that was
// deleted, and that nobody can be again.
func isUniqueID(s string) bool {
	const shortest = 16
	return len(s) >= shortest && (strings.HasPrefix(s, "AROA") || strings.HasPrefix(s, "AIDA")) &&
		inUniqueIDs.Has(s)
}
