package keypolicy

import (
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// uselessActions reports actions of one statement that do nothing, and what its
// patterns do.
func (c *verdictChecker) uselessActions(s *statement) {
	for i := range s.actions {
		if a := &s.actions[i]; a.set != 0 && !a.vague {
			c.iamOnlyAction(s, a)
		}
	}
	if s.notAction {
		return
	}
	c.crossAccountActions(s)
	c.usageActions(s)
	c.reEncrypt(s)
	c.redundantActions(s)
	c.expansions(s)
}

// iamOnlyAction reports what has no effect in any key policy. Wildcards that
// also stand for other actions are fine.
func (c *verdictChecker) iamOnlyAction(s *statement, a *action) {
	if s.effect != allow || s.notAction || a.set&^catalog.Ineffective != 0 {
		return
	}
	c.Value(&rule.ActionIAMOnly, a.node, a.text+" is not bound to one key, so a key policy cannot allow it; move it to an IAM policy.")
}

// crossAccountActions reports what another account can never call.
func (c *verdictChecker) crossAccountActions(s *statement) {
	if s.effect != allow || !c.onlyForeign(s) {
		return
	}
	callable := catalog.Foreign
	for i := range s.actions {
		if a := &s.actions[i]; a.set != 0 && a.set&callable == 0 {
			c.Value(&rule.ActionCrossAccount, a.node, "KMS takes "+a.text+" from the key's own account only, and this statement names principals of others; take it away, or let them assume a role here.")
		}
	}
}

// onlyForeign reports whether every principal certainly is of another account.
func (c *verdictChecker) onlyForeign(s *statement) bool {
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
func (c *verdictChecker) usageActions(s *statement) {
	if s.effect != allow || c.usable == catalog.All {
		return
	}
	for i := range s.actions {
		if a := &s.actions[i]; a.set != 0 && a.set&c.usable == 0 {
			c.Value(&rule.ActionUsage, a.node, "The key is for "+c.o.Key.DescribeUsage()+", and "+a.text+" does not work on such a key; allow the actions of its usage.")
		}
	}
}

// reEncrypt reports one half of ReEncrypt without the other.
func (c *verdictChecker) reEncrypt(s *statement) {
	from, to := s.acts&catalog.ReEncryptFrom != 0, s.acts&catalog.ReEncryptTo != 0
	if s.effect != allow || from == to {
		return
	}
	have, lack := "kms:ReEncryptFrom", "kms:ReEncryptTo"
	if to {
		have, lack = lack, have
	}
	c.Value(&rule.ReEncryptHalf, s.actionAt, "The statement allows "+have+" without "+lack+"; ReEncrypt needs both unless the other key's policy has the other half. Write kms:ReEncrypt* if both are meant.")
}

// redundantActions reports entries that another one covers.
func (c *verdictChecker) redundantActions(s *statement) {
	if len(s.actions) < 2 || c.Full(&rule.ActionRedundant) {
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

func (c *verdictChecker) redundantAction(s *statement, i int) {
	const most = 256 // entries looked at; more is no list that anybody reads
	a := &s.actions[i]
	for j := range s.actions[:min(most, len(s.actions))] {
		b := &s.actions[j]
		wider := b.set.Has(a.set) && b.set != a.set
		if j != i && (wider || b.set == a.set && j < i) {
			c.Value(&rule.ActionRedundant, a.node, a.text+" is covered by "+b.text+" in the same statement; take it away.")
			return
		}
	}
}

// expansions tells what the patterns of a statement stand for today.
func (c *verdictChecker) expansions(s *statement) {
	var set catalog.Set
	patterns := 0
	for i := range s.actions {
		if a := &s.actions[i]; a.set != catalog.All && a.pattern {
			set |= a.set
			patterns++
		}
	}
	if set &= effective; patterns == 0 || set == 0 || c.Full(&rule.ActionExpansion) {
		return
	}
	b := make([]byte, 0, 1024)
	b = append(b, "Today the patterns here stand for "...)
	b = set.AppendTo(b)
	b = append(b, "; they will cover future actions too."...)
	c.Value(&rule.ActionExpansion, s.actionAt, string(b))
}
