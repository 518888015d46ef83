package keypolicy

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/spell"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// actions checks the actions of one statement.
func (c *checker) actions(s *statement) {
	for i := range s.actions {
		a := &s.actions[i]
		if a.set == 0 || a.vague {
			c.unknownAction(a)
			continue
		}
		c.iamOnlyAction(s, a)
	}
	if s.notAction {
		if s.effect == allow {
			c.member(&ruleAllowNotAction, s.actionAt, "Allow with NotAction allows everything that is not named, and what KMS gets in future; write an Action list.")
		}
		return
	}
	c.crossAccountActions(s)
	c.usageActions(s)
	c.reEncrypt(s)
	c.redundantActions(s)
	c.expansions(s)
}

func (c *checker) unknownAction(a *action) {
	service, name, named := strings.Cut(a.text, ":")
	ours := named && wildcard.EqualFold(service, "kms") || !named
	vague := wildcard.Has(service) || near(service, "kms")
	if (ours || vague) && c.skip(&ruleActionUnknown) {
		return
	}
	switch {
	case ours:
		c.value(&ruleActionUnknown, a.node, unknownActionText(a.text, name, named))
	case vague:
		c.value(&ruleActionUnknown, a.node, "The service must be written out, and "+quote(a.text)+" has a pattern or an error in it (a house rule); write kms:"+name+".")
	default:
		c.value(&ruleActionForeign, a.node, "The action "+quote(a.text)+" belongs to another service, and a key policy is about one KMS key (a house rule: what KMS makes of it is not documented); move it to an IAM policy.")
	}
}

func near(word, name string) bool { return spell.Closest(word, among([]string{name})) != "" }

func unknownActionText(text, name string, named bool) string {
	if !named {
		name = text
		if set, _ := catalog.Match("kms:" + text); set != 0 {
			return "The action " + quote(text) + " lacks its service; write \"kms:" + text + "\"."
		}
	}
	if strings.Contains(text, "${") {
		return "Variables are not replaced in an action, and " + quote(text) + " is none as it stands; write the action out."
	}
	if wildcard.Has(text) {
		return "No action of KMS matches " + quote(text) + " (a house rule: it would allow or deny nothing)."
	}
	message := "KMS has no action " + quote(text) + " (a house rule: what KMS makes of it is not documented)."
	if wildcard.EqualFold(name, "ReEncrypt") {
		return message + " ReEncrypt is allowed by kms:ReEncryptFrom and kms:ReEncryptTo, together kms:ReEncrypt*."
	}
	if best := spell.Closest(name, actionNames); best != "" {
		message += " Did you mean kms:" + best + "?"
	}
	return message
}

func actionNames(yield func(string) bool) {
	for _, a := range catalog.Actions() {
		if !yield(strings.TrimPrefix(a.Name, "kms:")) {
			return
		}
	}
}

// iamOnlyAction reports what has no effect in any key policy. Wildcards that
// also stand for other actions are fine.
func (c *checker) iamOnlyAction(s *statement, a *action) {
	if s.effect != allow || s.notAction || a.set&^catalog.Ineffective != 0 {
		return
	}
	c.value(&ruleActionIAMOnly, a.node, a.text+" is not bound to one key, so a key policy cannot allow it; move it to an IAM policy.")
}

// crossAccountActions reports what another account can never call.
func (c *checker) crossAccountActions(s *statement) {
	if s.effect != allow || !c.onlyForeign(s) {
		return
	}
	callable := catalog.Foreign
	for i := range s.actions {
		if a := &s.actions[i]; a.set != 0 && a.set&callable == 0 {
			c.value(&ruleActionCrossAccount, a.node, "KMS takes "+a.text+" from the key's own account only, and this statement names principals of others; take it away, or let them assume a role here.")
		}
	}
}

// onlyForeign reports whether every principal certainly is of another account.
func (c *checker) onlyForeign(s *statement) bool {
	if c.o.Key.Account == "" || s.notPrincipal {
		return false
	}
	for _, p := range s.principals {
		if p.account == "" || p.account == c.o.Key.Account {
			return false
		}
	}
	return len(s.principals) > 0
}

// usageActions reports what does not work on a key of this usage.
func (c *checker) usageActions(s *statement) {
	if s.effect != allow || c.usable == catalog.All {
		return
	}
	for i := range s.actions {
		if a := &s.actions[i]; a.set != 0 && a.set&c.usable == 0 {
			c.value(&ruleActionUsage, a.node, "The key is for "+c.o.Key.describeUsage()+", and "+a.text+" does not work on such a key; allow the actions of its usage.")
		}
	}
}

// reEncrypt reports one half of ReEncrypt without the other.
func (c *checker) reEncrypt(s *statement) {
	from, to := s.acts&catalog.ReEncryptFrom != 0, s.acts&catalog.ReEncryptTo != 0
	if s.effect != allow || from == to {
		return
	}
	have, lack := "kms:ReEncryptFrom", "kms:ReEncryptTo"
	if to {
		have, lack = lack, have
	}
	c.value(&ruleReEncryptHalf, s.actionAt, "The statement allows "+have+" without "+lack+"; ReEncrypt needs both unless the other key's policy has the other half. Write kms:ReEncrypt* if both are meant.")
}

// redundantActions reports entries that another one covers.
func (c *checker) redundantActions(s *statement) {
	if len(s.actions) < 2 || c.full(&ruleActionRedundant) {
		return
	}
	var once, twice catalog.Set
	for _, a := range s.actions {
		twice |= once & a.set
		once |= a.set
	}
	for i := range s.actions {
		if a := &s.actions[i]; a.set != 0 && twice.Has(a.set) {
			c.redundantAction(s, i)
		}
	}
}

func (c *checker) redundantAction(s *statement, i int) {
	const most = 256 // entries looked at; more is no list that anybody reads
	a := &s.actions[i]
	for j := range s.actions[:min(most, len(s.actions))] {
		b := &s.actions[j]
		wider := b.set.Has(a.set) && b.set != a.set
		if j != i && (wider || b.set == a.set && j < i) {
			c.value(&ruleActionRedundant, a.node, a.text+" is covered by "+b.text+" in the same statement; take it away.")
			return
		}
	}
}

// expansions tells what the patterns of a statement stand for today.
func (c *checker) expansions(s *statement) {
	var set catalog.Set
	patterns := 0
	for i := range s.actions {
		if a := &s.actions[i]; a.set != catalog.All && a.pattern {
			set |= a.set
			patterns++
		}
	}
	if set &= effective; patterns == 0 || set == 0 || c.full(&ruleActionExpansion) {
		return
	}
	b := make([]byte, 0, 1024)
	b = append(b, "Today the patterns here stand for "...)
	b = set.AppendTo(b)
	b = append(b, "; they will cover future actions too."...)
	c.value(&ruleActionExpansion, s.actionAt, string(b))
}
