package verdict

import (
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// usesData are the actions with which a service can be made to work on data or
// to pass the key on.
const usesData = catalog.Decrypt | catalog.Encrypt | catalog.GenerateDataKey | catalog.GenerateDataKeyPair |
	catalog.GenerateDataKeyPairWithoutPlaintext | catalog.GenerateDataKeyWithoutPlaintext | catalog.ReEncryptFrom |
	catalog.ReEncryptTo | catalog.CreateGrant | catalog.Sign | catalog.GenerateMac | catalog.DeriveSharedSecret |
	catalog.Decapsulate

// confusedDeputy asks of each service for a request that it makes for a customer
// who is not trusted.
func (c *checker) confusedDeputy(s *document.Statement) {
	if s.NotPrincipal || s.Acts&usesData == 0 {
		return
	}
	for i := range s.Principals {
		p := &s.Principals[i]
		if p.Kind != document.ServicePrincipal || p.Form == document.Anyone || c.Full(&rule.Deputy) || c.certainlyBound(s) {
			continue
		}
		proof := c.ask([]*decide.Policy{c.policy(append(c.statement(fieldwise(plausible(only(s, i)))), c.denies(s.Acts)...)...)},
			[]*decide.Policy{c.policy(c.boundTo(s)...)}, usesData, decide.AnyCallers)
		if proof.Verdict != decide.Proven {
			c.deputy(s, p, proof)
		}
	}
}

// certainlyBound answers without a search where a plain condition names the
// account that the service works for.
func (c *checker) certainlyBound(s *document.Statement) bool {
	for i := range s.Conditions {
		cond := &s.Conditions[i]
		op := cond.Operator
		if cond.Key.Is("aws:sourceaccount") && op.Compare == document.Equals && op.Family == catalog.String && !op.HoldsWithout() && len(cond.Values) > 0 &&
			!slices.ContainsFunc(cond.Values, func(v document.Item) bool { return !awsid.IsAccount(v.Text) }) {
			return true
		}
	}
	return false
}

// boundTo are the requests that a service makes for somebody who is trusted or
// whom the statement names: by the source, or by an encryption context that holds
// the account. Names that are not trusted are reported by a rule of their own.
func (c *checker) boundTo(s *document.Statement) []decide.Statement {
	t := c.trusted().and(namedIn(s))
	out := append(t.sources(), statementsFor(t.ofAccounts("kms:CallerAccount"))...)
	out = append(out, documentedContexts(s)...)
	values := append(t.patterns(), t.accounts...)
	if len(values) == 0 {
		return out
	}
	for i := range s.Conditions {
		if cond := &s.Conditions[i]; cond.Key.Is("kms:encryptioncontext:") {
			out = append(out, allow(everybody, when("StringLike", cond.Name, values...)))
		}
	}
	return out
}

// documentedContexts are the requests with an encryption context that AWS documents
// as the guard of a service, though its ARNs name no account: those of the
// resources that the statement writes out.
func documentedContexts(s *document.Statement) []decide.Statement {
	var out []decide.Statement
	for i := range s.Conditions {
		cond := &s.Conditions[i]
		var values []string
		for _, v := range cond.Values {
			if a, ok := awsid.SplitARN(v.Text); ok && a.Account == "" && a.Resource != "" && !strings.ContainsAny(first(a.Resource), "*?") {
				values = append(values, v.Text)
			}
		}
		if len(values) > 0 && guardsWithoutAccount(s, cond.Name) {
			out = append(out, allow(everybody, when("StringLike", cond.Name, values...)))
		}
	}
	return out
}

// first is the part of a resource before the first slash: the name of a bucket.
func first(resource string) string {
	name, _, _ := strings.Cut(resource, "/")
	return name
}

// guardsWithoutAccount reports whether a key is the only guard that AWS documents for
// a use of one of the statement's services.
func guardsWithoutAccount(s *document.Statement, key string) bool {
	return slices.ContainsFunc(s.Principals, func(p document.Principal) bool {
		uses, _ := catalog.UsesOf(catalog.Service(p.Text).Base, s.Acts&effective)
		return slices.ContainsFunc(uses, func(u catalog.Use) bool {
			guards := u.Guards()
			return u.ContextHasAccount == catalog.No && len(guards) == 1 && strings.EqualFold(guards[0], key)
		})
	})
}

// fieldwise reads StringLike on aws:SourceArn as ArnLike where it comes to the
// same: AWS writes that value, so a star for a whole field takes no colon.
func fieldwise(s *document.Statement) *document.Statement {
	for i := range s.Conditions {
		if !sourcePattern(&s.Conditions[i]) {
			continue
		}
		read := *s
		read.Conditions = slices.Clone(s.Conditions)
		cond := &read.Conditions[i]
		cond.OpText = strings.Replace(strings.ToLower(cond.OpText), "stringlike", "ArnLike", 1)
		s = &read
	}
	return s
}

// sourcePattern reports whether a condition compares aws:SourceArn by StringLike
// with patterns that name service and account, as AWS's user guides print it.
func sourcePattern(cond *document.Condition) bool {
	if !cond.Key.Is("aws:sourcearn") || cond.Operator.Compare != document.Like || cond.Operator.Family != catalog.String || cond.Operator.Negated {
		return false
	}
	return !slices.ContainsFunc(cond.Values, func(v document.Item) bool { return !namesFields(v.Text) })
}

func namesFields(pattern string) bool {
	a, ok := awsid.SplitARN(pattern)
	return ok && awsid.IsAccount(a.Account) && !strings.ContainsAny(a.Service, "*?") &&
		(a.Region == "*" || !strings.ContainsAny(a.Region, "*?")) && (a.Partition == "*" || !strings.ContainsAny(a.Partition, "*?"))
}

// deputy reports a service that is let in for any customer, with the guard that
// AWS documents for what the statement seems to be for.
func (c *checker) deputy(s *document.Statement, p *document.Principal, proof decide.Proof) {
	service := catalog.Service(p.Text)
	uses, answer := catalog.UsesOf(service.Base, s.Acts&effective)
	found := &rule.Deputy
	if answer == catalog.Unknown || leftOpen(uses) || c.awsResourcesOnly(s) {
		found = &rule.DeputyUnsure
	}
	c.Witnessed(found, p.Node, p.Text+" works for all its customers, "+limits(s, proof)+guardAdvice(service.Base, uses, answer), proof.Witness)
}

// limits says what the conditions of a statement do not do.
func limits(s *document.Statement, proof decide.Proof) string {
	switch {
	case proof.Verdict == decide.Undecided:
		return "and it is undecided whether the conditions limit it to your resources: " + proof.Reason + ". "
	case len(s.Conditions) == 0:
		return "and the statement has no condition that limits it to your resources, so any customer can make it use the key. "
	}
	return "and the conditions of the statement do not limit it to your resources, so any customer can make it use the key. "
}

// guardAdvice says how AWS guards the uses that a statement may be for.
func guardAdvice(base string, uses []catalog.Use, answer catalog.Answer) string {
	switch {
	case answer == catalog.Unknown:
		return "If the documentation of the service says that it sends aws:SourceAccount or aws:SourceArn, add a condition on it."
	case answer == catalog.No:
		return "For its uses, AWS documents these guards: " + strings.Join(guardsOf(allUses(base)), ", ") + ". Add the one of your use, and allow only the actions of that use."
	case slices.ContainsFunc(uses, func(u catalog.Use) bool { return len(u.Guards()) == 0 }):
		return useByUse(uses)
	}
	return "For " + namesOf(uses) + ", AWS documents " + guardText(uses) + " (" + uses[0].Source + "). Add it."
}

func unsupported(u catalog.Use) bool { return u.Printed == catalog.Unsupported }

// leftOpen reports whether AWS itself prints the statement without a guard, and
// either says that none works, or tells it apart from the statement, or documents
// of no request of the service that it carries what a guard needs.
func leftOpen(uses []catalog.Use) bool {
	return slices.ContainsFunc(uses, func(u catalog.Use) bool {
		return unsupported(u) || u.Printed == catalog.Shared || u.Printed == catalog.Bare && catalog.SendsSource(u.Service) != catalog.Yes
	})
}

// awsResourcesOnly reports whether a statement allows a service nothing but grants
// for AWS resources, as AWS prints it.
func (c *checker) awsResourcesOnly(s *document.Statement) bool {
	return s.Acts&usesData == catalog.CreateGrant && c.ask([]*decide.Policy{c.letsIn(s)},
		[]*decide.Policy{c.policy(allow(everybody, when("Bool", "kms:GrantIsForAWSResource", "true")))}, catalog.CreateGrant, decide.AnyCallers).Verdict == decide.Proven
}

func allUses(base string) []catalog.Use {
	return slices.DeleteFunc(catalog.Uses(), func(u catalog.Use) bool { return u.Service != base })
}

func namesOf(uses []catalog.Use) string {
	names := make([]string, len(uses))
	for i := range uses {
		names[i] = uses[i].Name
	}
	return phrase.Some(names)
}

// guardsOf lists the condition keys that guard uses, each once.
func guardsOf(uses []catalog.Use) []string {
	var keys []string
	for i := range uses {
		for _, key := range uses[i].Guards() {
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// guardText says how uses are guarded. Where the ARN of the source names no
// account, one key is not enough.
func guardText(uses []catalog.Use) string {
	keys := guardsOf(uses)
	text := strings.Join(keys, ", ")
	if slices.Contains(keys, "aws:SourceArn") && slices.ContainsFunc(uses, func(u catalog.Use) bool { return u.ArnHasAccount == catalog.No }) {
		text += " (the ARN of the source names no account, so aws:SourceAccount is needed as well)"
	}
	return text
}

// useByUse tells uses apart of which some have no guard.
func useByUse(uses []catalog.Use) string {
	parts := make([]string, len(uses))
	for i := range uses {
		u := &uses[i]
		name := strings.Replace(u.Name, "event data stores", "an event data store", 1)
		switch {
		case unsupported(*u):
			parts[i] = "For " + name + ", AWS says that no guard is supported (" + u.Source + ")."
		case len(u.Guards()) == 0:
			parts[i] = "For " + name + ", AWS documents no guard (" + u.Source + "). Use a separate key for it, and name the rule in ACCEPT_FINDINGS."
		default:
			parts[i] = "For " + name + ", add " + guardText(uses[i:i+1]) + "."
		}
	}
	return strings.Join(parts, " ")
}
