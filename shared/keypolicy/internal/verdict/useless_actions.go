package verdict

import (
	"slices"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// uselessActions reports actions of one statement that do nothing, and what its
// patterns do.
func (c *checker) uselessActions(s *document.Statement) {
	for i := range s.Actions {
		if a := &s.Actions[i]; a.Set != 0 && !a.Vague {
			c.iamOnlyAction(s, a)
		}
	}
	if s.NotAction {
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
func (c *checker) iamOnlyAction(s *document.Statement, a *document.Action) {
	if s.NotAction || a.Set&effective != 0 {
		return
	}
	message := a.Text + " is not about one key, so a key policy cannot allow it. Move it to an IAM policy."
	if s.Effect == document.Deny {
		message = a.Text + " is not about one key, so no key policy governs it and this Deny has no effect on it. Deny it in an IAM policy or a service control policy."
	}
	c.Value(&rule.ActionIAMOnly, a.Node, message)
}

// crossAccountActions reports what another account can never call.
func (c *checker) crossAccountActions(s *document.Statement) {
	if s.Effect != document.Allow || !c.onlyForeign(s) {
		return
	}
	callable := catalog.Foreign
	for i := range s.Actions {
		if a := &s.Actions[i]; a.Set != 0 && a.Set&callable == 0 {
			c.Value(&rule.ActionCrossAccount, a.Node, "KMS accepts "+a.Text+" from the key's own account only, and this statement names principals of other accounts. Delete the action, or let them assume a role in this account.")
		}
	}
}

// onlyForeign reports whether every principal certainly is of another account.
func (c *checker) onlyForeign(s *document.Statement) bool {
	own := c.o.Key.Account
	return own != "" && !s.NotPrincipal && len(s.Principals) > 0 &&
		!slices.ContainsFunc(s.Principals, func(p document.Principal) bool { return p.Account == "" || p.Account == own })
}

// usageActions reports what does not work on a key of this usage.
func (c *checker) usageActions(s *document.Statement) {
	if s.Effect != document.Allow || c.usable == catalog.All {
		return
	}
	for i := range s.Actions {
		if a := &s.Actions[i]; a.Set != 0 && a.Set&c.usable == 0 {
			c.Value(&rule.ActionUsage, a.Node, "The key is for "+c.o.Key.DescribeUsage()+", and "+a.Text+" does not work with such a key. Write the actions of its usage.")
		}
	}
}

// reEncrypt reports one half of ReEncrypt without the other.
func (c *checker) reEncrypt(s *document.Statement) {
	from, to := s.Acts&catalog.ReEncryptFrom != 0, s.Acts&catalog.ReEncryptTo != 0
	if s.Effect != document.Allow || from == to {
		return
	}
	have, lack := "kms:ReEncryptFrom", "kms:ReEncryptTo"
	if to {
		have, lack = lack, have
	}
	c.Value(&rule.ReEncryptHalf, s.ActionAt, "The statement allows "+have+" without "+lack+", and ReEncrypt needs both unless the policy of the other key allows the other half. Write kms:ReEncrypt* if both are meant.")
}

// redundantActions reports entries that another one covers.
func (c *checker) redundantActions(s *document.Statement) {
	const most = 128 // entries that cover others; more is no list that anybody reads
	for i := range s.Actions {
		a := &s.Actions[i]
		for j := range min(most, len(s.Actions)) {
			b := &s.Actions[j]
			if a.Set != 0 && b.Set.Has(a.Set) && (b.Set != a.Set || j < i) && !c.Full(&rule.ActionRedundant) {
				c.Value(&rule.ActionRedundant, a.Node, a.Text+" is covered by "+b.Text+" in the same statement. Delete it.")
				break
			}
		}
	}
}

// expansions tells what the patterns of a statement stand for today.
func (c *checker) expansions(s *document.Statement) {
	var set catalog.Set
	patterns := 0
	for i := range s.Actions {
		if a := &s.Actions[i]; a.Set != catalog.All && a.Pattern {
			set |= a.Set
			patterns++
		}
	}
	if set &= effective; patterns == 0 || set == 0 || c.Full(&rule.ActionExpansion) {
		return
	}
	b := make([]byte, 0, 1024)
	b = append(b, "Today the patterns match "...)
	b = set.AppendTo(b)
	b = append(b, ". They also match future actions."...)
	c.Value(&rule.ActionExpansion, s.ActionAt, string(b))
}
