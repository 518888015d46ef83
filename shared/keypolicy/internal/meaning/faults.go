package meaning

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/spell"
)

// Fault is something in an assertion that is not understood or that nobody can
// be.
type Fault struct {
	Member  string // who, actions or when
	Item    int    // which one of who or actions; -1: the member is empty
	Key     string // which key of when
	Message string // what is wrong, and what to write
}

// Faults lists what is wrong with an assertion, whatever the policy and the key.
func (a *Assertion) Faults() []Fault {
	var out []Fault
	add := func(member string, item int, key, message string) {
		if message != "" {
			out = append(out, Fault{member, item, key, message})
		}
	}
	if len(a.Who) == 0 {
		add("who", -1, "", "who is empty: write whom the assertion is about, such as {account} or anyone")
	}
	for i, text := range a.Who {
		add("who", i, "", whoFault(text))
	}
	if len(a.Actions) == 0 {
		add("actions", -1, "", "actions is empty: write what the assertion is about, such as kms:Decrypt or kms:*")
	}
	for i, text := range a.Actions {
		add("actions", i, "", actionFault(text))
	}
	keys := make([]string, 0, len(a.When))
	for key := range a.When {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		add("when", 0, key, contextFault(key))
	}
	return out
}

func actionFault(text string) string {
	set, pattern := catalog.Match(text)
	switch {
	case set == 0 && pattern:
		return fmt.Sprintf("no action of KMS fits %q: write one such as kms:Decrypt, or kms:*", text)
	case set == 0:
		return fmt.Sprintf("KMS has no action %q%s", text, orElse(spell.Closest(text, actionNames), "write one such as kms:Decrypt, or kms:*"))
	case set&^catalog.Ineffective == 0:
		return fmt.Sprintf("a key policy does not govern the action %q, so only IAM policies allow it: write one such as kms:Decrypt", text)
	}
	return ""
}

func actionNames(yield func(string) bool) {
	for _, a := range catalog.Actions() {
		if !yield(a.Name) {
			return
		}
	}
}

// orElse suggests a name, or says what to write where none is near.
func orElse(near, instead string) string {
	if near != "" {
		return ": did you mean " + near + "?"
	}
	return ": " + instead
}

// contextFault says what is wrong with a key of when. A key that the table does
// not have may be a new one, unless it looks like a slip.
func contextFault(key string) string {
	switch strings.ToLower(key) {
	case "aws:principalarn", "aws:principalaccount", "kms:calleraccount", "aws:username":
		return key + " says who calls: write it under who"
	}
	if !strings.Contains(key, ":") {
		return fmt.Sprintf("%q is no condition key: write one such as kms:ViaService", key)
	}
	if catalog.LookupKey(key) != nil {
		return ""
	}
	near := spell.Closest(key, func(yield func(string) bool) {
		for _, k := range catalog.Keys() {
			if !k.Has(catalog.Prefix) && !yield(k.Name) {
				return
			}
		}
	})
	if near == "" {
		return ""
	}
	return fmt.Sprintf("there is no condition key %q: did you mean %s?", key, near)
}

func whoFault(text string) string {
	service, isService := strings.CutPrefix(text, "service:")
	org, isOrg := strings.CutPrefix(text, "org:")
	switch {
	case text == "anyone", text == OwnAccount, awsid.IsAccount(text):
		return ""
	case text == "*":
		return `"*" is not understood: write anyone`
	case text != "" && awsid.IsDigits(text):
		return fmt.Sprintf("%q is no account: an account has 12 digits", text)
	case isOrg && !awsid.IsOrganization(org):
		return fmt.Sprintf("%q is no organization: write org: and its id, such as org:o-a1b2c3d4e5", text)
	case isOrg:
		return ""
	case isService:
		return serviceFault(service)
	case strings.HasPrefix(text, "arn:"):
		return arnFault(text)
	}
	return fmt.Sprintf("%q is not understood: write an ARN, an account, {account}, service:NAME, org:o-…, or anyone", text)
}

func serviceFault(name string) string {
	const example = "write service: and the name as a policy has it, such as service:logs.eu-west-1.amazonaws.com"
	n := catalog.Service(name)
	switch {
	case strings.ContainsAny(name, "*?"):
		if impossible("service:"+name, "") {
			return fmt.Sprintf("no AWS service has a name like %q: %s", name, example)
		}
	case name != strings.ToLower(name):
		return fmt.Sprintf("the service %q has capital letters: write %s", name, strings.ToLower(name))
	case n.Domain == "" || n.Base == "":
		return fmt.Sprintf("%q is no service principal: %s", name, example)
	case n.Known == catalog.No:
		return fmt.Sprintf("there is no AWS service %q: did you mean %s.%s?", name, n.Near, n.Domain)
	}
	return ""
}

// arnFault says what is wrong with an ARN that must be that of a principal.
func arnFault(text string) string {
	const write = "write the ARN of a role, a user or a session, such as arn:aws:iam::{account}:role/app/*"
	filled := strings.ReplaceAll(text, OwnAccount, "111122223333")
	parts := strings.SplitN(filled, ":", arnParts)
	pattern := strings.ContainsAny(filled, "*?")
	switch {
	case len(parts) < arnParts:
		return fmt.Sprintf("%q has too few parts for an ARN: %s", text, write)
	case strings.ContainsFunc(filled, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`{}$"<>`, r) }):
		return fmt.Sprintf("%q has a character that no principal's ARN has; of the placeholders there is only {account}", text)
	case parts[2] == "sts" && pattern && strings.HasPrefix(parts[5], "assumed-role"):
		return fmt.Sprintf("%q has a wildcard in a session: write the role, arn:aws:iam::…:role/…, which means all its sessions", text)
	case !strings.ContainsAny(parts[4], "*?") && !awsid.IsAccount(parts[4]):
		return fmt.Sprintf("the account of %q is not 12 digits: %s", text, write)
	}
	if form, _ := document.AWSForm(filled); !pattern && form != document.RootForm && form != document.RoleForm &&
		form != document.UserForm && form != document.AssumedRole && form != document.FederatedUser {
		return fmt.Sprintf("%q is the ARN of no principal: %s", text, write)
	}
	partition := parts[1]
	if strings.ContainsAny(partition, "*?") {
		partition = ""
	}
	if impossible(filled, partition) {
		return fmt.Sprintf("no principal has an ARN like %q: %s", text, write)
	}
	return ""
}

// impossible reports whether nobody can be meant, whatever the key.
func impossible(who, partition string) bool {
	k := facts.Key{Partition: partition}
	s := decide.NewSpace(Facts(k), decide.NewBudget())
	nobody := decide.Question{Allowed: []*decide.Compiled{s.Compile(&decide.Policy{Statements: []decide.Statement{Who(who, k)}})}, Callers: decide.IAMAllows}
	return s.Ask(&nobody).Verdict == decide.Proven
}
