package verdict

import (
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// uselessConditions reports conditions of one statement that decide nothing, never
// hold, or let in more than they seem to.
func (c *checker) uselessConditions(s *document.Statement) {
	for i := range s.Conditions {
		cond := &s.Conditions[i]
		if cond.Key == nil {
			continue
		}
		c.keyWorth(s, cond)
		c.deadCondition(s, cond)
		c.hollowValues(s, cond)
	}
	c.conditionsHold(s)
}

// keyWorth reports a key that proves nothing, alone or for these principals.
func (c *checker) keyWorth(s *document.Statement, cond *document.Condition) {
	key := cond.Key
	if key.Has(catalog.Spoofable) && s.Effect == document.Allow && !c.certainlyNarrow(s) {
		c.Member(&rule.KeySpoofable, cond.Node, "The caller chooses the value of "+key.Name+", so the condition does not limit this Allow. Write a condition on who calls or from where.")
	}
	if key.Has(catalog.Constant) || key.Is("aws:securetransport") {
		c.Member(&rule.KeyConstant, cond.Node, c.constantText(s, cond))
	}
	if key.Is("aws:vpcsourceip") && s.Effect == document.Allow && !s.Mentions("aws:sourcevpc") && !s.Mentions("aws:sourcevpce") && !s.Mentions("aws:sourcevpcarn") {
		c.Member(&rule.KeyUnpaired, cond.Node, "Private addresses are the same in every network, so aws:VpcSourceIp also matches callers in other networks. Add aws:SourceVpc or aws:SourceVpce.")
	}
	c.usernames(s, cond)
}

func (c *checker) constantText(s *document.Statement, cond *document.Condition) string {
	key := cond.Key
	if region := c.o.Key.Region; key.Is("aws:requestedregion") && region != "" {
		alone := *s
		alone.Conditions = []document.Condition{*cond}
		if c.applies(s.Effect == document.Deny, c.statement(&alone)).Verdict == decide.Proven {
			return "aws:RequestedRegion is " + region + " in every request to this key, so the condition never holds. Delete the statement, or write " + region + "."
		}
	}
	if key.Is("aws:securetransport") {
		return "KMS accepts TLS connections only, so aws:SecureTransport is always true and the condition has no effect. Delete it."
	}
	return key.Name + " is the same for every request to this key, so the condition either always holds or never. Delete it, or move it to an IAM policy."
}

// usernames reports aws:username where only roles are named.
func (c *checker) usernames(s *document.Statement, cond *document.Condition) {
	if s.NotPrincipal || len(s.Principals) == 0 || slices.ContainsFunc(s.Principals, func(p document.Principal) bool { return p.Form != document.RoleForm && p.Form != document.AssumedRole }) {
		return
	}
	if cond.Key.Is("aws:username") {
		c.Member(&rule.UsernameRole, cond.Node, "Only IAM users have aws:username, and this statement names roles. Write aws:userid, aws:PrincipalArn or a principal tag.")
		return
	}
	for _, v := range cond.Values {
		if strings.Contains(v.Text, "${") && strings.Contains(strings.ToLower(v.Text), "${aws:username}") {
			c.Value(&rule.UsernameRole, v.Node, "${aws:username} is empty for the session of a role, and this statement names roles. Write ${aws:userid} or a principal tag.")
		}
	}
}

// deadCondition reports comparisons that no request can make true.
func (c *checker) deadCondition(s *document.Statement, cond *document.Condition) {
	dead := c.deadFor(s, cond)
	c.alwaysForActions(s, cond, dead)
	if cond.Operator.HoldsWithout() || !cond.Operator.Known() {
		return
	}
	c.deadForActions(s, cond, dead)
	switch {
	case !neverThere(s, cond):
	case allOf(s, document.AWSPrincipal):
		c.Member(&rule.DeadPrincipal, cond.Node, cond.Key.Name+" is present only when an AWS service calls on its own behalf, and this statement names accounts, roles or users, so it never applies. Name the service under Service, or write kms:ViaService.")
	default:
		c.Member(&rule.DeadService, cond.Node, "A request that a service sends on its own behalf never has "+cond.Label()+", so the statement never applies to it. Write aws:SourceArn or aws:SourceAccount.")
	}
}

// neverThere reports whether requests of the statement's principals never carry the
// key of a condition.
func neverThere(s *document.Statement, cond *document.Condition) bool {
	return cond.Key != nil && presence(s, cond.Key) == catalog.Absent
}

// presence reports whether requests of the statement's principals carry a key. Which
// actions' requests do is looked at apart. Both are read from the table that the
// procedure reads, so its answer to these two questions is no other one.
func presence(s *document.Statement, key *catalog.Key) catalog.Presence {
	by := signed | catalog.AWSServiceItself | catalog.AnonymousCaller
	switch {
	case allOf(s, document.AWSPrincipal):
		by = signed
	case allOf(s, document.ServicePrincipal):
		by = catalog.AWSServiceItself
	}
	actions := key.Actions
	if actions == 0 {
		actions = catalog.Decrypt
	}
	return key.In(actions, by)
}

// signed are the callers with credentials of an account.
const signed = catalog.RootUser | catalog.IAMUser | catalog.RoleSession | catalog.FederatedUser

// allOf reports whether all principals are of the kind, and none is everybody.
func allOf(s *document.Statement, kind document.Kind) bool {
	return len(s.Principals) > 0 && !s.NotPrincipal &&
		!slices.ContainsFunc(s.Principals, func(p document.Principal) bool { return p.Kind != kind || p.Form == document.Anyone })
}

// deadFor returns the actions whose requests never carry the key of a condition.
func (c *checker) deadFor(s *document.Statement, cond *document.Condition) catalog.Set {
	return withoutKey(s, cond.Key.Actions, s.Effect == document.Deny && tags(cond.Key))
}

// deadForActions reports actions whose requests never carry the key.
func (c *checker) deadForActions(s *document.Statement, cond *document.Condition, dead catalog.Set) {
	if dead == 0 {
		return
	}
	names := phrase.Some(dead.Names())
	switch {
	case s.Effect == document.Deny && tags(cond.Key):
		c.Member(&rule.DenyTagDead, cond.Node, "Requests for "+names+" never have "+cond.Label()+", so this Deny does not apply to them. Deny them in a statement without this condition, or with aws:PrincipalTag.")
	case cond.Key.Is("kms:grantisforawsresource"):
		c.Member(&rule.DeadGrant, cond.Node, "Only CreateGrant, ListGrants and RevokeGrant have kms:GrantIsForAWSResource, so the statement never applies to "+names+". Write a separate statement for them.")
	default:
		c.Member(&rule.DeadAction, cond.Node, "Requests for "+names+" never have "+cond.Label()+", so the statement does not apply to them. Write a statement without this condition for them, or delete them.")
	}
}

// withoutKey returns the effective actions of entries none of whose requests carry
// a key that comes with those actions. NotAction is looked at on demand.
func withoutKey(s *document.Statement, with catalog.Set, notAction bool) catalog.Set {
	if with == 0 || with.Has(s.Acts) {
		return 0
	}
	if s.NotAction && notAction {
		return s.Acts &^ with & effective
	}
	var dead catalog.Set
	for i := range s.Actions {
		if a := &s.Actions[i]; !s.NotAction && a.Set&with == 0 {
			dead |= a.Set
		}
	}
	return dead & effective
}

// tags reports whether the key holds the tags of a request.
func tags(key *catalog.Key) bool { return key.Is("aws:requesttag/") || key.Is("aws:tagkeys") }
