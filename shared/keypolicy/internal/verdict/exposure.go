package verdict

import (
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// exposure looks for what opens or breaks more than it seems to.
func (c *checker) exposure(s *document.Statement) {
	switch s.Effect {
	case document.Deny:
		c.denyByNetwork(s)
		c.denyNotPrincipal(s)
	case document.Allow:
		c.confusedDeputy(s)
		c.servicePower(s)
		c.everything(s)
		c.externalAccess(s)
		c.unguardedGrants(s)
		c.negatedAllow(s)
		c.bypassAllowed(s)
	}
}

// administers are the actions that decide about the key itself.
const administers = catalog.PutKeyPolicy | catalog.ScheduleKeyDeletion | catalog.DisableKey | catalog.DeleteImportedKeyMaterial |
	catalog.UpdatePrimaryRegion | catalog.ReplicateKey

// servicePower reports a service that may do everything, or put the policy.
func (c *checker) servicePower(s *document.Statement) {
	if s.Acts&catalog.PutKeyPolicy == 0 {
		return
	}
	for i := range s.Principals {
		p := &s.Principals[i]
		if p.Kind != document.ServicePrincipal || p.Form == document.Anyone || s.NotPrincipal {
			continue
		}
		if proof := c.ask([]*decide.Policy{c.letsIn(only(s, i))}, nil, catalog.PutKeyPolicy, decide.AnyCallers); proof.Verdict != decide.Proven {
			c.Witnessed(&rule.ServiceAdmin, p.Node, p.Text+" gets kms:PutKeyPolicy, so it can give itself and others every permission on the key. No AWS service needs that. Write the actions that the documentation of the service lists.", proof.Witness)
		}
	}
}

// everything asks, of each role and user that gets every action, for a put of the
// policy by somebody who is not declared to administer the key.
func (c *checker) everything(s *document.Statement) {
	if s.NotPrincipal || s.NotAction || !s.Acts.Has(catalog.All) {
		return
	}
	for i := range s.Principals {
		p := &s.Principals[i]
		if p.Form != document.RoleForm && p.Form != document.UserForm && p.Form != document.AssumedRole || c.declared(p.Text) || c.Full(&rule.EveryAction) {
			continue
		}
		proof := c.ask([]*decide.Policy{c.letsIn(only(s, i))}, []*decide.Policy{c.policy(c.administrators()...)}, catalog.PutKeyPolicy, decide.IAMAllows)
		if proof.Verdict != decide.Proven {
			c.Witnessed(&rule.EveryAction, p.Node, "The statement allows every action to "+phrase.Quote(p.Text)+", so it can use the key, create grants, replace this policy and delete the key. Future actions are included. Write the actions that it needs. If it must be able to repair the key, declare it in BREAK_GLASS_PRINCIPALS.", proof.Witness)
		}
	}
}

// declared tells for certain that a principal is one that administers the key.
func (c *checker) declared(arn string) bool {
	return arn == c.o.Writer || slices.ContainsFunc(c.o.BreakGlass, func(pattern string) bool { return c.named(pattern) == arn })
}

// named is the ARN that a break-glass principal has in the key's account. An account
// stands for its root.
func (c *checker) named(pattern string) string {
	name := strings.ReplaceAll(pattern, "{account}", c.o.Key.Account)
	if awsid.IsAccount(name) {
		return awsid.RootARN(c.o.Key.PartitionName(), name)
	}
	return name
}

// administrators are those who are declared to administer the key.
func (c *checker) administrators() []decide.Statement {
	var who []decide.Principal
	for _, arn := range append(slices.Clone(c.o.BreakGlass), c.o.Writer) {
		if arn != "" {
			who = append(who, decide.Principal{Kind: decide.AWS, Text: c.named(arn)})
		}
	}
	return []decide.Statement{allow(who)}
}

// externalAccess asks which other accounts a statement lets in, and whether one of them
// can administer the key.
func (c *checker) externalAccess(s *document.Statement) {
	if c.o.Key.Account == "" || s.NotPrincipal {
		return
	}
	var accounts []string
	at, admin := jsontree.None, false
	for i := range s.Principals {
		p := &s.Principals[i]
		if p.Account == "" || p.Account == c.o.Key.Account || slices.Contains(accounts, p.Account) || len(accounts) == maxAccounts || !c.mayEnter(s, i, s.Acts) {
			continue
		}
		if accounts = append(accounts, p.Account); at == jsontree.None {
			at = p.Node
		}
		admin = admin || s.Acts.Has(catalog.All) || c.mayEnter(s, i, s.Acts&administers)
	}
	if at == jsontree.None {
		return
	}
	c.Value(&rule.ExternalAccount, at, "The statement names principals of "+phrase.Some(accounts)+", outside of the key's own account.")
	if admin {
		c.Value(&rule.ExternalAdmin, at, "Another account gets every action or can administer the key, and future actions are included. Write the actions that it needs.")
	}
}

// maxAccounts bounds the accounts that a finding names.
const maxAccounts = 32

// mayEnter reports whether it is not proven that a statement keeps out a principal that it
// names. What other statements deny does not count, since they may go one day.
func (c *checker) mayEnter(s *document.Statement, i int, actions catalog.Set) bool {
	if actions&effective == 0 {
		return false
	}
	return s.Conditionless() || c.ask([]*decide.Policy{c.policy(c.statement(only(s, i))...)}, nil, actions, decide.IAMAllows).Verdict != decide.Proven
}

// dataGrants are the operations of a grant with which the key cannot be passed on.
var dataGrants = []string{
	"Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo", "Sign", "Verify",
	"GetPublicKey", "RetireGrant", "DescribeKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "GenerateMac",
	"VerifyMac", "DeriveSharedSecret",
}

// unguardedGrants asks for a grant that somebody outside of the key's account may
// make to anybody.
func (c *checker) unguardedGrants(s *document.Statement) {
	own := c.o.Key.Account
	if own == "" || s.NotPrincipal || s.Acts&catalog.CreateGrant == 0 {
		return
	}
	i := slices.IndexFunc(s.Principals, func(p document.Principal) bool {
		return p.Form == document.Anyone || p.Account != "" && p.Account != own
	})
	if i < 0 {
		return
	}
	t := c.trusted().and(namedIn(s))
	guarded := statementsFor([]decide.Condition{
		when("StringEquals", "aws:PrincipalAccount", own), when("Bool", "aws:PrincipalIsAWSService", "true"),
		when("Bool", "kms:GrantIsForAWSResource", "true"), when("ArnLike", "kms:GranteePrincipal", t.patterns()...),
		when("Null", "kms:GranteeServicePrincipal", "false"), when("Null", "kms:ViaService", "false"), when("Null", "kms:GrantConstraintType", "false"),
		when("ForAllValues:StringEquals", "kms:GrantOperations", dataGrants...),
	})
	proof := c.ask([]*decide.Policy{c.letsIn(s)}, []*decide.Policy{c.policy(guarded...)}, catalog.CreateGrant, decide.IAMAllows)
	if proof.Verdict != decide.Proven {
		c.Witnessed(&rule.GrantUnguarded, s.Principals[i].Node, "With kms:CreateGrant, these principals can give any principal access to the key, and no policy shows it. Add \"Bool\": {\"kms:GrantIsForAWSResource\": \"true\"}, ForAllValues:StringEquals on kms:GrantOperations without CreateGrant, or kms:GranteePrincipal without a wildcard for the account.", proof.Witness)
	}
}

// negatedAllow reports an Allow for many that only says who is not meant.
func (c *checker) negatedAllow(s *document.Statement) {
	if len(s.Conditions) == 0 || !slices.ContainsFunc(s.Principals, func(p document.Principal) bool { return p.Form == document.Anyone || p.WholeAccount() }) {
		return
	}
	if slices.ContainsFunc(s.Conditions, func(cond document.Condition) bool { return !cond.Operator.Negated }) {
		return
	}
	if proof := c.ask([]*decide.Policy{c.letsIn(s)}, nil, 0, decide.IAMAllows); proof.Verdict != decide.Proven {
		c.MemberWitnessed(&rule.NegatedAllow, s.ConditionAt, "The conditions only exclude requests, so the statement allows every other request, also one without the condition key. Write what is allowed.", proof.Witness)
	}
}

// bypassAllowed asks a statement that looks at whether the safety check is bypassed for
// a request that bypasses it.
func (c *checker) bypassAllowed(s *document.Statement) {
	const key = "kms:bypasspolicylockoutsafetycheck"
	if !s.Mentions(key) {
		return
	}
	bypass := c.policy(allow(everybody, when("Bool", key, "true")))
	proof := c.ask([]*decide.Policy{c.letsIn(s), bypass}, nil, catalog.PutKeyPolicy, decide.IAMAllows)
	if proof.Verdict == decide.Proven {
		return
	}
	i := slices.IndexFunc(s.Conditions, func(cond document.Condition) bool { return cond.Key.Is(key) })
	c.Witnessed(&rule.BypassAllowed, c.at(&s.Conditions[i]), "The statement allows putting a policy without the lockout safety check, so a caller can put a policy that nobody can change again. Delete the statement.", proof.Witness)
}

// denyNotPrincipal asks for a request of a listed principal that is denied all the
// same: its session, or its account, has another name.
func (c *checker) denyNotPrincipal(s *document.Statement) {
	if !s.NotPrincipal {
		return
	}
	for i := range s.Principals {
		p := &s.Principals[i]
		if p.Kind != document.AWSPrincipal || p.Account == "" || p.WholeAccount() && namesMember(s, p.Account) {
			continue
		}
		who := newSubject(p.Canonical(c.o.Key.PartitionName()), nil)
		requests := c.policy(allow([]decide.Principal{{Kind: decide.AWS, Text: who.arn}}))
		proof := c.ask([]*decide.Policy{requests}, []*decide.Policy{c.refusing(c.statement(s)...)}, s.Acts, decide.IAMAllows)
		if proof.Verdict != decide.Proven {
			c.MemberWitnessed(&rule.DenyNotPrincipal, s.PrincipalAt, "The Deny with NotPrincipal also applies to "+phrase.Quote(p.Text)+", which it lists: a session of a role and the account of a principal are principals of their own, and each must be listed. Write \"Principal\": \"*\" with an ArnNotEquals condition on aws:PrincipalArn.", proof.Witness)
			return
		}
	}
}

// namesMember reports whether a principal of an account is listed beside it. The
// account then stands there for that principal.
func namesMember(s *document.Statement, account string) bool {
	return slices.ContainsFunc(s.Principals, func(p document.Principal) bool { return p.Account == account && !p.WholeAccount() })
}

// denyByNetwork asks a Deny by network for a request that an AWS service makes for
// somebody: it does not come from that network.
func (c *checker) denyByNetwork(s *document.Statement) {
	i := slices.IndexFunc(s.Conditions, func(cond document.Condition) bool { return cond.Operator.Negated && ofNetwork(cond.Key) })
	if i < 0 || s.Acts&usesData == 0 {
		return
	}
	between := c.policy(allow(everybody, when("Bool", "aws:ViaAWSService", "true"), when("Null", "kms:ViaService", "false"), when("Null", "aws:CalledVia", "false")))
	proof := c.ask([]*decide.Policy{between}, []*decide.Policy{c.refusing(c.statement(s)...)}, s.Acts&usesData, decide.IAMAllows)
	if proof.Verdict != decide.Proven {
		c.MemberWitnessed(&rule.DenyServices, s.Conditions[i].Node, "An AWS service that uses the key on behalf of a caller does not come from this network, so the Deny also applies to it. Add \"Bool\": {\"aws:ViaAWSService\": \"false\"} to the Deny.", proof.Witness)
	}
}

// ofNetwork tells keys for where a request comes from.
func ofNetwork(key *catalog.Key) bool {
	if key == nil {
		return false
	}
	switch key.Lower {
	case "aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn", "aws:vpcsourceip", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths":
		return true
	}
	return false
}
