package authz

import (
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/jsontree"
)

// A Verdict is what a key policy says about one request.
type Verdict int

// The verdicts. Delegated means that the policy leaves it to IAM.
const (
	NotAllowed Verdict = iota
	Denied
	Delegated
	Allowed
)

// A Request is what is asked for. Context holds condition keys in lower case.
// Where an AWS service calls in its own name, Service is its principal, such
// as events.amazonaws.com, and Caller is empty.
type Request struct {
	Caller   string
	Service  string
	Account  string
	Action   string
	Resource string
	Context  map[string][]string
}

// Judge returns the verdict of policy, which is a parsed policy document.
func Judge(policy *jsontree.Node, r Request) Verdict {
	verdict := NotAllowed
	for _, s := range Statements(policy) {
		v := judge(s, r)
		if v == Denied {
			return Denied
		}
		verdict = max(verdict, v)
	}
	return verdict
}

// JudgeIdentity returns the verdict of a policy that is attached to the caller
// itself. It names no principal.
func JudgeIdentity(policy *jsontree.Node, r Request) Verdict {
	verdict := NotAllowed
	for _, s := range Statements(policy) {
		effect := s.Get("Effect")
		if effect == nil || !Applies(s, r) {
			continue
		}
		switch effect.Text {
		case "Deny":
			return Denied
		case "Allow":
			verdict = Allowed
		}
	}
	return verdict
}

// Statements returns the statements of a policy, whether it has a list of
// them or a single one.
func Statements(policy *jsontree.Node) []*jsontree.Node {
	var out []*jsontree.Node
	for _, n := range policy.All("Statement") {
		if n.Kind == jsontree.Array {
			out = append(out, n.Items...)
		} else {
			out = append(out, n)
		}
	}
	return out
}

// Applies reports whether a statement speaks of a request, whoever makes it.
func Applies(s *jsontree.Node, r Request) bool {
	return actionApplies(s, r.Action) && resourceApplies(s, r.Resource) && conditionsHold(s, r.Context)
}

func judge(s *jsontree.Node, r Request) Verdict {
	if !Applies(s, r) {
		return NotAllowed
	}
	named, account := principalApplies(s, r)
	effect := s.Get("Effect")
	switch {
	case effect == nil || (!named && !account):
		return NotAllowed
	case effect.Text == "Deny":
		return Denied
	case effect.Text != "Allow":
		return NotAllowed
	case named:
		return Allowed
	}
	return Delegated
}

// principalApplies reports whether the statement names the caller, and whether
// it names the caller's account as a whole.
func principalApplies(s *jsontree.Node, r Request) (named, account bool) {
	if s.Get("NotPrincipal") != nil {
		named, _ := principalListed(s.All("NotPrincipal"), r)
		return !named, false
	}
	return principalListed(s.All("Principal"), r)
}

func principalListed(elements []*jsontree.Node, r Request) (named, account bool) {
	if r.Service != "" {
		return serviceListed(elements, r.Service), false
	}
	names := identities(r.Caller)
	for _, p := range awsPrincipals(elements) {
		switch {
		case p == "*" || slices.Contains(names, p):
			named = true
		case p == r.Account || p == RootARN(r.Caller, r.Account):
			account = true
		}
	}
	// The root user is the account: for it the two are the same.
	if account && strings.HasSuffix(r.Caller, ":root") {
		named = true
	}
	return named, account
}

// serviceListed reports whether a service is named, or everybody is.
func serviceListed(elements []*jsontree.Node, service string) bool {
	if slices.Contains(awsPrincipals(elements), "*") {
		return true
	}
	for _, e := range elements {
		for _, list := range e.All("Service") {
			if slices.Contains(list.Strings(), service) {
				return true
			}
		}
	}
	return false
}

func awsPrincipals(elements []*jsontree.Node) []string {
	var out []string
	for _, e := range elements {
		if e.Kind == jsontree.String {
			out = append(out, e.Text)
		}
		for _, list := range e.All("AWS") {
			out = append(out, list.Strings()...)
		}
	}
	return out
}

// identities returns the ARNs under which a policy may name the caller: a
// role session goes by its own name and by that of its role.
func identities(caller string) []string {
	if role := RoleOf(caller); role != caller {
		return []string{caller, role}
	}
	return []string{caller}
}

// RoleOf returns the role behind a role session, and any other caller as it
// is.
func RoleOf(caller string) string {
	parts := strings.SplitN(caller, ":", 6)
	if len(parts) < 6 || parts[2] != "sts" || !strings.HasPrefix(parts[5], "assumed-role/") {
		return caller
	}
	name := strings.Split(strings.TrimPrefix(parts[5], "assumed-role/"), "/")[0]
	return "arn:" + parts[1] + ":iam::" + parts[4] + ":role/" + name
}

// RootARN returns the ARN of an account in the partition of another ARN.
func RootARN(like, account string) string {
	partition := "aws"
	if parts := strings.SplitN(like, ":", 3); len(parts) == 3 {
		partition = parts[1]
	}
	return "arn:" + partition + ":iam::" + account + ":root"
}

func actionApplies(s *jsontree.Node, action string) bool {
	if s.Get("NotAction") != nil {
		return !anyMatch(s.All("NotAction"), action, true)
	}
	return anyMatch(s.All("Action"), action, true)
}

func resourceApplies(s *jsontree.Node, resource string) bool {
	if resource == "" && s.Get("Resource") == nil && s.Get("NotResource") == nil {
		return true // the policy of a role: it speaks of the role alone
	}
	if s.Get("NotResource") != nil {
		return !anyMatch(s.All("NotResource"), resource, false)
	}
	return anyMatch(s.All("Resource"), resource, false)
}

func anyMatch(patterns []*jsontree.Node, s string, fold bool) bool {
	if fold {
		s = strings.ToLower(s)
	}
	for _, n := range patterns {
		for _, p := range n.Strings() {
			if fold {
				p = strings.ToLower(p)
			}
			if Like(p, s) {
				return true
			}
		}
	}
	return false
}

// Like reports whether s matches a pattern of *, ? and other characters.
func Like(pattern, s string) bool {
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
