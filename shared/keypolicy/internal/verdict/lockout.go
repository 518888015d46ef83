package verdict

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// subject is somebody who must keep an action on the key.
type subject struct {
	arn     string
	account string
	form    document.Form
	rule    *rule.Rule
}

// describe names the subject in a message.
func (who subject) describe() string {
	switch who.rule {
	case &rule.RootLockout:
		return "the root of account " + who.account
	case &rule.WriterLockout:
		return "keysmith's own role " + who.arn
	}
	return "the break-glass principal " + who.arn
}

func newSubject(arn string, rule *rule.Rule) subject {
	s := subject{arn: arn, rule: rule}
	s.form, s.account = document.AWSForm(arn)
	if s.form == document.AccountID {
		s.form = document.RootForm
	}
	return s
}

// lockout checks that those who must keep the key keep it.
func (c *checker) lockout() {
	if !c.o.RootOptional {
		c.rootKeeps()
	} else if !grantsSomeRoot(c.p) {
		c.Value(&rule.NoAccountStatement, c.p.StatementsAt, "No statement allows kms:PutKeyPolicy to the account root: once the named principals are deleted nobody can change this policy, and IAM policies have no effect on the key.")
	}
	for _, pattern := range c.o.BreakGlass {
		c.breakGlassKeeps(pattern)
	}
	if c.o.RootOptional && c.o.Writer != "" {
		w := newSubject(c.o.Writer, &rule.WriterLockout)
		c.keeps(w, catalog.PutKeyPolicy)
		c.keeps(w, catalog.GetKeyPolicy)
	}
}

func (c *checker) rootKeeps() {
	if account := c.o.Key.Account; account != "" {
		c.keeps(c.root(account), catalog.PutKeyPolicy)
		return
	}
	accounts := rootAccounts(c.p)
	for _, a := range accounts {
		if c.holder(c.root(a), catalog.PutKeyPolicy) == nil {
			continue
		}
		if c.hit(c.root(a), catalog.PutKeyPolicy) == nil {
			c.Value(&rule.LockoutUnknown, c.p.StatementsAt, "The key's account is not known here. The root of account "+a+" keeps kms:PutKeyPolicy; whether that is the key's account was not checked.")
			return
		}
	}
	account := "111122223333"
	if len(accounts) > 0 {
		account = accounts[0]
	}
	c.keeps(c.root(account), catalog.PutKeyPolicy)
}

func (c *checker) root(account string) subject {
	return newSubject(awsid.RootARN(c.o.Key.PartitionName(), account), &rule.RootLockout)
}

// rootAccounts lists the accounts whose root an Allow names.
func rootAccounts(p *document.Policy) []string {
	var accounts []string
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.Effect != document.Allow || s.NotPrincipal {
			continue
		}
		for _, q := range s.Principals {
			if q.WholeAccount() && (len(accounts) == 0 || accounts[len(accounts)-1] != q.Account) && len(accounts) < 16 {
				accounts = append(accounts, q.Account)
			}
		}
	}
	return accounts
}

func grantsSomeRoot(p *document.Policy) bool {
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.Effect != document.Allow || s.NotPrincipal || s.Acts&catalog.PutKeyPolicy == 0 || s.NotResource {
			continue
		}
		for _, q := range s.Principals {
			if q.WholeAccount() || q.Form == document.Anyone {
				return true
			}
		}
	}
	return false
}

func (c *checker) breakGlassKeeps(pattern string) {
	if strings.Contains(pattern, "{account}") && c.o.Key.Account == "" {
		c.Value(&rule.LockoutUnknown, c.p.StatementsAt, "The key's account is not known here, so it was not checked whether "+phrase.Quote(pattern)+" keeps kms:PutKeyPolicy.")
		return
	}
	arn := strings.ReplaceAll(pattern, "{account}", c.o.Key.Account)
	s := newSubject(arn, &rule.BreakGlassLockout)
	if c.o.Key.Account != "" && s.account != "" && s.account != c.o.Key.Account {
		c.Value(s.rule, c.p.StatementsAt, "The break-glass principal "+arn+" is not of the key's account "+c.o.Key.Account+", and KMS takes kms:PutKeyPolicy from no other: it can never repair this key. Declare it with {account} in place of the number.")
		return
	}
	c.keeps(s, catalog.PutKeyPolicy)
}

// keeps reports it where the subject has no unconditional permission, or where
// a Deny may take it away.
func (c *checker) keeps(who subject, act catalog.Set) {
	if c.holder(who, act) == nil {
		c.Value(who.rule, c.p.StatementsAt, c.noAllow(who, act.First().Name))
		return
	}
	if d := c.hit(who, act); d != nil {
		c.Value(who.rule, d.Node, "This Deny may take "+act.First().Name+" from "+who.describe()+": it cannot be shown that it never applies. Name others in it, leave the action out, or except the principal by ArnNotEquals on aws:PrincipalArn.")
	}
}

func (c *checker) noAllow(who subject, name string) string {
	message := "No statement allows " + name + " to " + who.describe() + " without a condition"
	if who.form == document.RootForm {
		return message + ", so the key could become impossible to repair. Add {\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"" + who.arn + "\"}, \"Action\": \"kms:*\", \"Resource\": \"*\"}."
	}
	return message + " and by its own ARN (permission through the account root does not count, because IAM cannot be seen from here). Add it to a statement that allows " + name + "."
}

// holder returns a statement that certainly allows the action to the subject.
func (c *checker) holder(who subject, act catalog.Set) *document.Statement {
	for i := range c.p.Statements {
		s := &c.p.Statements[i]
		if s.Effect == document.Allow && !s.NotPrincipal && !s.NotResource && s.Acts&act != 0 &&
			s.Conditionless() && c.coversKey(s) && who.named(s) {
			return s
		}
	}
	return nil
}

// coversKey reports whether a statement's Resource certainly is this key.
func (c *checker) coversKey(s *document.Statement) bool {
	for _, r := range s.Resources {
		if c.o.Key.Fits(r.Text) == facts.ThisKey {
			return true
		}
	}
	return false
}

// named reports whether an Allow names the subject. For the root, everybody
// includes it; anybody else must be named by ARN.
func (who subject) named(s *document.Statement) bool {
	for _, p := range s.Principals {
		if p.Kind != document.AWSPrincipal {
			continue
		}
		if p.Text == who.arn {
			return true
		}
		if who.form == document.RootForm && (p.Form == document.Anyone || p.Form == document.AccountID && p.Account == who.account) {
			return true
		}
	}
	return false
}
