package keypolicy

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// uselessConditions reports conditions of one statement that decide nothing, never
// hold, or let in more than they seem to.
func (c *verdictChecker) uselessConditions(s *statement) {
	for i := range s.conditions {
		cond := &s.conditions[i]
		if cond.key == nil {
			continue
		}
		c.nullOfAlways(s, cond)
		c.keyWorth(s, cond)
		c.deadCondition(s, cond)
		c.hollowValues(s, cond)
	}
}

// keyWorth reports a key that proves nothing, alone or for these principals.
func (c *verdictChecker) keyWorth(s *statement, cond *condition) {
	key := cond.key
	if key.Has(catalog.Spoofable) && s.effect == allow && !s.narrowed() {
		c.Member(&rule.KeySpoofable, cond.node, "The caller writes "+key.Name+" as they like, so this Allow relies on nothing; use a condition on who calls or from where.")
	}
	if key.Has(catalog.Constant) || key.Is("aws:securetransport") {
		c.Member(&rule.KeyConstant, cond.node, constantText(key))
	}
	if key.Is("aws:vpcsourceip") && s.effect == allow && !s.mentions("aws:sourcevpc") && !s.mentions("aws:sourcevpce") && !s.mentions("aws:sourcevpcarn") {
		c.Member(&rule.KeyUnpaired, cond.node, "Private addresses are the same in every network, so aws:VpcSourceIp lets in other people's; add aws:SourceVpc or aws:SourceVpce.")
	}
	c.usernames(s, cond)
}

func constantText(key *catalog.Key) string {
	if key.Is("aws:securetransport") {
		return "KMS takes TLS connections only, so aws:SecureTransport is always true and the condition decides nothing; take it away."
	}
	return key.Name + " is the same for every request to this key, so the condition either always holds or never; take it away, or move it to an IAM policy."
}

// usernames reports aws:username where only roles are named.
func (c *verdictChecker) usernames(s *statement, cond *condition) {
	if s.notPrincipal || len(s.principals) == 0 {
		return
	}
	for _, p := range s.principals {
		if p.form != roleForm && p.form != assumedRole {
			return
		}
	}
	if cond.key.Is("aws:username") {
		c.Member(&rule.UsernameRole, cond.node, "aws:username is there for IAM users only, and this statement names roles; use aws:userid, aws:PrincipalArn or a principal tag.")
		return
	}
	for _, v := range cond.values {
		if strings.Contains(v.text, "${") && strings.Contains(strings.ToLower(v.text), "${aws:username}") {
			c.Value(&rule.UsernameRole, v.node, "${aws:username} is empty for a role's session, and this statement names roles; use ${aws:userid} or a principal tag.")
		}
	}
}

// deadCondition reports comparisons that no request can make true.
func (c *verdictChecker) deadCondition(s *statement, cond *condition) {
	if cond.operator.holdsWithout() || !cond.operator.known() {
		return
	}
	c.deadForActions(s, cond)
	switch {
	case cond.key.Has(catalog.FromService) && s.only(awsPrincipal):
		c.Member(&rule.DeadPrincipal, cond.node, cond.key.Name+" is there only when an AWS service calls for itself, and this statement names accounts, roles or users: it never applies. Name the service under Service, or use kms:ViaService.")
	case s.only(servicePrincipal) && neverForService(cond.key):
		c.Member(&rule.DeadService, cond.node, "A service that calls for itself never carries "+cond.label()+", so the statement never applies to it; use aws:SourceArn or aws:SourceAccount.")
	}
}

// only reports whether all principals are of the kind, and none is everybody.
func (s *statement) only(kind principalKind) bool {
	for i := range s.principals {
		if p := &s.principals[i]; p.kind != kind || p.form == anyone {
			return false
		}
	}
	return len(s.principals) > 0 && !s.notPrincipal
}

func neverForService(key *catalog.Key) bool {
	switch key.Lower {
	case "kms:viaservice", "aws:principalorgid", "aws:principalorgpaths", "aws:principaltag/", "aws:userid", "aws:username":
		return true
	}
	return false
}

// deadForActions reports actions whose requests never carry the key.
func (c *verdictChecker) deadForActions(s *statement, cond *condition) {
	dead := s.without(cond.key.Actions, s.effect == deny && tags(cond.key))
	if dead == 0 {
		return
	}
	names := phrase.Some(dead.Names())
	switch {
	case s.effect == deny && tags(cond.key):
		c.Member(&rule.DenyTagDead, cond.node, "Requests for "+names+" never carry "+cond.label()+", so this Deny does not stop them; deny them in a statement without this condition, or with aws:ResourceTag or aws:PrincipalTag.")
	case cond.key.Is("kms:grantisforawsresource"):
		c.Member(&rule.DeadGrant, cond.node, "Only CreateGrant, ListGrants and RevokeGrant carry kms:GrantIsForAWSResource, so the statement never applies to "+names+"; give them a statement of their own.")
	default:
		c.Member(&rule.DeadAction, cond.node, "Requests for "+names+" never carry "+cond.label()+", so the statement does not apply to them; give them a statement without this condition, or take them away.")
	}
}

// without returns the effective actions of entries none of whose requests carry
// a key that comes with those actions. NotAction is looked at on demand.
func (s *statement) without(with catalog.Set, notAction bool) catalog.Set {
	if with == 0 || with.Has(s.acts) {
		return 0
	}
	if s.notAction && notAction {
		return s.acts &^ with & effective
	}
	var dead catalog.Set
	for i := range s.actions {
		if a := &s.actions[i]; !s.notAction && a.set&with == 0 {
			dead |= a.set
		}
	}
	return dead & effective
}

// tags reports whether the key holds the tags of a request.
func tags(key *catalog.Key) bool { return key.Is("aws:requesttag/") || key.Is("aws:tagkeys") }

// always reports whether every request that the statement is about has the key.
// AWS services that call for themselves are not sure to have those of a caller.
func (s *statement) always(key *catalog.Key) bool {
	switch key.Lower {
	case "aws:currenttime", "aws:epochtime", "aws:securetransport":
		return true
	case "aws:principalarn", "aws:principalaccount", "aws:principaltype", "kms:calleraccount":
		return s.only(awsPrincipal)
	}
	return false
}

// nullOfAlways reports a question for a key that is always there.
func (c *verdictChecker) nullOfAlways(s *statement, cond *condition) {
	if cond.operator.compare != null || cond.key == nil || len(cond.values) != 1 || !s.always(cond.key) {
		return
	}
	v := cond.values[0]
	switch {
	case strings.EqualFold(v.text, "true"):
		c.Value(&rule.ConditionNever, v.node, "Every request that this statement is about has "+cond.label()+", so the statement never applies; take it away.")
	case strings.EqualFold(v.text, "false"):
		c.Value(&rule.ConditionRedundant, v.node, "Every request that this statement is about has "+cond.label()+", so this condition decides nothing; take it away.")
	}
}
